"""Tests of the figures of a comparison."""

from __future__ import annotations

from pathlib import Path

from scgan.comparison.page import once_each
from scgan.comparison.runs import Finished


def test_figures_show_every_run_once_with_both_titles() -> None:
    one, two = Finished(Path("one"), {}), Finished(Path("two"), {})
    shown = [("SCGAN", one), ("Pix2Pix", two), ("SCGAN, segmentor first, then fixed", one)]
    assert once_each(shown) == [("SCGAN, here segmentor first, then fixed", one), ("Pix2Pix", two)]
