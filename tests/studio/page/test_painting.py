"""Brush, fill and eyedropper."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("playwright")
from playwright.sync_api import Dialog
from visit import SIZE, Open


def stroke(mask: NDArray[np.uint8], points: list[tuple[float, float]], size: float, index: int) -> NDArray[np.uint8]:
    """Paint pixels whose centres are at most half the brush size from the line, independently of the page's code."""
    painted = mask.copy()
    rows, columns = np.mgrid[:SIZE, :SIZE] + 0.5
    for (x0, y0), (x1, y1) in pairwise(points):
        for share in np.linspace(0, 1, 2001):
            near = np.hypot(columns - x0 - share * (x1 - x0), rows - y0 - share * (y1 - y0)) <= size / 2
            painted[near] = index
    return painted


def test_painting_sends_the_painted_indices_and_changes_the_image_there(open_page: Open) -> None:
    visit = open_page()
    before, image = visit.mask, visit.image
    visit.choose("mode", "paint")
    visit.choose("class", "5")
    visit.page.locator("#brush-size").fill("4")
    points = [(3.3, 4.2), (9.2, 4.7), (9.4, 8.1)]
    visit.drag(*points)
    np.testing.assert_array_equal(visit.mask, stroke(before, points, 4, 5))
    changed = np.abs(visit.image - image).mean(axis=-1)
    assert changed[2:10, 2:11].mean() > 3 * changed[20:, 16:].mean()
    visit.screenshot("paint-light")

    visit.choose("tool", "fill")
    visit.choose("class", "6")
    visit.drag((25.5, 28.5), (25.5, 28.5))
    filled = stroke(before, points, 4, 5)
    filled[filled == 0] = 6  # the background is one area
    np.testing.assert_array_equal(visit.mask, filled)

    visit.choose("tool", "eyedropper")
    visit.drag((4.5, 4.5), (4.5, 4.5))
    assert visit.page.locator('input[name="class"]:checked').get_attribute("value") == "5"


def test_stroke_never_queues_stale_requests(open_page: Open) -> None:
    """Of 80 masks that a stroke makes while the first image is under way, only the last is asked for."""
    visit = open_page()
    visit.choose("mode", "paint")
    count = len(visit.requests)
    with visit.delayed("image"):
        visit.stroke(*((4 + step / 4, 6 + 3 * (step % 2)) for step in range(80)))
        visit.wait_until(lambda: len(visit.requests) > count)
        visit.page.wait_for_timeout(200)
        assert len(visit.requests) - count == 1
    visit.wait_for_request(count + 1)
    assert len(visit.requests) - count == 2
    assert (visit.mask[4:10, 4:24] == visit.mask[6, 12]).sum() > 60  # the stroke to its end
    visit.page.keyboard.press("Control+z")  # the whole stroke is one step
    visit.settle()
    assert visit.page.locator("#undo").is_disabled()


def test_strokes_follow_the_pointer_while_zoomed(open_page: Open) -> None:
    visit = open_page()
    visit.choose("mode", "paint")
    visit.choose("class", "3")
    visit.page.locator("#brush-size").fill("1")
    before = visit.mask
    visit.page.mouse.move(*visit.to_screen(24, 24))
    visit.page.keyboard.down("Control")
    visit.page.mouse.wheel(0, -208)  # e^(208/300) = 2; the point under the pointer stays in place
    visit.page.keyboard.up("Control")
    assert visit.page.inner_text("#zoom") == "200 %"
    visit.drag((21, 27), (21, 27))  # at 200 %, half as far from the pointer in mask pixels
    changed = visit.mask != before
    assert list(zip(*np.nonzero(changed), strict=True)) == [(25, 22)]

    dialogs: list[str] = []

    def leave(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.accept()

    visit.page.on("dialog", leave)
    visit.page.reload()
    assert dialogs == ["beforeunload"]  # undo steps would be lost
