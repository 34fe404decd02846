"""Account of a prepared folder."""

from __future__ import annotations

import json

import pytest

from scgan.data.prepare.account import Account, Reason, SourceNotes, count_reasons
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors

NOTES = SourceNotes(
    classes="listed in classes.json",
    background="the first of the list",
    unknown_values={"age": 3, "color": 1},
    unknown_become="taken as 0",
    rows_without_photo=("x9.png",),
    assumptions=("80/10/10 by item, with seed 0",),
)
ACCOUNT = Account(
    kept=17,
    skipped=(Reason("p3 has no mask", 2, "p3"), Reason("p5.jpg is empty", 1, "p5")),
    item_notes=(Reason("transparent pixels are background", 4, "p0"),),
    ignored_pixels=0.0123,
    ignored_items=6,
    source=NOTES,
)


def test_lines_say_everything_once() -> None:
    schema = Schema(
        image_size=32,
        class_names=("skin", "left eye", "right eye"),
        class_colors=distinct_colors(3),
        attribute_names=("age", "color=blue", "color=red"),
        attribute_groups=(("color=blue", "color=red"),),
        mirrored_classes=(("left eye", "right eye"),),
    )
    assert ACCOUNT.lines(schema) == [
        "skipped: 2 like p3: p3 has no mask",
        "skipped: p5: p5.jpg is empty",
        "classes: 3 (skin, left eye, right eye), listed in classes.json",
        "background: skin, the first of the list",
        "mirror pairs: left eye and right eye",
        "ignored pixels: 1.23% in 6 items; unknown values: 3 of column age, 1 of column color, taken as 0",
        "attributes: 3 (age, color=blue|red)",
        "rows of the table without a photo: 1 (x9.png)",
        "assumed: 80/10/10 by item, with seed 0",
        "note: 4 like p0: transparent pixels are background",
    ]


def test_groups_without_a_column_show_their_names() -> None:
    hair = ("Black_Hair", "Blond_Hair")
    schema = Schema(32, ("skin", "eye"), distinct_colors(2), (*hair, "Young"), (hair,))
    assert "attributes: 3 (Black_Hair|Blond_Hair, Young)" in ACCOUNT.lines(schema)


def test_an_account_survives_json() -> None:
    assert Account.from_json(json.loads(json.dumps(ACCOUNT.to_json()))) == ACCOUNT
    with pytest.raises(ValueError):
        Account.from_json({"kept": "many"})


def test_reasons_that_differ_in_numbers_are_one() -> None:
    reasons = [("p1", "p1.jpg is empty."), ("p2", "p2.jpg is 3×4 pixels"), ("p3", "p3.jpg is 5×6 pixels")]
    assert count_reasons(reasons) == (Reason("p2.jpg is 3×4 pixels", 2, "p2"), Reason("p1.jpg is empty", 1, "p1"))
