"""Names of items."""

from __future__ import annotations

import pytest

from scgan.data.names import NameFinder, base_name, without_suffixes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ("a", "exact")),
        ("a.jpg", ("a", "exact")),
        ("x/y\\a.tiff", ("a", "exact")),
        ("A.JPG", ("a", "case")),
        ("b.v2", ("b.v2", "exact")),
        ("b.v2.png", ("b.v2", "exact")),
        ("7.png", ("007", "zeros")),
        ("0007", ("007", "zeros")),
        ("", None),
        (".png", None),
        ("c", None),
        ("D", None),
    ],
)
def test_items_are_found(text: str, expected: tuple[str, str] | None) -> None:
    assert NameFinder(["a", "b.v2", "007", "Dd", "dD"]).find(text) == expected


def test_parts_of_names() -> None:
    assert base_name("C:\\me\\a b.jpg ") == "a b.jpg"
    assert without_suffixes("a.jpg.PNG") == "a" and without_suffixes("a.v2") == "a.v2"
