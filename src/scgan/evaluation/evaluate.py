"""How well a model obeys: its masks, as an independent grader sees them, and its latent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.attributes import attribute_control
from scgan.evaluation.metrics import (
    Floats,
    background_change,
    bootstrap_interval,
    confusion_matrices,
    derangement,
    latent_background_diversity,
    mean_iou,
    normalised,
    per_class_iou,
    pixel_accuracy,
)
from scgan.evaluation.scores import COLUMNS, SEEDS_APART, Scores, number, score_row, subset, text
from scgan.utils.errors import UserError
from scgan.utils.progress import progress

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.evaluation.features import Features
    from scgan.graders.grader import AttributeGrader, Grader
    from scgan.inference.synthesizer import Synthesizer

_BATCH = 64
_DIVERSITY_MASKS = 256


def evaluate(
    synthesizer: Synthesizer,
    dataset: PreparedDataset,
    grader: Grader,
    seed: int = 0,
    split: str = "test",
    attribute_grader: AttributeGrader | None = None,
    features: Sequence[Features] = (),
) -> Scores:
    """Spatial consistency (section 5.8, Table 1) and the latent's effect, on one split; more where it is asked for.

    Args:
        synthesizer, dataset, grader: the model, what it is asked for, and who judges.
        seed: decides latents and shuffled pairs.
        split: of the data set.
        attribute_grader: judges the labels; without one they are not judged.
        features: what pictures and photos are compared by; without any they are not compared.

    Returns:
        ``spatial.{pixel_accuracy,mean_iou}.{floor,model,ceiling,normalised}``, the same below
        ``spatial.per_class_iou.CLASS``, and ``diversity.latent_background``; beside each its 95 % ``interval``, and in
        both parts ``images``, ``seed``, ``split`` and ``data`` (the fingerprint), in ``spatial`` also ``grader``.
        ``attributes`` is laid out as by ``attribute_control``, ``realism`` as by ``scgan.evaluation.realism.realism``.
        What is undefined is None: a class that does not occur, a ceiling not above the floor.

    Raises:
        UserError: model and data differ in size, classes or attributes; the split has fewer than 2 items.
    """
    synthesizer.schema.require_same(dataset.schema, "the model", str(dataset.path))
    rows = rows_to_judge(dataset, split)
    about = {"seed": seed, "split": split, "data": dataset.fingerprint}
    scores = {
        "spatial": {**spatial_consistency(synthesizer, dataset, grader, rows, seed), **about},
        "diversity": {**diversity(synthesizer, dataset, rows, seed), **about},
    }
    if attribute_grader is not None:
        scores["attributes"] = {**attribute_control(synthesizer, dataset, attribute_grader, rows, seed), **about}
    if features:
        from scgan.evaluation.realism import realism

        scores["realism"] = {**realism(synthesizer, dataset, features, rows, seed), **about}
    return scores


def rows_to_judge(dataset: PreparedDataset, split: str = "test") -> NDArray[np.int64]:
    """The rows of a split that is large enough to be judged by.

    Raises:
        UserError: it has fewer than 2 items.
    """
    rows = dataset.split(split)
    if len(rows) < 2:
        raise UserError(f"{dataset.path} has 1 item in its {split} split: at least 2 are needed, to shuffle them.")
    return rows


def spatial_consistency(
    synthesizer: Synthesizer, dataset: PreparedDataset, grader: Grader, rows: NDArray[np.int64], seed: int
) -> Scores:
    """How often the grader sees, in an image made from a mask, what the mask asked for (section 5.8).

    The model gets mask and attributes of the same item and a latent of its own. The ceiling is what the grader sees in
    the items' real images; the floor compares this with the masks of other items, none with its own.
    """
    schema = dataset.schema
    latent = synthesizer.sample_latent(len(rows), seed * SEEDS_APART)
    others = rows[derangement(len(rows), seed)]
    parts = []
    with progress("spatial consistency", len(rows)) as advance:
        for first in range(0, len(rows), _BATCH):
            part = slice(first, first + _BATCH)
            masks = dataset.segmentations[rows[part]]
            fakes = synthesizer.generate(masks, dataset.attributes[rows[part]], latent[part])
            in_fakes, in_photos = grader.segment(fakes), grader.segment(dataset.images[rows[part]])
            comparisons = (
                (dataset.segmentations[others[part]], in_photos),
                (masks, in_fakes),
                (masks, in_photos),
            )
            matrices = [confusion_matrices(true, seen, schema.class_count) for true, seen in comparisons]
            parts.append(np.stack(matrices, axis=1))
            advance(len(masks), "")
    items = np.concatenate(parts)  # (N, 3, C, C): floor, model, ceiling

    values = _statistics(items.mean(0))
    low, high = bootstrap_interval(items, _statistics, seed)
    accuracy, mean, *classes = (score_row(*row) for row in zip(values, low, high, strict=True))
    return {
        "pixel_accuracy": accuracy,
        "mean_iou": mean,
        "per_class_iou": dict(zip(schema.class_names, classes, strict=True)),
        "images": len(rows),
        "grader": grader.name,
    }


def diversity(synthesizer: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], seed: int) -> Scores:
    """How much the latent changes where nothing else decides: in the background, mask and attributes fixed."""
    rows = subset(rows, _DIVERSITY_MASKS, seed)
    latent = synthesizer.sample_latent(2 * len(rows), seed * SEEDS_APART)
    parts = []
    with progress("diversity", len(rows)) as advance:
        for first in range(0, len(rows), _BATCH):
            part = slice(first, first + _BATCH)
            masks, attributes = dataset.segmentations[rows[part]], dataset.attributes[rows[part]]
            one, other = (
                synthesizer.generate(masks, attributes, half[part])
                for half in (latent[: len(rows)], latent[len(rows) :])
            )
            parts.append(background_change(one, other, masks))
            advance(len(masks), "")
    items = np.concatenate(parts)
    interval = bootstrap_interval(items, latent_background_diversity, seed)
    return {
        "latent_background": number(latent_background_diversity(items.sum(0))),
        "interval": {"latent_background": [number(end) for end in interval]},
        "images": len(rows),
    }


def table(scores: Scores) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of text, for the screen and the report; what is the model's comes with its interval."""

    def cells(values: dict[str, Any]) -> list[str]:
        return [
            text(values[column], values["interval"][column] if column in ("model", "normalised") else None)
            for column in COLUMNS
        ]

    spatial, latent = scores["spatial"], scores["diversity"]
    rows = [
        ("pixel accuracy", *cells(spatial["pixel_accuracy"])),
        ("mean IoU", *cells(spatial["mean_iou"])),
        *((f"IoU of {name}", *cells(values)) for name, values in spatial["per_class_iou"].items()),
        (
            "latent’s effect on the background",
            "",
            text(latent["latent_background"], latent["interval"]["latent_background"]),
            "",
            "",
        ),
    ]
    if "attributes" in scores:
        labels = scores["attributes"]
        rows.append(("attribute accuracy", *cells(labels["accuracy"])))
        rows += [(f"accuracy of {name}", *cells(values)) for name, values in labels["per_attribute"].items()]
        leakage = labels["leakage"]
        rows += [
            (title, "", text(leakage[name], leakage["interval"][name]), "", "")
            for name, title in _LEAKAGE_TITLES.items()
        ]
    rows += [
        (title, "", text(values["model"], values["interval"]), text(values["photos"], None), "")
        for title, values in [*realism_values(scores), *_nearest(scores)]
    ]
    return ("", *COLUMNS), rows


_LEAKAGE_TITLES = {
    "effect": "a label’s effect on its attribute",
    "other_attributes": "… on other attributes",
    "background_pixels": "… on background pixels",
    "other_pixels": "… on other pixels",
}


def realism_values(scores: Scores) -> list[tuple[str, Scores]]:
    """Each measure of realism by its title; the kernel distance leads where images are fewer than features."""
    realism = scores.get("realism", {})
    found = []
    for values in realism.values():
        if not isinstance(values, dict) or "frechet" not in values:
            continue
        distances = [(values[kind]["name"], values[kind]) for kind in ("frechet", "kernel")]
        if realism["images"] < values["feature_count"]:
            name, distance = distances[0]
            distances = [distances[1], (f"{name}, fewer images than features", distance)]
        found += [*distances, (f"distance of pairs, {distances[0][0].split(' ', 1)[-1]}", values["pair_distance"])]
    if "outline_step" in realism:
        found.append(("colour step across the outline", realism["outline_step"]))
    return found


def _nearest(scores: Scores) -> list[tuple[str, Scores]]:
    """How far pictures are from the nearest training photo, by each set of features."""
    return [
        (
            f"distance to the nearest training photo, {values['kernel']['name'].split(' ', 1)[-1]}",
            values["nearest_photo"],
        )
        for values in scores.get("realism", {}).values()
        if isinstance(values, dict) and "nearest_photo" in values
    ]


def _statistics(matrices: Floats) -> Floats:
    """Confusion matrices of floor, model and ceiling (…, 3, C, C) → (…, 2 + C, 4).

    Rows are pixel accuracy, mean IoU and the IoU of each class; columns are ``COLUMNS``.
    """
    values = np.concatenate(
        [pixel_accuracy(matrices)[..., None], mean_iou(matrices)[..., None], per_class_iou(matrices)], axis=-1
    )
    floor, model, ceiling = np.moveaxis(values, -2, 0)
    return np.stack([floor, model, ceiling, normalised(model, floor, ceiling)], axis=-1)


def read_scores(run: Path, of_model: Scores | None) -> Scores | None:
    """What ``scgan evaluate`` wrote into a run's scores.json, else what the model itself brings, else None.

    Raises:
        UserError: these are no scores.
    """
    file = run / "scores.json"
    if not file.is_file() and of_model is None:
        return None
    try:
        scores: Any = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else of_model
        table(scores)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = file if file.is_file() else f"the model.json of {run}"
        raise UserError(f"{what} does not hold scores: make them again with `scgan evaluate --out {file}`.") from error
    return {**scores}
