"""Messages that the documentation quotes exist in the source, and the check finds those that do not."""

from __future__ import annotations

import ast

import pytest

from doc_messages import missing_messages, quoted_messages, source_templates, templates_of

MODULE = '''
"""A docstring is not a message of the module."""

def check(path, row, rows):
    raise ValueError(
        f"{path} has no row for {row}; column {rows} names the item: "
        "mend the table."
    )

TEXT = "prepare more photos, " + str(3) + " are not enough"
'''


@pytest.fixture(scope="module")
def templates() -> list[str]:
    return list(templates_of(ast.parse(MODULE)))


@pytest.fixture(scope="module")
def all_templates() -> list[str]:
    return source_templates()


def test_quoted_messages_exist(all_templates: list[str]) -> None:
    messages = quoted_messages()
    assert len(messages) > 24
    assert missing_messages(messages, all_templates) == []


def test_made_up_messages_are_reported(all_templates: list[str]) -> None:
    made_up = ["the moon is full: … wait for a day", "… has … training items, and they are sad"]
    assert missing_messages(made_up, all_templates) == made_up


@pytest.mark.parametrize(
    "message",
    [
        "… has no row for …; column … names the item: mend the table.",
        "has no row for",
        "…; column … names the item:\nmend the table",
        "prepare more photos, … are not enough",
    ],
)
def test_messages_of_a_template_are_found(message: str, templates: list[str]) -> None:
    assert missing_messages([message], templates) == []


@pytest.mark.parametrize(
    "message",
    [
        pytest.param("…", id="nothing quoted"),
        pytest.param("… : …", id="too few letters"),
        pytest.param("mend the table. … has no row for", id="wrong order"),
        pytest.param("has no row for … are not enough", id="parts of two templates"),
        pytest.param("has no row for x; column", id="a value without …"),
        pytest.param("has no rows for", id="one letter more"),
        pytest.param("A docstring is not a message", id="docstring"),
    ],
)
def test_other_messages_are_reported(message: str, templates: list[str]) -> None:
    assert missing_messages([message], templates) == [message]
