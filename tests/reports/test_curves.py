"""Tests of the layout of loss curves."""

from __future__ import annotations

import numpy as np

from scgan.reports.curves import curve


def test_a_curve_spans_its_area() -> None:
    x = np.arange(1.0, 1001)
    drawn = curve(x, 1 / x, "loss")
    assert drawn.label.startswith("loss: from") and drawn.label.endswith("at step 1000")
    points = [tuple(map(float, point.split(","))) for point in drawn.values.split()]
    assert len(points) <= 400
    assert points[0][0] == drawn.left and points[-1][0] <= drawn.right
    assert all(drawn.top - 3 <= y <= drawn.bottom for _, y in points)


def test_a_curve_of_one_point() -> None:
    drawn = curve(np.array([5.0]), np.array([2.0]), "loss")
    assert "nan" not in drawn.values + drawn.averages + drawn.label
