"""Landmarks and expression sliders."""

import numpy as np
import pytest

from same_images import assert_same_images

pytest.importorskip("playwright")
from visit import SIZE, Open


def test_dragging_the_mouth_corners_changes_mask_and_image(open_page: Open) -> None:
    visit = open_page()
    mask, image = visit.mask, visit.image
    points = visit.example_points()
    for corner, shift in ((48, -2.0), (54, 2.0)):
        x, y = points[corner] * SIZE
        visit.drag((x, y), (x + shift / 2, y - 1), (x + shift, y - 2))
    changed = visit.mask != mask
    assert changed.sum() > 3
    rows = np.nonzero(changed)[0]
    assert rows.min() > 0.55 * SIZE  # only around the mouth
    assert np.isin(visit.mask[changed], [1, 5, 6]).all()
    assert np.abs(visit.image - image).max() > 30
    visit.screenshot("points-light")


def test_slider_turns_the_head_and_undo_restores_it(open_page: Open) -> None:
    visit = open_page(color_scheme="dark")
    mask, image = visit.mask, visit.image
    visit.page.locator('input[name="yaw"]').fill("25")
    visit.settle()
    nose = lambda mask: np.nonzero(mask == 4)[1].mean()  # noqa: E731
    assert nose(visit.mask) > nose(mask) + 0.4
    turned = visit.mask
    visit.screenshot("points-dark")
    visit.page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, mask)
    assert_same_images(visit.image, image)
    visit.page.click("#redo")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, turned)
    visit.page.click("#mirror")
    visit.settle()
    assert nose(visit.mask) < SIZE / 2


def test_quick_steps_keep_their_masks_and_sliders(open_page: Open) -> None:
    visit = open_page()
    mask = visit.mask
    turn = visit.page.locator('input[name="yaw"]')
    start = turn.input_value()
    with visit.delayed("rasterize"):
        turn.fill("25")
        visit.page.keyboard.press("r")
    visit.settle()
    turned = visit.mask
    assert (turned != mask).any()
    visit.page.keyboard.press("Control+z")  # undoes the style, but not the turn
    visit.settle()
    np.testing.assert_array_equal(visit.mask, turned)
    assert turn.input_value() == "25"
    visit.page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, mask)
    assert turn.input_value() == start

    with visit.delayed("rasterize"):
        turn.fill("25")
        visit.page.keyboard.press("m")
    visit.settle()
    visit.page.keyboard.press("Control+z")
    visit.settle()
    np.testing.assert_array_equal(visit.mask, turned)


def test_choosing_an_example_twice_keeps_its_sliders(open_page: Open) -> None:
    visit = open_page()
    smile = visit.page.locator('input[name="smile"]')
    first = smile.input_value()
    for example in (0, 0, 1, 0):
        visit.page.locator("#example-strip button").nth(example).click()
        visit.settle()
        assert smile.is_enabled()
    assert smile.input_value() == first
