"""Attribute accuracy, as an independent classifier judges it, and leakage of attributes into the rest of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.generation import BATCH, Generation
from scgan.evaluation.measures import ATTRIBUTES, LEAKAGE
from scgan.evaluation.metrics import Floats, background_change, bootstrap_interval, derangement
from scgan.evaluation.scores import Scores, graded_scores, scalar_scores, subset
from scgan.schema import IGNORED, Schema
from scgan.utils.batching import batches
from scgan.utils.progress import progress

if TYPE_CHECKING:
    from scgan.graders.grader import AttributeGrader

Attributes = NDArray[np.float32]

_LEAKAGE_MASKS = 128
_LEAKAGE_ATTRIBUTES = 8


def attribute_control(generation: Generation, grader: AttributeGrader, rows: NDArray[np.int64], seed: int) -> Scores:
    """Agreement of the requested attributes with those that the grader sees.

    Every mask is combined with the attributes of another item, so that the mask cannot give the answer. Floor: the
    grader's judgement of real images against those attributes; ceiling: against their own.

    Returns:
        ``accuracy``, the mean over attributes, and ``per_attribute.NAME``, each with floor, model, ceiling, normalised
        and their ``interval``; a group of attributes that exclude each other counts as one. ``leakage``: see
        ``attribute_leakage``. ``images``, ``grader``.
    """
    dataset = generation.dataset
    shuffled = dataset.attributes[rows[derangement(len(rows), seed)]]
    batched = generation.images(rows, shuffled, generation.latents(len(rows), seed))
    parts = []
    with progress("attributes", len(rows)) as advance:
        for part, generated in zip(batches(len(rows), BATCH), batched, strict=True):
            requested, own = shuffled[part], dataset.attributes[rows[part]]
            in_generated, in_real = grader.probabilities(generated), grader.probabilities(dataset.images[rows[part]])
            pairs = ((requested, in_real), (requested, in_generated), (own, in_real))
            parts.append(np.stack([agreement(true, seen, dataset.schema) for true, seen in pairs], axis=1))
            advance(len(own), "")
    items = np.concatenate(parts)  # (N, 3, K): floor, model, ceiling
    return {
        **graded_scores(ATTRIBUTES, items, judged_names(dataset.schema), seed),
        "leakage": attribute_leakage(generation, grader, rows, seed),
        "images": len(rows),
        "grader": grader.name,
    }


def judged_names(schema: Schema) -> list[str]:
    """Names of the columns of ``agreement``: single attributes, then each group by the name of its column."""
    grouped = {name for group in schema.attribute_groups for name in group}
    single = [name for name in schema.attribute_names if name not in grouped]
    return [*single, *(group[0].partition("=")[0] for group in schema.attribute_groups)]


def agreement(true: NDArray[Any], seen: NDArray[Any], schema: Schema) -> Floats:
    """Agreement of attributes with those that a classifier sees.

    Args:
        true: (N, n_c) in [0, 1].
        seen: probabilities (N, n_c).
        schema: names and groups.

    Returns:
        (N, K) of zeros and ones, in the order of ``judged_names``. A single attribute is seen above one half; of a
        group the most probable is seen, or none where all lie below one half and none was asked for.
    """
    columns = []
    grouped = {name for group in schema.attribute_groups for name in group}
    for index, name in enumerate(schema.attribute_names):
        if name not in grouped:
            columns.append((true[:, index] >= 0.5) == (seen[:, index] >= 0.5))
    for group in schema.attribute_groups:
        indices = [schema.attribute_names.index(name) for name in group]
        group_true, group_seen = true[:, indices], seen[:, indices]
        none = group_true.max(1) < 0.5
        columns.append(np.where(none, group_seen.max(1) < 0.5, group_true.argmax(1) == group_seen.argmax(1)))
    return np.stack(columns, 1).astype(np.float64)


def attribute_leakage(generation: Generation, grader: AttributeGrader, rows: NDArray[np.int64], seed: int) -> Scores:
    """Changes when one attribute is switched on, with mask and latent fixed, averaged over the commonest attributes.

    Returns:
        ``effect``: increase of the attribute's own probability; ``other_attributes``: mean absolute change of the
        others' probabilities (without those it excludes); ``background_pixels`` and ``other_pixels``: mean absolute
        change of pixels in the background and elsewhere (images in [0, 1]). With ``interval`` and ``images`` (the
        number of masks).
    """
    dataset, schema = generation.dataset, generation.dataset.schema
    rows = subset(rows, _LEAKAGE_MASKS, seed)
    masks, base = dataset.segmentations[rows], dataset.attributes[rows]
    latents = generation.latents(len(rows), seed)
    commonest = np.argsort(-dataset.attributes.mean(0), kind="stable")[:_LEAKAGE_ATTRIBUTES]
    # Masks in which foreground and background have changed places.
    inverted = np.where(masks == IGNORED, IGNORED, np.where(masks == 0, 1, 0))
    sums = np.zeros((len(rows), 4, 2))  # effect, other attributes, background, elsewhere: sums and counts
    with progress("leakage", len(commonest)) as advance:
        for index in commonest:
            off, on, excluded = switched(base, int(index), schema)
            before, after = (
                np.concatenate(list(generation.images(rows, attributes, latents))) for attributes in (off, on)
            )
            change = grader.probabilities(after) - grader.probabilities(before)
            others = np.abs(np.delete(change, excluded, axis=1))
            sums[:, 0] += np.stack([change[:, index], np.ones(len(rows))], -1)
            sums[:, 1] += np.stack([others.sum(1), np.full(len(rows), others.shape[1])], -1)
            sums[:, 2] += background_change(before, after, masks)
            sums[:, 3] += background_change(before, after, inverted)
            advance(1, schema.attribute_names[index])
    values, intervals = {}, {}
    for column, metric in enumerate(LEAKAGE):
        name = metric.path.split(".")[-1]
        values[name] = metric.function(sums[:, column].mean(0))
        intervals[name] = bootstrap_interval(sums[:, column], metric.function, seed)
    return {**scalar_scores(values, intervals), "images": len(rows)}


def switched(base: Attributes, index: int, schema: Schema) -> tuple[Attributes, Attributes, list[int]]:
    """Switch one attribute off and on: two arrays (N, n_c), and the indices of it and of those it excludes.

    Attributes of the same group are off in both, so that nothing but this one differs.
    """
    name = schema.attribute_names[index]
    excluded = {index}
    for group in schema.attribute_groups:
        if name in group:
            excluded |= {schema.attribute_names.index(other) for other in group}
    off = base.copy()
    off[:, sorted(excluded)] = 0
    on = off.copy()
    on[:, index] = 1
    return off, on, sorted(excluded)
