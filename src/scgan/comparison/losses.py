"""Losses of a run, from its log: curves, shares of the terms, spread (Figure 10)."""

from __future__ import annotations

from typing import Any

import numpy as np

from scgan.evaluation.metrics import Floats, spread
from scgan.evaluation.scores import number

_POINTS = 300
MIN_WINDOW = 8  # lines; an average over very few would follow every oscillation


def describe_losses(log: list[dict[str, Any]]) -> dict[str, Any]:
    """Sum up a log, by update (discriminator, generator, …).

    A term that is computed only every few steps (a penalty) would add oscillations, so ``total`` is the sum of the
    terms that stand in every line of the update.

    Returns:
        For each update ``steps`` and ``total`` (at most 300 points, means of neighbours), ``spread`` (standard
        deviation of the total around its moving average over a twentieth of the log, at least 8 lines) and ``shares``
        (of each term in the sum of mean absolute values, over the last tenth). The spread is None with fewer than 20
        lines.
    """
    described: dict[str, Any] = {}
    names = dict.fromkeys(name for line in log for name in line if "/" in name)
    for update in dict.fromkeys(name.partition("/")[0] for name in names):
        lines = [line for line in log if any(name.startswith(f"{update}/") for name in line)]
        terms = [name for name in names if name.startswith(f"{update}/")]
        always = [name for name in terms if all(name in line for line in lines)]
        steps = np.array([line["step"] for line in lines], np.float64)
        total = np.array([sum(line[name] for name in always) for line in lines], np.float64)
        last = lines[-max(1, len(lines) // 10) :]
        sizes = {name: float(np.mean([abs(line[name]) for line in last if name in line] or [0.0])) for name in terms}
        size_sum = sum(sizes.values()) or 1.0
        described[update] = {
            "steps": _thinned(steps),
            "total": _thinned(total),
            "spread": number(spread(total, max(MIN_WINDOW, len(total) // 20))) if len(total) >= 20 else None,
            "shares": {name.partition("/")[2]: number(size / size_sum) for name, size in sizes.items()},
        }
    return described


def _thinned(values: Floats) -> list[float | None]:
    return [number(part.mean()) for part in np.array_split(values, min(_POINTS, len(values)))]
