"""How well a model obeys its labels, as an independent classifier sees them, and what else moves with a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.metrics import Floats, background_change, bootstrap_interval, derangement, normalised
from scgan.evaluation.scores import SEEDS_APART, Scores, number, score_row, subset
from scgan.schema import Schema
from scgan.utils.progress import progress

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.graders.grader import AttributeGrader
    from scgan.inference.synthesizer import Synthesizer

Labels = NDArray[np.float32]

_BATCH = 64
_LEAKAGE_MASKS = 128
_LEAKAGE_ATTRIBUTES = 8


def attribute_control(
    synthesizer: Synthesizer, dataset: PreparedDataset, grader: AttributeGrader, rows: NDArray[np.int64], seed: int
) -> Scores:
    """How often the grader sees the label that was asked for.

    Every mask is joined by the label of another item, so that the mask cannot give the answer. Floor: the grader's
    judgement of real photos against those labels; ceiling: against their own.

    Returns:
        ``accuracy``, the mean over attributes, and ``per_attribute.NAME``, each with floor, model, ceiling, normalised
        and their ``interval``; a group of attributes that exclude each other counts as one. ``leakage``: see
        ``label_leakage``. ``images``, ``grader``.
    """
    latent = synthesizer.sample_latent(len(rows), seed * SEEDS_APART)
    others = rows[derangement(len(rows), seed)]
    parts = []
    with progress("attributes", len(rows)) as advance:
        for first in range(0, len(rows), _BATCH):
            part = slice(first, first + _BATCH)
            asked, own = dataset.attributes[others[part]], dataset.attributes[rows[part]]
            fakes = synthesizer.generate(dataset.segmentations[rows[part]], asked, latent[part])
            in_fakes, in_photos = grader.probabilities(fakes), grader.probabilities(dataset.images[rows[part]])
            comparisons = ((asked, in_photos), (asked, in_fakes), (own, in_photos))
            parts.append(np.stack([agreement(true, seen, dataset.schema) for true, seen in comparisons], axis=1))
            advance(len(own), "")
    items = np.concatenate(parts)  # (N, 3, K): floor, model, ceiling

    values = _statistics(items.mean(0))
    low, high = bootstrap_interval(items, _statistics, seed)
    accuracy, *each = (score_row(*ends) for ends in zip(values, low, high, strict=True))
    return {
        "accuracy": accuracy,
        "per_attribute": dict(zip(judged_names(dataset.schema), each, strict=True)),
        "leakage": label_leakage(synthesizer, dataset, grader, rows, seed),
        "images": len(rows),
        "grader": grader.name,
    }


def judged_names(schema: Schema) -> list[str]:
    """What ``agreement`` judges: every attribute that stands alone, then every group by the name of its column."""
    grouped = {name for group in schema.attribute_groups for name in group}
    alone = [name for name in schema.attribute_names if name not in grouped]
    return [*alone, *(group[0].partition("=")[0] for group in schema.attribute_groups)]


def agreement(true: NDArray[Any], seen: NDArray[Any], schema: Schema) -> Floats:
    """Whether labels are seen as they are.

    Args:
        true: (N, n_c) in [0, 1].
        seen: probabilities (N, n_c).
        schema: names and groups.

    Returns:
        (N, K) of zeros and ones, in the order of ``judged_names``. Alone, an attribute is seen above one half; of a
        group the most probable is seen, or none where all lie below one half and none was asked for.
    """
    columns = []
    grouped = {name for group in schema.attribute_groups for name in group}
    for index, name in enumerate(schema.attribute_names):
        if name not in grouped:
            columns.append((true[:, index] >= 0.5) == (seen[:, index] >= 0.5))
    for group in schema.attribute_groups:
        indices = [schema.attribute_names.index(name) for name in group]
        wanted, found = true[:, indices], seen[:, indices]
        none = wanted.max(1) < 0.5
        columns.append(np.where(none, found.max(1) < 0.5, wanted.argmax(1) == found.argmax(1)))
    return np.stack(columns, 1).astype(np.float64)


def label_leakage(
    synthesizer: Synthesizer, dataset: PreparedDataset, grader: AttributeGrader, rows: NDArray[np.int64], seed: int
) -> Scores:
    """What moves when one label is switched on, mask and latent fixed, averaged over attributes.

    Returns:
        ``effect``: how much more probable the attribute itself becomes; ``other_attributes``: the mean absolute change
        of the others' probabilities (but those it excludes); ``background_pixels`` and ``other_pixels``: the mean
        absolute change of pixels in the background and elsewhere (pictures in [0, 1]). With ``interval`` and ``images``
        (the number of masks).
    """
    schema = dataset.schema
    rows = subset(rows, _LEAKAGE_MASKS, seed)
    masks, base = dataset.segmentations[rows], dataset.attributes[rows]
    latent = synthesizer.sample_latent(len(rows), seed * SEEDS_APART)
    commonest = np.argsort(-dataset.attributes.mean(0), kind="stable")[:_LEAKAGE_ATTRIBUTES]
    everything_else = np.where(masks == 0, 1, 0)  # as a mask whose background is what is not background
    sums = np.zeros((len(rows), 8))  # effect, others, background, elsewhere, and what each is divided by
    with progress("leakage", len(commonest)) as advance:
        for index in commonest:
            off, on, excluded = switched(base, int(index), schema)
            before, after = (synthesizer.generate(masks, label, latent) for label in (off, on))
            change = grader.probabilities(after) - grader.probabilities(before)
            others = np.abs(np.delete(change, excluded, axis=1))
            pixels = [background_change(before, after, mask) for mask in (masks, everything_else)]
            sums[:, :4] += np.stack([change[:, index], others.sum(1), *(part[:, 0] for part in pixels)], 1)
            counts = [np.ones(len(rows)), np.full(len(rows), others.shape[1]), *(part[:, 1] for part in pixels)]
            sums[:, 4:] += np.stack(counts, 1)
            advance(1, schema.attribute_names[index])
    names = ("effect", "other_attributes", "background_pixels", "other_pixels")
    values = _quotients(sums.mean(0))
    ends = bootstrap_interval(sums, _quotients, seed).T
    return {
        **dict(zip(names, map(number, values), strict=True)),
        "interval": {name: [number(low), number(high)] for name, (low, high) in zip(names, ends, strict=True)},
        "images": len(rows),
    }


def switched(
    base: NDArray[np.float32], index: int, schema: Schema
) -> tuple[NDArray[np.float32], NDArray[np.float32], list[int]]:
    """Labels (N, n_c) with one attribute off and on, and the indices of it and of what it excludes.

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


def _statistics(shares: Floats) -> Floats:
    """Agreement with floor, model and ceiling (…, 3, K) → (…, 1 + K, 4): the mean over attributes, then each."""
    values = np.concatenate([shares.mean(-1, keepdims=True), shares], axis=-1)
    floor, model, ceiling = np.moveaxis(values, -2, 0)
    return np.stack([floor, model, ceiling, normalised(model, floor, ceiling)], axis=-1)


def _quotients(sums: Floats) -> Floats:
    above, below = sums[..., :4], sums[..., 4:]
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below != 0)
