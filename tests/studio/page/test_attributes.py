"""Switches, menus and sliders of attributes."""

import numpy as np
import pytest

pytest.importorskip("playwright")
from visit import Open, assert_different_images


def test_attributes_are_switched_chosen_and_mixed(open_page: Open) -> None:
    visit = open_page()
    mask, image = visit.mask, visit.image
    visit.page.get_by_role("switch", name="Young").check()
    visit.settle()
    assert visit.requests[-1]["attributes"]["Young"] == 1
    note = visit.page.locator("#no-attributes")
    assert note.is_hidden()
    assert_different_images(visit.image, image)
    np.testing.assert_array_equal(visit.mask, mask)
    visit.page.get_by_label("Young: strength").fill("0.4")
    visit.page.get_by_label("hair", exact=True).select_option("blond")
    visit.page.get_by_label("hair, mixed with").select_option("grey")
    visit.page.get_by_label("hair: strength of the second").fill("0.25")
    visit.settle()
    sent = visit.requests[-1]["attributes"]
    assert (sent["Young"], sent["hair=blond"], sent["hair=grey"], sent["hair=black"]) == (0.4, 0.75, 0.25, 0)

    visit.page.get_by_label("hair, mixed with").focus()
    visit.page.keyboard.press("Control+z")
    visit.settle()
    assert visit.requests[-1]["attributes"]["hair=grey"] == 0.5
    visit.page.keyboard.press("Control+z")
    assert visit.page.get_by_label("hair", exact=True).input_value() == "hair=blond"
    assert visit.page.get_by_label("hair, mixed with").input_value() == ""

    visit.page.get_by_role("switch", name="Male").uncheck()
    visit.page.get_by_label("Young: strength").fill("0")
    visit.page.get_by_label("hair", exact=True).select_option("")
    visit.settle()
    assert not any(visit.requests[-1]["attributes"].values())
    assert note.is_visible()
