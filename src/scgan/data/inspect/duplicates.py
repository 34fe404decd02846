"""Detection of images that are in two splits, so that evaluation would use training images."""

from __future__ import annotations

import hashlib
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.items import SPLITS, ItemSplits
from scgan.utils.batching import batches

_IMAGES_AT_ONCE = 1024
_COMPARED_AT_ONCE = 8192
_THUMBNAIL_SIDE = 8
# Of 12,155 faces and 904 fashion photos, 17 and 4 pairs of thumbnails correlate by more than this: each pair is one
# photo, cropped, coloured or compressed in another way. The next lower pair of faces lies below .99.
_DUPLICATE_CORRELATION = 0.995
# Thumbnails of length 1 with this correlation are so far apart at most, in any direction; more for rounding.
_DUPLICATE_DISTANCE = (2 - 2 * _DUPLICATE_CORRELATION) ** 0.5 + 1e-4
_DETAIL_SIDE = 32
_MOVES = (-1, 0, 1)
_DETAIL_CORRELATION = 0.8
_TINT_CORRELATION = 0.8
_TINT_DIFFERENCE, _GREY_TINT = 12, 8  # of 255


class Pair(NamedTuple):
    """Rows of two images in different splits; ``exact`` if every byte is the same, else they look the same."""

    first: int
    second: int
    exact: bool


def shared_images(images: NDArray[np.uint8], splits: ItemSplits) -> list[Pair]:
    """Find images that are in more than one split; for each image and pair of splits one partner is named.

    Exact copies are found by their digests. Others by thumbnails, 8×8 grey values whose correlation is above .995, and
    by details and colours: different objects of one shape before one background have similar thumbnails.

    Args:
        images: uint8 (N, H, W, 3), H and W multiples of 8.
        splits: split of each image.
    """
    digests, thumbnails = _signatures(images)
    places = _places(thumbnails)
    pairs = []
    for one, other in combinations(SPLITS, 2):
        # Sorted by their places, so that a batch is compared with its surroundings only.
        first, second = (rows[np.argsort(places[rows], kind="stable")] for rows in map(splits.rows, (one, other)))
        if not (first.size and second.size):
            continue
        copies = {digests[row]: row for row in first}
        for part in batches(len(second), _IMAGES_AT_ONCE):
            rows = second[part]
            begin, end = places[rows[0]] - _DUPLICATE_DISTANCE, places[rows[-1]] + _DUPLICATE_DISTANCE
            near = first[slice(*np.searchsorted(places[first], (begin, end)))]
            nearest_rows, similarity = _nearest(thumbnails, rows, near)
            for row, nearest, value in zip(rows, nearest_rows, similarity, strict=True):
                if (copy := copies.get(digests[row])) is not None:
                    pairs.append(Pair(int(copy), int(row), True))
                elif value > _DUPLICATE_CORRELATION and _looks_the_same(images[nearest], images[row]):
                    pairs.append(Pair(int(nearest), int(row), False))
    return sorted(pairs, key=lambda pair: pair.second)


def _places(thumbnails: NDArray[np.float32]) -> NDArray[np.float32]:
    """Place of each thumbnail along the direction in which all of them differ most."""
    directions = np.linalg.eigh(np.cov(thumbnails, rowvar=False))[1]
    return np.asarray(thumbnails @ directions[:, -1].astype(np.float32))


def _nearest(
    thumbnails: NDArray[np.float32], rows: NDArray[np.int64], among: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Most similar image among some for each of ``rows``, and its correlation; the memory does not grow with them."""
    nearest, similarity = np.zeros(len(rows), np.int64), np.full(len(rows), -np.inf, np.float32)
    mine = thumbnails[rows]
    for part in batches(len(among), _COMPARED_AT_ONCE):
        values = mine @ thumbnails[among[part]].T
        best = values.argmax(1)
        maxima = values[np.arange(len(rows)), best]
        better = maxima > similarity
        nearest[better], similarity[better] = among[part][best[better]], maxima[better]
    return nearest, similarity


def _looks_the_same(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """True if the details of two images (H, W, 3) with similar thumbnails agree, and their colours."""
    return _have_same_details(one, other) and _have_same_colors(one, other)


def _have_same_details(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Compare what thumbnails leave out; one image may be moved against the other by a cell."""
    first, second = (_details(image) for image in (one, other))
    inner = first[1:-1, 1:-1].ravel()
    moved = [
        second[1 + down : -1 + down or None, 1 + right : -1 + right or None] for down in _MOVES for right in _MOVES
    ]
    return max(_correlation(inner, part.ravel()) for part in moved) > _DETAIL_CORRELATION


def _have_same_colors(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    """Compare the colours of cells; a copy may be grey, or of another saturation or tint."""
    first, second = (_tints(image) for image in (one, other))
    if np.abs(first - second).max() < _TINT_DIFFERENCE or min(np.abs(first).max(), np.abs(second).max()) < _GREY_TINT:
        return True
    return _correlation(first.ravel(), second.ravel()) > _TINT_CORRELATION


def _cells(image: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Mean colours of side×side cells, float32 (side, side, 3)."""
    height, width = image.shape[0] // side, image.shape[1] // side
    return np.asarray(image.reshape(side, height, side, width, 3).mean((1, 3), dtype=np.float32))


def _details(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Grey values of 32×32 cells without those of the thumbnail."""
    side = min(_DETAIL_SIDE, image.shape[0])
    cells = _cells(image, side).mean(-1)
    repeat = side // _THUMBNAIL_SIDE
    return cells - _cells(image, _THUMBNAIL_SIDE).mean(-1).repeat(repeat, 0).repeat(repeat, 1)


def _tints(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Red and blue of 8×8 cells, each less green."""
    cells = _cells(image, _THUMBNAIL_SIDE)
    return cells[..., ::2] - cells[..., 1:2]


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    one, other = one - one.mean(), other - other.mean()
    return float(one @ other / max(float(np.linalg.norm(one) * np.linalg.norm(other)), 1e-6))


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
