"""Detection of images that are in two splits, so that evaluation would use training images."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import SPLITS
from scgan.utils.batching import batches

_IMAGES_AT_ONCE = 1024
_THUMBNAIL_SIDE = 8
# Of 12,155 faces and 904 fashion photos, 17 and 4 pairs of thumbnails correlate by more than this: each pair is one
# photo, cropped, coloured or compressed in another way. The next lower pair of faces lies below .99.
_DUPLICATE_CORRELATION = 0.995


class Pair(NamedTuple):
    """Rows of two images in different splits; ``exact`` if every byte is the same, else they look the same."""

    first: int
    second: int
    exact: bool


def shared_images(images: NDArray[np.uint8], splits: Sequence[str]) -> list[Pair]:
    """Find images that are in more than one split; for each image and pair of splits one partner is named.

    Exact copies are found by their digests. Others by thumbnails: 8×8 grey values, whose correlation is above .995
    only for crops and copies of one photo.

    Args:
        images: uint8 (N, H, W, 3), H and W multiples of 8.
        splits: split of each image.
    """
    digests, thumbnails = _signatures(images)
    pairs = []
    for one, other in combinations(SPLITS, 2):
        first, second = (np.flatnonzero(np.asarray(splits) == split) for split in (one, other))
        if not (first.size and second.size):
            continue
        copies = {digests[row]: row for row in first}
        for part in batches(len(second), _IMAGES_AT_ONCE):
            rows = second[part]
            similarity = thumbnails[rows] @ thumbnails[first].T
            for row, nearest, value in zip(rows, first[similarity.argmax(1)], similarity.max(1), strict=True):
                if (copy := copies.get(digests[row])) is not None:
                    pairs.append(Pair(int(copy), int(row), True))
                elif value > _DUPLICATE_CORRELATION:
                    pairs.append(Pair(int(nearest), int(row), False))
    return pairs


def _signatures(images: NDArray[np.uint8]) -> tuple[list[bytes], NDArray[np.float32]]:
    """Digests, and thumbnails (N, 64) of mean 0 and length 1, so that inner products are correlations."""
    digests, thumbnails = [], []
    height, width = images.shape[1] // _THUMBNAIL_SIDE, images.shape[2] // _THUMBNAIL_SIDE
    for part in batches(len(images), _IMAGES_AT_ONCE):
        chunk = images[part]
        digests += [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in chunk]
        cells = chunk.reshape(len(chunk), _THUMBNAIL_SIDE, height, _THUMBNAIL_SIDE, width * 3)
        thumbnails.append(cells.mean((2, 4), dtype=np.float32).reshape(len(chunk), -1))
    flat = np.concatenate(thumbnails)
    flat -= flat.mean(1, keepdims=True)
    return digests, flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
