"""Hair found by its colour in the background around a face."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.editing import head
from scgan.editing.head import head_weight

ROWS, COLUMNS = np.mgrid[:64, :64]
FACE = np.hypot((ROWS - 36) / 1.3, COLUMNS - 32) < 14
HAIR = (np.hypot(ROWS - 30, COLUMNS - 32) < 22) & (ROWS < 34) & ~FACE
WALL, SKIN, BROWN = (180, 190, 200), (220, 170, 140), (70, 50, 40)


def photo(*parts: tuple[NDArray[np.bool_], tuple[int, int, int]]) -> NDArray[np.uint8]:
    image = np.full((64, 64, 3), WALL, np.uint8)
    for pixels, color in parts:
        image[pixels] = color
    return image


def weight_of(image: NDArray[np.uint8], face: NDArray[np.bool_] = FACE) -> NDArray[np.float32]:
    weight = head_weight(image, face.astype(np.uint8))
    assert weight.shape == (64, 64, 1) and weight.dtype == np.float32
    return weight[..., 0]


def test_hair_counts_and_the_wall_does_not() -> None:
    weight = weight_of(photo((HAIR, BROWN), (FACE, SKIN)))
    assert (weight[FACE] == 1).all()
    inner = HAIR & (np.hypot(ROWS - 30, COLUMNS - 32) < 20)
    assert weight[inner].min() > 0.5 and weight[inner].mean() > 0.85
    wall = ~FACE & (np.hypot(ROWS - 32, COLUMNS - 32) > 26)
    assert weight[wall].max() < 0.01


def test_a_bald_head_before_a_wall() -> None:
    """Nothing around the face differs from the border, so nothing but the face counts."""
    weight = weight_of(photo((FACE, SKIN)))
    np.testing.assert_array_equal(weight[~FACE], 0)


def test_things_of_the_hairs_colour_far_from_the_face_count_little() -> None:
    lamp = (ROWS < 8) & (COLUMNS > 54)
    weight = weight_of(photo((HAIR, BROWN), (FACE, SKIN), (lamp, BROWN)))
    assert weight[lamp].max() < 0.3 < weight[HAIR].mean()


def test_images_that_are_all_face_or_show_none() -> None:
    image = photo()
    np.testing.assert_array_equal(weight_of(image, np.ones((64, 64), bool)), 1)
    np.testing.assert_array_equal(weight_of(image, np.zeros((64, 64), bool)), 0)


def test_likelihood_is_the_mean_of_normal_densities() -> None:
    generator = np.random.default_rng(0)
    colors = generator.integers(0, 256, (5, 7, 3)).astype(np.float32)
    examples = np.concatenate([colors[2], colors[3] + 10])
    squares = ((colors[:, :, None].astype(np.float64) - examples) ** 2).sum(axis=3)
    expected = np.exp(-squares / (2 * head._SPREAD**2)).mean(axis=2)
    np.testing.assert_allclose(head._likelihood(colors, examples), expected, atol=1e-4)


def test_the_weight_ends_where_the_brightness_does() -> None:
    """A dark head before a light wall: no rim of half a weight around the hair, which a blur would leave."""
    weight = weight_of(photo((HAIR, BROWN), (FACE, SKIN)))
    outside = ~HAIR & ~FACE
    rim = outside & (np.hypot(ROWS - 30, COLUMNS - 32) < 25) & (ROWS < 30)
    assert weight[rim].max() < 0.2 and weight[HAIR].mean() > 0.8


def test_guided_filter_of_a_step_keeps_it() -> None:
    step, everywhere = (COLUMNS > 31).astype(np.float32), np.ones((64, 64), bool)
    np.testing.assert_allclose(head._guided(step, step * 0.5, everywhere, 5), step, atol=0.01)
    flat = np.full((64, 64), 0.3, np.float32)
    np.testing.assert_allclose(head._guided(flat, step, everywhere, 5), flat, atol=1e-5)
