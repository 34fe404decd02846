"""Lost connections and tokens."""

from pathlib import Path

import pytest
from running_studio import Studio

pytest.importorskip("playwright")
from playwright.sync_api import Browser, expect
from visit import Open, assert_different_images

from patience import MAX_SECONDS


def test_page_reports_a_lost_connection_and_reconnects(open_page: Open, face_model: Path) -> None:
    studio = Studio([face_model])
    studio.start()
    visit = open_page(studio, color_scheme="dark")
    studio.stop()
    visit.choose("mode", "paint")
    visit.drag((4, 4), (10, 4))
    visit.page.wait_for_selector("#offline", state="visible")
    assert "does not respond" in visit.page.inner_text("#offline")
    visit.screenshot("offline-dark")
    image, count = visit.image, len(visit.requests)
    visit.choose("mode", "points")
    visit.page.locator('input[name="yaw"]').fill("25")
    studio.start()
    visit.page.wait_for_selector("#offline", state="hidden")
    visit.settle()
    assert len(visit.requests) > count
    assert visit.mask[4, 7] == 0  # redrawn from the points
    visit.page.keyboard.press("Control+z")
    visit.settle()
    assert visit.mask[4, 7] == 1  # the stroke made while offline
    assert_different_images(visit.image, image)
    visit.page.context.close()
    studio.stop()


def test_page_asks_for_a_token_unless_the_address_has_it(browser: Browser, figure_model: Path) -> None:
    studio = Studio([figure_model], token="open sesame")
    studio.start()
    context = browser.new_context()
    context.set_default_timeout(1000 * MAX_SECONDS)
    page = context.new_page()
    page.goto(studio.url)
    page.wait_for_selector("#token-dialog[open]")
    page.fill("#token", "wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#token")).to_have_value("")  # asked again
    page.fill("#token", "open sesame")
    page.keyboard.press("Enter")
    page.wait_for_selector("#loading", state="hidden")
    other = browser.new_context().new_page()
    other.goto(f"{studio.url}#token=open%20sesame")
    other.wait_for_selector("#loading", state="hidden", timeout=1000 * MAX_SECONDS)
    assert "token" not in other.url
    other.context.close()
    context.close()
    studio.stop()
