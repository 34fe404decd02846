"""Tests of the table writer."""

from __future__ import annotations

from typing import Any

import pytest

from scgan.utils.tables import Table, print_table, to_markdown

TABLE = Table(("", "model"), [("IoU of [a|b]", "0.5")], title="Scores", caption="On 4 images.")


def test_markdown_escapes_bars() -> None:
    assert to_markdown(TABLE) == "|  | model |\n| --- | --- |\n| IoU of [a\\|b] | 0.5 |"


def test_the_screen_shows_title_rows_and_caption(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(TABLE)
    printed = capsys.readouterr().out
    assert all(text in printed for text in ("Scores", "IoU of [a|b]", "0.5", "On 4", "images."))


def test_lines_in_files_and_pipes_are_not_wrapped(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    name, title, caption = "a long name " * 12, "a long title " * 12, "A long sentence. " * 12
    print_table(Table(("", "value"), [(name, "0.5")], title=title, caption=caption))
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert title.strip() in lines and caption.strip() in lines
    assert any(name.strip() in line and "0.5" in line for line in lines)


def test_colons_are_no_emoji(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(Table(("", "model"), [("a:100:b", ":smile:")], title="of x:100:"))
    printed = capsys.readouterr().out
    assert "a:100:b" in printed and ":smile:" in printed and "of x:100:" in printed
