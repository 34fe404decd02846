"""Saved, opened and dropped files."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from same_images import assert_same_images

pytest.importorskip("playwright")
from visit import Open, assert_different_images


def test_saved_files_give_the_same_image_when_opened(open_page: Open, tmp_path: Path) -> None:
    visit = open_page()
    page = visit.page
    visit.choose("mode", "paint")
    visit.drag((4, 20), (12, 25))
    mask, image = visit.mask, visit.image

    def save(item: str) -> Path:
        page.click("#save summary")
        with page.expect_download() as download:
            page.click(item)
        file = tmp_path / download.value.suggested_filename
        download.value.save_as(file)
        return file

    saved, mask_file, image_file = save("#save-manifest"), save("#save-mask"), save("#save-image")
    np.testing.assert_array_equal(np.asarray(Image.open(mask_file)), mask)
    np.testing.assert_array_equal(np.asarray(Image.open(image_file)), image)
    page.locator("#example-strip button").nth(2).click()
    with visit.delayed("image"):
        page.click("#shuffle")  # the saved image is still the previous one
        assert save("#save-image").name == image_file.name
    visit.settle()
    assert_different_images(visit.image, image)
    count = len(visit.requests)
    page.set_input_files("#open-file-input", saved)
    visit.wait_for_request(count)
    assert_same_images(visit.image, image)
    page.locator("#example-strip button").nth(1).click()
    visit.settle()
    count = len(visit.requests)
    page.set_input_files("#open-file-input", mask_file)
    visit.wait_for_request(count)
    np.testing.assert_array_equal(visit.mask, mask)


def test_dropped_photo_gives_points_and_an_overlay(open_page: Open, shared_data: Path) -> None:
    visit = open_page()
    photo = (shared_data / "london" / "smiling" / "001.jpg").read_bytes()
    before = visit.mask
    visit.drop(photo, "face.jpg", "image/jpeg")
    visit.page.wait_for_selector("#photo-slider", state="visible")
    visit.settle()
    assert (visit.mask != before).sum() > 10
    assert set(np.unique(visit.mask)) >= {0, 1, 2, 4, 5}  # eyes may be smaller than a pixel
    assert visit.page.locator("#problem").is_hidden()

    visit.choose("mode", "paint")  # no points over the mask
    visit.page.locator("#photo-opacity").fill("100")
    visit.settle()
    straight = visit.editor
    visit.page.keyboard.press("m")
    visit.settle()
    mirrored = visit.editor
    assert 2 * np.abs(mirrored[:, ::-1] - straight).mean() < np.abs(mirrored - straight).mean()
    for _ in range(2):
        visit.page.keyboard.press("Control+z")
    assert visit.page.locator("#photo-slider").is_hidden()
    visit.page.keyboard.press("Control+y")
    assert visit.page.locator("#photo-slider").is_visible()
    # No screenshot: it would show the person in the photo.


def test_unreadable_file_shows_a_message(open_page: Open) -> None:
    visit = open_page()
    visit.drop(b"no image at all", "face.jpg", "image/jpeg")
    visit.page.wait_for_selector("#problem", state="visible")
    assert "not an image" in visit.page.inner_text("#problem-text")
    visit.screenshot("problem-light")
    visit.page.click("#problem-close")
    assert visit.page.locator("#problem").is_hidden()
    visit.drop(b"", "face.jpg", "image/jpeg")
    visit.page.wait_for_selector("#problem", state="visible")
    assert visit.page.inner_text("#problem-text") == "face.jpg is empty."


def test_resize_notice_stays_until_it_is_closed(open_page: Open) -> None:
    visit = open_page()
    file = BytesIO()
    Image.new("L", (60, 40)).save(file, "PNG")
    visit.drop(file.getvalue(), "mask.png", "image/png")
    visit.page.wait_for_selector("#problem", state="visible")
    visit.settle()  # its image is there
    assert "resized" in visit.page.inner_text("#problem")
    visit.page.click("#problem-close")
    assert visit.page.locator("#problem").is_hidden()
