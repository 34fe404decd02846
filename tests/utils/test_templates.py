"""Tests of the template environment, on a package made for the test."""

from __future__ import annotations

from pathlib import Path

import jinja2
import numpy as np
import pytest

from scgan.utils.tables import Table
from scgan.utils.templates import render


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "some_pages" / "templates").mkdir(parents=True)
    (tmp_path / "some_pages" / "__init__.py").touch()
    folder = tmp_path / "some_pages" / "templates"
    (folder / "page.html").write_text('{{ name }}<img src="{{ image | png }}">')
    (folder / "card.md").write_text("{{ name }}\n\n{{ table | markdown }}\n")
    monkeypatch.syspath_prepend(tmp_path)
    return "some_pages"


def test_html_is_escaped_and_markdown_is_not(package: str) -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    page = render(package, "page.html", name="<b>", image=image)
    assert page.startswith('&lt;b&gt;<img src="data:image/png;base64,') and page.endswith('">')
    card = render(package, "card.md", name="<b>", table=Table(("", "model"), [("a", "1")]))
    assert card == "<b>\n\n|  | model |\n| --- | --- |\n| a | 1 |\n"


def test_a_missing_value_is_an_error(package: str) -> None:
    with pytest.raises(jinja2.UndefinedError, match="'name' is undefined"):
        render(package, "page.html")
