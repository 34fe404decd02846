"""Tests of the table writer."""

from __future__ import annotations

import pytest

from scgan.utils.tables import Table, print_table, to_markdown

TABLE = Table(("", "model"), [("IoU of [a|b]", "0.5")], title="Scores", caption="On 4 images.")


def test_markdown_escapes_bars() -> None:
    assert to_markdown(TABLE) == "|  | model |\n| --- | --- |\n| IoU of [a\\|b] | 0.5 |"


def test_the_screen_shows_title_rows_and_caption(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(TABLE)
    printed = capsys.readouterr().out
    assert all(text in printed for text in ("Scores", "IoU of [a|b]", "0.5", "On 4", "images."))
