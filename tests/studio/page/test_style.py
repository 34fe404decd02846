"""Seed, lock, saved styles and blend."""

import pytest

pytest.importorskip("playwright")
from visit import Open


def test_style_is_shuffled_locked_saved_and_blended(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    page.fill("#seed", "5")
    page.press("#seed", "Enter")
    page.click("#save-style-1")
    page.click("#shuffle")
    visit.settle()
    second = visit.requests[-1]["latent"]["seed"]
    page.click("#save-style-2")
    page.locator("#blend").fill("30")
    visit.settle()
    assert visit.requests[-1]["latent"] == {"seed_a": 5, "seed_b": second, "t": 0.3}
    page.click("#lock")
    assert page.locator("#shuffle").is_disabled()
    page.keyboard.press("r")
    visit.settle()
    assert visit.requests[-1]["latent"] == {"seed_a": 5, "seed_b": second, "t": 0.3}
    page.keyboard.press("v")
    assert "The style is locked" in page.inner_text("#problem-text")
    assert page.locator("#variation-strip img").count() == 0
