"""Images that are in two splits: copies are found, different objects of one kind are not."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from scgan.data.inspect.duplicates import _neighborhoods, shared_images
from scgan.data.items import ItemSplits

SIZE = 64


def product(seed: int) -> NDArray[np.uint8]:
    """An object of nearly one shape before white, of its own colour and texture."""
    random = np.random.default_rng(seed)
    y, x = np.indices((SIZE, SIZE))
    inside = ((x - 32) / random.integers(18, 21)) ** 2 + ((y - 32) / random.integers(12, 15)) ** 2 < 1
    texture = 200 * gaussian_filter(random.normal(size=(SIZE, SIZE)), 1.5)
    color = random.integers(20, 180, 3) + texture[..., None]
    return np.where(inside[..., None], np.clip(color, 0, 255), 255).astype(np.uint8)


def compressed(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    file = BytesIO()
    Image.fromarray(image).save(file, "JPEG", quality=40)
    return np.asarray(Image.open(file))


def resized(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    small = Image.fromarray(image).resize((40, 40), Image.Resampling.BICUBIC)
    return np.asarray(small.resize((SIZE, SIZE), Image.Resampling.BICUBIC))


def grey(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))


def darker(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return (image * 0.85).astype(np.uint8)


def test_objects_of_one_kind_are_no_duplicates() -> None:
    images = np.stack([product(seed) for seed in range(100)])
    assert shared_images(images, ItemSplits.of(["train"] * 70 + ["test"] * 30)) == []


@pytest.mark.parametrize("change", [compressed, resized, darker, grey])
def test_copies_are_found_among_them(change: object) -> None:
    assert callable(change)
    images = np.stack([product(seed) for seed in range(20)])
    copies = np.stack([change(image) for image in images])
    pairs = shared_images(np.concatenate([images, copies]), ItemSplits.of(["train"] * 20 + ["test"] * 20))
    found = {(pair.first, pair.second) for pair in pairs}
    assert found <= {(index, 20 + index) for index in range(20)} and len(found) >= 15


def test_more_images_than_are_compared_at_once() -> None:
    images = np.random.default_rng(0).integers(0, 256, (8300, 32, 32, 3), np.uint8)
    images[8299] = images[8250]
    images[8299, 0, 0, 0] ^= 1
    assert shared_images(images, ItemSplits.of(["train"] * 8298 + ["test"] * 2)) == [(8250, 8299, False)]


def test_every_near_pair_is_in_one_neighborhood() -> None:
    random = np.random.default_rng(0)
    points = random.normal(size=(6000, 64)).astype(np.float32) * np.geomspace(1, 0.01, 64, dtype=np.float32)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    first, second = points[:5000], points[5000:]
    second[:500] = first[:500] + random.normal(size=(500, 64)).astype(np.float32) * 0.011
    near = first @ second.T > 0.995
    together = np.zeros((5000, 1000), np.int64)
    blocks = list(_neighborhoods(first, second))
    for block, rows in blocks:
        together[np.ix_(block, rows)] += 1
    assert near.sum() > 300 and (together[near] == 1).all()
    assert len(blocks) > 4 and together.mean() < 0.7  # most of the work is left out


def test_an_image_that_a_split_holds_often() -> None:
    image = product(0)
    splits = ItemSplits.of(["train"] * 1500 + ["test"] * 3)
    images = np.stack([image] * 1501 + [product(1), grey(image)])
    assert shared_images(images, splits) == [(0, 1500, True), (0, 1502, False)]
