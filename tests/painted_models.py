"""Models, graders and data whose scores are known, for the tests of attributes and realism."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.features import Features
from scgan.faces.landmarks import Points
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors

SCHEMA = Schema(
    32,
    ("background", "thing"),
    distinct_colors(2),
    ("bright", "color=red", "color=blue", "warm"),
    attribute_groups=(("color=red", "color=blue"),),
)
JUDGED = ("bright", "warm", "color")


def painted(attributes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Paint attributes into the first four pixels of the top row; the rest is dark."""
    images = np.full((len(attributes), 32, 32, 3), 20, np.uint8)
    images[:, 0, : attributes.shape[1]] = np.rint(attributes * 255).astype(np.uint8)[..., None]
    return images


def dataset(count: int = 30) -> PreparedDataset:
    random = np.random.default_rng(0)
    attributes = random.integers(0, 2, (count, 4)).astype(np.float32)
    attributes[:, 1:3] = np.eye(2)[random.integers(0, 2, count)]
    masks = np.zeros((count, 32, 32), np.uint8)
    masks[:, 8:24, 8:24] = 1
    return PreparedDataset(
        path=Path("painted"),
        schema=SCHEMA,
        images=painted(attributes),
        segmentations=masks,
        attributes=attributes,
        landmarks=None,
        names=tuple(map(str, range(count))),
        splits=ItemSplits.of(("train",) * (count // 2) + ("test",) * (count - count // 2)),
        fingerprint="0123456789abcdef",
        source={},
    )


class PixelGrader:
    """Attribute grader that reads what ``painted`` wrote."""

    name = "pixels"

    def probabilities(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return images[:, 0, :4, 0].astype(np.float32) / 255


class SquareGrader:
    """Grader that always sees the same mask."""

    name = "squares"

    def segment(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return dataset(2).segmentations[:1].repeat(len(images), 0)


class Painter:
    """Model that paints its attributes; with ``leak`` the first one changes the last one and the background."""

    schema = SCHEMA
    latent_size = 1

    def __init__(self, follows: bool = True, leak: bool = False, latent_shows: bool = False) -> None:
        self.follows, self.leak, self.latent_shows = follows, leak, latent_shows

    def sample_latent(self, count: int, seed: int) -> NDArray[np.float32]:
        return np.random.default_rng(seed).standard_normal((count, 1), np.float32)

    def generate(
        self, segmentation: NDArray[np.uint8], attributes: NDArray[np.float32], latent: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        attributes = np.array(attributes if self.follows else np.zeros_like(attributes))
        if self.leak:
            attributes[:, 3] = attributes[:, 0]
        images = painted(attributes)
        if self.leak:
            images[:, 31] = np.rint(attributes[:, 0] * 255).astype(np.uint8)[:, None, None]
        if self.latent_shows:
            images[:, 16, 16] = np.where(latent > 0, 255, 0)
        return images


def pixel_features(calls: list[int]) -> Features:
    """Features that are pixels; the number of images of each call is added to ``calls``."""

    def extract(images: NDArray[np.uint8], points: Points | None) -> NDArray[np.float32]:
        assert points is None
        calls.append(len(images))
        return (images[:, 0, :4, 0] / 255 + images[:, 16, 16, :1] / 255).astype(np.float32)

    return Features("pixels", extract)
