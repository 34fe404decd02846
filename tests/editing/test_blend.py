"""Blending: the background stays to the pixel, weights by hand, the way back into a photo."""

from __future__ import annotations

import numpy as np

from scgan.editing.blend import (
    Layers,
    changed_region,
    enlarge,
    feathered,
    grown_region,
    put_back,
    revealed_region,
    significant,
)
from scgan.editing.placement import Placement


def masks() -> tuple[np.ndarray, np.ndarray]:
    """A face of class 1 that moves by two pixels, with a mouth of class 2 in it that stays."""
    before = np.zeros((48, 48), np.uint8)
    before[8:40, 8:40] = 1
    before[30:34, 20:28] = 2
    after = np.zeros_like(before)
    after[8:40, 10:42] = 1
    after[30:34, 20:28] = 2
    return before, after


def plain_layers(weight: np.ndarray, value: float) -> Layers:
    """Generated image of one value, no change of colour, no motion."""
    size = len(weight)
    colors, still = np.zeros((size, size, 3), np.float32), np.zeros((size, size, 2), np.float32)
    return Layers(weight, colors + np.float32(value), colors, still)


def test_kept_background_is_no_part_of_the_region() -> None:
    before, after = masks()
    region = changed_region(before, after, keep_background=True)
    assert not region[(before == 0) & (after == 0)].any()
    assert region[before != after].all()
    assert not region[31, 22]  # the mouth, and the face around it, have not moved
    assert changed_region(before, after, keep_background=False)[(before == 0) & (after == 0)].all()
    assert not changed_region(before, before, keep_background=True).any()


def test_a_class_that_moves_is_generated_as_a_whole() -> None:
    before, after = masks()
    after[after == 2] = 1
    after[32:36, 20:28] = 2
    region = changed_region(before, after, keep_background=True)
    assert region[30:36, 20:28].all()


def test_weights_rise_inwards_and_are_1_where_the_class_changes() -> None:
    region = np.zeros((48, 48), bool)
    region[10:30, 10:30] = True
    moved = np.zeros_like(region)
    moved[10, 10] = True
    weights = feathered(region, moved)[..., 0]
    assert weights[10, 10] == 1 and weights[10, 11] == 0.5 and weights[11, 11] == 1 and weights[9, 11] == 0


def test_small_changes_of_colour_fade_out() -> None:
    change = np.zeros((64, 64, 3), np.float32)
    change[:, :20], change[:, 40:] = 3, 100
    kept = significant(change)
    assert (kept[:, :18] == 0).all() and (kept[:, 45:] == 100).all()


def test_layers_without_weight_leave_the_photo() -> None:
    photo = np.random.default_rng(0).integers(0, 256, (20, 20, 3), np.uint8)
    weight = np.zeros((20, 20, 1), np.float32)
    weight[5, 5] = 1
    layers = plain_layers(weight, 300)
    blended = layers.over(photo)
    assert (blended[5, 5] == 255).all()
    blended[5, 5] = photo[5, 5]
    np.testing.assert_array_equal(blended, photo)


def test_put_back_changes_only_what_changed() -> None:
    photo = np.full((60, 100, 3), 100, np.uint8)
    placement = Placement(0.4 * np.exp(0.2j), 0.4 + 0.1j)  # 40 pixels, turned, at (40, 10)
    weight = np.zeros((40, 40, 1), np.float32)
    weight[15:25, 15:25] = 1
    layers = plain_layers(weight, 200)
    result = put_back(photo, placement, layers)
    center = placement.to_photo(np.array([0.5 + 0.5j]))[0] * 100
    assert (result[int(center.imag), int(center.real)] == 200).all()
    rows, columns = np.nonzero((result != photo).any(axis=2))
    assert 90 <= len(rows) <= 110  # 10 by 10 pixels
    assert abs(columns.mean() + 0.5 - center.real) < 1 and abs(rows.mean() + 0.5 - center.imag) < 1
    outside = put_back(photo, Placement(0.1 + 0j, 3 + 3j), layers)
    np.testing.assert_array_equal(outside, photo)


def test_large_photos_are_blended_in_strips() -> None:
    """More pixels than one strip has: no seam, and each row is blended."""
    photo = np.full((600, 1000, 3), 100, np.uint8)
    result = put_back(photo, Placement(1 + 0j, 0j), plain_layers(np.ones((10, 10, 1), np.float32), 200))
    inside = result[100:, 100:-100]
    assert inside.min() == inside.max() == 200


def test_enlarged_values_stay_in_place() -> None:
    values = np.zeros((8, 8, 2), np.float32)
    values[2, 5, 1] = 1
    large = enlarge(values, 32)
    assert large.shape == (32, 32, 2) and not large[..., 0].any()
    row, column = np.unravel_index(large[..., 1].argmax(), (32, 32))
    assert 8 <= row < 12 and 20 <= column < 24


def test_opened_mouths_are_revealed_and_thin_lines_are_not() -> None:
    warped = np.ones((64, 64), np.uint8)
    after = warped.copy()
    after[40:46, 20:40] = 2
    after[10, 10:50] = 2
    region = revealed_region(warped, after)
    assert region[41:45, 21:39].all() and not region[:30].any()


def test_a_line_between_lips_is_no_mouth_when_it_is_stretched() -> None:
    before, after = np.ones((2, 64, 64), np.uint8)
    before[42, 20:40] = 2
    after[40:46, 20:40] = 2
    region = grown_region(before, after)
    assert region[39:47, 20:40].all() and region.sum() < 2 * 6 * 20
    before[40:43, 20:40] = 2  # a mouth that was open before is moved
    assert not grown_region(before, after).any()
    assert not grown_region(after, after * 0).any()  # the background may grow


def test_pixels_of_the_photo_move_with_the_flow() -> None:
    photo = np.zeros((20, 20, 3), np.uint8)
    photo[:, 10:] = 200
    layers = plain_layers(np.zeros((20, 20, 1), np.float32), 0)
    layers.flow[5:15, :, 0] = -0.1  # comes from two pixels further left
    moved = layers.over(photo)[..., 0]
    assert (moved[10, :11] <= 25).all() and moved[10, 13] == 200
    np.testing.assert_array_equal(moved[:5], photo[:5, :, 0])
    large = np.kron(photo, np.ones((2, 2, 1), np.uint8))
    put = put_back(large, Placement(1 + 0j, 0j), layers)[..., 0]
    assert (put[20, 4:21] <= 25).all() and put[20, 27] == 200
