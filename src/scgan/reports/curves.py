"""Loss curves: the geometry of a small drawing, which a template turns into SVG."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_MAX_POINTS = 400  # more points than pixels only make the file large


class Curve(NamedTuple):
    """A line over its own moving average, in units of the drawing.

    Attributes:
        label: describes the curve to those who cannot see it.
        values, averages: points ``x,y`` of the line and of its moving average, separated by spaces.
        low, high: texts at the bottom and at the top of the vertical axis.
        first, last: texts at both ends of the horizontal axis.
        width, height: size of the drawing.
        left, right, top, bottom: edges of the area in which the lines are drawn.
    """

    label: str
    values: str
    averages: str
    low: str
    high: str
    first: str
    last: str
    width: int = 320
    height: int = 150
    left: int = 40
    right: int = 316
    top: int = 4
    bottom: int = 132


def curve(x: NDArray[np.float64], y: NDArray[np.float64], name: str) -> Curve:
    """Lay out a curve.

    Args:
        x: steps, ascending, (n,).
        y: finite, (n,); the largest and smallest 1 % may leave the area.
        name: of y, for the label.
    """
    low, high = np.quantile(y, [0.01, 0.99])
    window = max(1, len(y) // 20)
    padded = np.pad(y, (window // 2, window - 1 - window // 2), mode="edge")
    averages = np.convolve(padded, np.full(window, 1 / window), mode="valid")
    size = Curve._field_defaults
    across = size["left"] + (x - x[0]) / ((x[-1] - x[0]) or 1.0) * (size["right"] - size["left"])
    step = -(-len(x) // _MAX_POINTS)

    def points(values: NDArray[np.float64]) -> str:
        share = np.clip((values - low) / (high - low or 1.0), -0.02, 1.02)
        down = size["top"] + (1 - share) * (size["bottom"] - size["top"] - 4)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across[::step], down[::step], strict=True))

    return Curve(
        label=f"{name}: from {averages[0]:.3g} at step {x[0]:.0f} to {averages[-1]:.3g} at step {x[-1]:.0f}",
        values=points(y),
        averages=points(averages),
        low=f"{low:.3g}",
        high=f"{high:.3g}",
        first=f"{x[0]:.0f}",
        last=f"{x[-1]:.0f}",
    )
