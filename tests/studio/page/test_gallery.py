"""Variations and history."""

import pytest

from same_images import assert_same_images

pytest.importorskip("playwright")
from visit import Open, assert_different_images


def test_variations_and_history(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    visit.tab("Variations")
    visit.choose("vary", "both")
    page.click("#generate-variations")
    page.wait_for_selector("#variation-strip img")
    assert page.locator("#variation-strip img").count() == 12
    first = visit.image
    page.locator("#variation-strip button").nth(3).click()
    visit.settle()
    assert_different_images(visit.image, first)
    visit.screenshot("variations-light")

    visit.tab("History")
    page.locator("#history-strip button").last.click()
    visit.settle()
    assert_same_images(visit.image, first)
