"""Letters in images: a typeface that has them, or replacements that can be read."""

from __future__ import annotations

import pytest

from scgan.utils.typefaces import Typeface, choose_typeface


def test_letters_that_pillows_own_typeface_lacks_are_replaced() -> None:
    assert Typeface().drawable("Blüte=weiß, a · b … 背\n") == "Blute=wei?, a · b … ?\n"


@pytest.mark.parametrize("text", ["plain", "Blüte=weiß", "ромашка", "背景"])
def test_the_chosen_typeface_draws_no_empty_boxes(text: str) -> None:
    face = choose_typeface(text)
    drawable = face.drawable(text)
    assert all(face.has(letter) for letter in drawable)
    assert drawable == text if text.isascii() else len(drawable) == len(text)
    assert face.font(12).getlength(drawable) > 0
