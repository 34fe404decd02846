"""Choice of the part of a photo that is read."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running_studio import Studio

pytest.importorskip("playwright")
from visit import Open

NOISE = np.random.default_rng(0).integers(0, 256, (60, 40, 3), np.uint8)


def jpeg() -> dict[str, object]:
    file = BytesIO()
    Image.fromarray(NOISE).resize((400, 600)).save(file, "JPEG")
    return {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": file.getvalue()}


def test_part_of_a_photo_is_moved(open_page: Open, segmenting_model: Path) -> None:
    studio = Studio([segmenting_model])
    studio.start()
    visit = open_page(studio)
    page = visit.page
    before = visit.mask
    page.set_input_files("#open-file-input", jpeg())  # a photo given to Open is a photo
    page.wait_for_selector("#crop-dialog[open]")
    page.keyboard.press("Escape")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, before)
    page.set_input_files("#open-photo-input", jpeg())
    page.wait_for_selector("#crop-dialog[open]")
    page.get_by_role("button", name="Use this part").click()
    page.wait_for_selector("#crop-photo", state="visible")
    visit.settle()
    placed = visit.mask
    assert (placed != before).any()

    queries: list[str] = []
    page.on("request", lambda request: queries.append(request.url) if "/segment" in request.url else None)
    page.click("#crop-photo")
    page.wait_for_selector("#crop-dialog[open]")
    page.keyboard.press("Shift+ArrowUp")
    page.locator("#crop-size").fill("40")
    page.get_by_role("button", name="Use this part").click()
    visit.settle()
    assert "side=0.4" in queries[-1] and (visit.mask != placed).any()
    page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, placed)
    page.context.close()
    studio.stop()


def test_photo_without_a_face_asks_for_the_part(open_page: Open) -> None:
    visit = open_page()
    if visit.page.locator("#open-photo").is_hidden() or not visit.page.evaluate(
        "fetch('api/models').then((response) => response.json()).then((models) => models[0].can_detect)"
    ):
        pytest.skip("no detector is installed")
    visit.page.set_input_files("#open-photo-input", jpeg())
    visit.page.wait_for_selector("#crop-dialog[open]")
    assert "no face found" in visit.page.inner_text("#crop-reason")
    visit.screenshot("crop-light")
    visit.page.get_by_role("button", name="Use this part").click()
    visit.page.wait_for_selector("#problem", state="visible")
