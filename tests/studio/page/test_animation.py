"""Animation between two images."""

from pathlib import Path

import pytest
from PIL import Image

from same_images import assert_same_images

pytest.importorskip("playwright")
from visit import Open


def test_animation_is_played_and_saved(open_page: Open, tmp_path: Path) -> None:
    visit = open_page()
    page = visit.page
    assert visit.shows_points()
    first = visit.image
    visit.tab("Animate")
    page.click("#set-start")
    page.click("#shuffle")
    page.locator('input[name="yaw"]').fill("-20")
    visit.settle()
    page.click("#set-end")
    last = visit.image
    page.select_option("#frames", "12")
    page.click("#play")
    page.wait_for_selector("#frame:not([disabled])")
    page.locator("#frame").fill("0")
    assert_same_images(visit.image, first)
    visit.settle()
    assert not visit.shows_points()  # the points belong to the edited mask
    page.locator("#frame").fill("11")
    assert_same_images(visit.image, last)
    visit.screenshot("animation-light")
    with page.expect_download() as download:
        page.click("#save-gif")
    download.value.save_as(tmp_path / "animation.gif")
    with Image.open(tmp_path / "animation.gif") as video:
        assert getattr(video, "n_frames", 0) >= 12
    page.keyboard.press("r")
    visit.settle()
    assert visit.shows_points()  # a change ends the animation


def test_stopped_animation_keeps_its_frames(open_page: Open) -> None:
    visit = open_page()
    page = visit.page
    visit.tab("Animate")
    page.click("#set-start")
    page.click("#shuffle")
    visit.settle()
    page.click("#set-end")
    page.select_option("#frames", "96")
    # The page itself stops it: all frames may have come before a click from here.
    page.evaluate(
        """() => {
            const value = document.querySelector(".animation-controls .value");
            const observer = new MutationObserver(() => {
                if (!value.textContent.includes("3 of")) return;
                observer.disconnect();
                document.querySelector("#play").click();
            });
            observer.observe(value, { childList: true, characterData: true, subtree: true });
        }"""
    )
    page.click("#play")
    page.wait_for_selector("#frame:not([disabled])")
    assert page.inner_text("#play") == "Play"
    count = int(page.locator("#frame").get_attribute("max") or 0)
    assert 1 <= count < 95
    page.locator("#frame").fill("0")
    assert page.inner_text(".animation-controls .value") == f"1 of {count + 1}"
