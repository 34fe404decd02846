"""How scores are laid out: JSON values, each beside its interval."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.metrics import Floats

Scores = dict[str, Any]  # JSON values, laid out as docs and other commands read them

COLUMNS = ("floor", "model", "ceiling", "normalised")
SEEDS_APART = 1_000_003  # latents of neighbouring seeds overlap; repeats of a measurement must not


def score_row(values: Floats, low: Floats, high: Floats) -> Scores:
    """Four numbers by their ``COLUMNS``, with the ends of their intervals."""
    ends = [[number(a), number(b)] for a, b in zip(low, high, strict=True)]
    return {**dict(zip(COLUMNS, map(number, values), strict=True)), "interval": dict(zip(COLUMNS, ends, strict=True))}


def number(value: Any) -> float | None:
    """Rounded; JSON has no NaN."""
    return round(float(value), 6) if np.isfinite(value) else None


def text(value: float | None, interval: list[float | None] | None) -> str:
    """For people: the value and, where there is one, its interval."""
    if value is None:
        return "–"
    if interval is None or None in interval:
        return f"{value:.4f}"
    return f"{value:.4f} [{interval[0]:.3f}, {interval[1]:.3f}]"


# The numbers by which models are compared, and where they stand among the scores.
_KEY_SCORES = {
    "masks obeyed (pixel accuracy, normalised)": ("spatial", "pixel_accuracy", "normalised"),
    "mean IoU, normalised": ("spatial", "mean_iou", "normalised"),
    "labels obeyed (accuracy, normalised)": ("attributes", "accuracy", "normalised"),
    "latent’s effect": ("diversity", "latent_background"),
}


def key_scores(scores: Scores) -> list[tuple[str, str]]:
    """The few numbers that say most, each with its title; what was not measured is left out."""
    found = []
    for title, path in _KEY_SCORES.items():
        value: Any = scores
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if isinstance(value, int | float):
            found.append((title, f"{value:.3f}"))
    return found


def subset(rows: NDArray[np.int64], most: int, seed: int) -> NDArray[np.int64]:
    """At most ``most`` of ``rows``, chosen by ``seed``, ascending."""
    return np.sort(np.random.default_rng(seed).permutation(rows)[:most])
