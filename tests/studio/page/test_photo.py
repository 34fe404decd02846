"""Photo that is refined in the background, edited, compared and saved."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running_studio import Studio

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")
from playwright.sync_api import expect
from visit import Open, violations


def jpeg() -> dict[str, object]:
    small = np.random.default_rng(0).integers(0, 256, (6, 4, 3), np.uint8)
    file = BytesIO()
    Image.fromarray(small).resize((400, 600), Image.Resampling.BICUBIC).save(file, "JPEG")
    return {"name": "street.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def test_photo_is_refined_edited_and_saved(open_page: Open, segmenting_model: Path, tmp_path: Path) -> None:
    studio = Studio([segmenting_model])
    studio.start()
    visit = open_page(studio, reduced_motion="reduce")
    page = visit.page
    page.set_input_files("#open-photo-input", jpeg())
    requests = len(visit.requests)
    with visit.delayed("invert*"):
        page.get_by_role("button", name="Use this part").click()
        expect(page.get_by_role("img", name="Photo that is being read")).to_be_visible()
        assert len(visit.requests) == requests  # an image of the mask alone would show somebody else
        assert page.locator("#image").evaluate("(canvas) => canvas.width") == 512
    page.wait_for_selector("#keep-background", state="visible")
    expect(page.locator("#refinement-text")).to_contain_text("Refined")
    visit.settle()
    assert page.locator("#stop-refinement").is_hidden()
    photo = visit.image

    visit.choose("mode", "paint")
    visit.choose("class", "1")
    visit.drag((16, 16), (20, 18))
    page.check("#keep-background")
    visit.settle()
    edited = visit.image
    assert (edited != photo).any(axis=2)[12:24, 12:24].any()
    page.locator("#compare").fill("50")
    for width, height in ((1280, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        visit.settle()
        assert not violations(visit)
        visit.screenshot(f"photo-{width}")

    page.check("#into-photo")
    visit.settle()
    sizes = page.locator("#image").evaluate("(canvas) => [canvas.width, canvas.height]")
    assert sizes == [400, 600]
    visit.screenshot("photo-into")
    with page.expect_download() as download:
        page.click("#save-photo")
    assert download.value.suggested_filename == "street-edited.jpg"
    download.value.save_as(tmp_path / "saved.jpg")
    with Image.open(tmp_path / "saved.jpg") as saved:
        assert saved.size == (400, 600)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    visit.settle()
    assert page.locator("#keep-background").is_hidden()
    page.context.close()
    studio.stop()
