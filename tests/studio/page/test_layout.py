"""Keyboard and phones."""

import numpy as np
import pytest

pytest.importorskip("playwright")
from visit import SIZE, Open


def test_page_works_by_keyboard(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    mask = visit.mask
    page.locator("#mask").focus()
    for key in (".", "Shift+ArrowLeft", "Shift+ArrowUp"):
        page.keyboard.press(key)
    visit.settle()
    page.locator("#announcement", has_text="left mouth corner").wait_for(state="attached")
    assert (visit.mask != mask).any()

    page.keyboard.press("b")
    page.keyboard.press("7")
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "ArrowUp", " "):
        page.keyboard.press(key)
    visit.settle()
    assert visit.mask[15, 6] == 6
    page.locator("#announcement", has_text="row 16: mouth").wait_for(state="attached")

    unnamed = page.evaluate(
        """() => [...document.querySelectorAll('button, input:not([type=file]), select, canvas:not([aria-hidden])')]
            .filter((e) => e.checkVisibility() && !e.closest('#example-strip canvas, .strip canvas'))
            .filter((e) => !(e.ariaLabel || e.innerText?.trim() || e.labels?.[0]?.innerText.trim()))
            .map((e) => e.outerHTML)"""
    )
    assert not [text for text in unnamed if "<canvas" not in text]
    page.keyboard.press("?")
    page.wait_for_selector("#help-dialog[open]")
    visit.screenshot("help-light")
    page.keyboard.press("Escape")


def test_page_works_on_a_phone(open_page: Open) -> None:
    phone = {"width": 390, "height": 844}
    visit = open_page(viewport=phone, has_touch=True, is_mobile=True, device_scale_factor=2, color_scheme="dark")
    page = visit.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visit.screenshot("phone-dark")
    page.locator("label:has(input[value=paint])").tap()
    before = visit.mask
    page.touchscreen.tap(*visit.to_screen(6, 6))
    visit.settle()
    assert (visit.mask != before).any()
    visit.screenshot("phone-paint-dark")

    painted = visit.mask
    page.locator("label:has(input[value=fill])").tap()
    visit.pinch(*visit.to_screen(20, 4))  # fills, until the second finger comes
    assert page.inner_text("#zoom") != "100 %"
    np.testing.assert_array_equal(visit.mask, painted)
    page.keyboard.press("0")
    page.locator("label:has(input[value=points])").tap()
    nose = visit.example_points()[30] * SIZE
    visit.pinch(*visit.to_screen(*nose))  # selects a point, but does not move it
    np.testing.assert_array_equal(visit.mask, painted)
