"""Tests of the page: values are escaped, images are inside, sections are listed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scgan.reports.curves import curve
from scgan.reports.page import Figure, PageImage, Section, write_page
from scgan.utils.tables import Table

IMAGE = PageImage(np.zeros((4, 6, 3), np.uint8), 'alt "<b>"', pixelated=True)
SECTIONS = [
    Section("<b>", "table", {"table": Table(["<b>"], [["<b>", "<b>"]], caption="<b>")}),
    Section("Settings", "settings", {"settings": "<b>"}),
    Section("Figures", "figures", {"figures": [Figure(IMAGE, "<b>")]}),
    Section("Grid", "grid", {"columns": ["<b>"], "rows": ["<b>"], "images": [[IMAGE]]}),
    Section("Losses", "losses", {"curves": [(curve(np.arange(1.0, 9), np.ones(8), "<b>"), "<b>")]}),
]


@pytest.fixture
def page(tmp_path: Path) -> str:
    write_page(tmp_path / "page.html", "<b>", "<b>", SECTIONS)
    return (tmp_path / "page.html").read_text(encoding="utf-8")


def test_values_are_escaped(page: str) -> None:
    assert "<b>" not in page and page.count("&lt;b&gt;") >= 15


def test_every_section_is_listed_at_the_top(page: str) -> None:
    for number in range(len(SECTIONS)):
        assert f'<a href="#part-{number}">' in page and f'<section id="part-{number}">' in page


def test_images_have_size_description_and_content(page: str) -> None:
    tag = 'alt="alt &#34;&lt;b&gt;&#34;" width="6" height="4" class="pixelated">'
    assert page.count(tag) == 2 and page.count("data:image/png;base64,") == 2


def test_the_style_knows_dark_mode_and_paper(page: str) -> None:
    assert "prefers-color-scheme: dark" in page and "@media print" in page
    assert "http" not in page  # the page loads nothing


def test_a_missing_value_is_an_error(tmp_path: Path) -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        write_page(tmp_path / "page.html", "title", "lead", [Section("Settings", "settings", {})])
    assert not (tmp_path / "page.html").exists()
