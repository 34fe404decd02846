"""How well a model obeys: its masks, as an independent grader sees them, and its latent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.errors import UserError
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
from scgan.progress import progress

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.methods.graders import Grader
    from scgan.synthesizer import Synthesizer

Scores = dict[str, Any]  # JSON values, laid out as docs and other commands read them

_BATCH = 64
_DIVERSITY_MASKS = 256
_SEEDS_APART = 1_000_003  # latents of neighbouring seeds overlap; repeats of a measurement must not
_COLUMNS = ("floor", "model", "ceiling", "normalised")


def evaluate(
    synthesizer: Synthesizer, dataset: PreparedDataset, grader: Grader, seed: int = 0, split: str = "test"
) -> Scores:
    """Spatial consistency (section 5.8, Table 1) and the latent's effect, on one split.

    Returns:
        ``spatial.{pixel_accuracy,mean_iou}.{floor,model,ceiling,normalised}``, the same below
        ``spatial.per_class_iou.CLASS``, and ``diversity.latent_background``; beside each its 95 % ``interval``, and in
        both parts ``images``, ``seed``, ``split`` and ``data`` (the fingerprint), in ``spatial`` also ``grader``.
        What is undefined is None: a class that does not occur, a ceiling not above the floor.

    Raises:
        UserError: model and data differ in size, classes or attributes; the split has fewer than 2 items.
    """
    synthesizer.schema.require_same(dataset.schema, "the model", str(dataset.path))
    rows = dataset.split(split)
    if len(rows) < 2:
        raise UserError(f"{dataset.path} has 1 item in its {split} split: at least 2 are needed, to shuffle them.")
    about = {"seed": seed, "split": split, "data": dataset.fingerprint}
    return {
        "spatial": {**spatial_consistency(synthesizer, dataset, grader, rows, seed), **about},
        "diversity": {**diversity(synthesizer, dataset, rows, seed), **about},
    }


def spatial_consistency(
    synthesizer: Synthesizer, dataset: PreparedDataset, grader: Grader, rows: NDArray[np.int64], seed: int
) -> Scores:
    """How often the grader sees, in an image made from a mask, what the mask asked for (section 5.8).

    The model gets mask and attributes of the same item and a latent of its own. The ceiling is what the grader sees in
    the items' real images; the floor compares this with the masks of other items, none with its own.
    """
    schema = dataset.schema
    latent = synthesizer.sample_latent(len(rows), seed * _SEEDS_APART)
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
    accuracy, mean, *classes = (_row(*row) for row in zip(values, low, high, strict=True))
    return {
        "pixel_accuracy": accuracy,
        "mean_iou": mean,
        "per_class_iou": dict(zip(schema.class_names, classes, strict=True)),
        "images": len(rows),
        "grader": grader.name,
    }


def diversity(synthesizer: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], seed: int) -> Scores:
    """How much the latent changes where nothing else decides: in the background, mask and attributes fixed."""
    rows = np.sort(np.random.default_rng(seed).permutation(rows)[:_DIVERSITY_MASKS])
    latent = synthesizer.sample_latent(2 * len(rows), seed * _SEEDS_APART)
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
        "latent_background": _number(latent_background_diversity(items.sum(0))),
        "interval": {"latent_background": [_number(end) for end in interval]},
        "images": len(rows),
    }


def table(scores: Scores) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of text, for the screen and the report; what is the model's comes with its interval."""

    def cells(values: dict[str, Any]) -> list[str]:
        return [
            _text(values[column], values["interval"][column] if column in ("model", "normalised") else None)
            for column in _COLUMNS
        ]

    spatial, latent = scores["spatial"], scores["diversity"]
    rows = [
        ("pixel accuracy", *cells(spatial["pixel_accuracy"])),
        ("mean IoU", *cells(spatial["mean_iou"])),
        *((f"IoU of {name}", *cells(values)) for name, values in spatial["per_class_iou"].items()),
        (
            "latent’s effect on the background",
            "",
            _text(latent["latent_background"], latent["interval"]["latent_background"]),
            "",
            "",
        ),
    ]
    return ("", *_COLUMNS), rows


def _statistics(matrices: Floats) -> Floats:
    """Confusion matrices of floor, model and ceiling (…, 3, C, C) → (…, 2 + C, 4).

    Rows are pixel accuracy, mean IoU and the IoU of each class; columns are ``_COLUMNS``.
    """
    values = np.concatenate(
        [pixel_accuracy(matrices)[..., None], mean_iou(matrices)[..., None], per_class_iou(matrices)], axis=-1
    )
    floor, model, ceiling = np.moveaxis(values, -2, 0)
    return np.stack([floor, model, ceiling, normalised(model, floor, ceiling)], axis=-1)


def _row(values: Floats, low: Floats, high: Floats) -> Scores:
    ends = [[_number(a), _number(b)] for a, b in zip(low, high, strict=True)]
    return {
        **dict(zip(_COLUMNS, map(_number, values), strict=True)),
        "interval": dict(zip(_COLUMNS, ends, strict=True)),
    }


def _number(value: Any) -> float | None:
    """JSON has no NaN."""
    return round(float(value), 6) if np.isfinite(value) else None


def _text(value: float | None, interval: list[float | None] | None) -> str:
    if value is None:
        return "–"
    if interval is None or None in interval:
        return f"{value:.4f}"
    return f"{value:.4f} [{interval[0]:.3f}, {interval[1]:.3f}]"
