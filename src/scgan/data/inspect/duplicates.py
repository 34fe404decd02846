"""Detection of images that are in two splits, so that evaluation would use training images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.items import SPLITS, ItemSplits
from scgan.utils.batching import batches
from scgan.utils.progress import progress

_IMAGES_AT_ONCE = 1024
_COMPARED_AT_ONCE = 8192
_DIRECTIONS_FROM = 65536
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
    digests, thumbnails = signatures(images)
    pairs = []
    for one, other in combinations(SPLITS, 2):
        first, second = splits.rows(one), splits.rows(other)
        known, places = np.unique(digests[first], return_index=True)
        copied = np.isin(digests[second], known)
        for row in second[copied]:
            copy = first[places[np.searchsorted(known, digests[row])]]
            pairs.append(Pair(int(copy), int(row), True))
        first, second = first[np.sort(places)], second[~copied]  # copies within a split need one comparison only
        nearest, similarity = nearest_images(thumbnails, first, second)
        for row in np.flatnonzero(similarity > _DUPLICATE_CORRELATION):
            if _looks_the_same(images[first[nearest[row]]], images[second[row]]):
                pairs.append(Pair(int(first[nearest[row]]), int(second[row]), False))
    return sorted(pairs, key=lambda pair: pair.second)


def nearest_images(
    thumbnails: NDArray[np.float32], first: NDArray[np.int64], second: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Most similar thumbnail of ``first`` for each of ``second``, exact where the correlation is above .995.

    Args:
        thumbnails: of all images, as ``signatures`` gives them.
        first, second: rows of two splits.

    Returns:
        Index in ``first``, int64, and correlation, float32, of each of ``second``; 0 where nothing is near.
    """
    nearest, similarity = np.zeros(len(second), np.int64), np.zeros(len(second), np.float32)
    if not (len(first) and len(second)):
        return nearest, similarity
    here, there = thumbnails[first], thumbnails[second]
    with progress("inspect: near copies", len(first), brief=True) as advance:
        for near, rows in _neighborhoods(here, there):
            for part in batches(len(rows), _COMPARED_AT_ONCE):
                mine = rows[part]
                values = there[mine] @ here[near].T
                best = values.argmax(1)
                maxima = values[np.arange(len(mine)), best]
                better = maxima > similarity[mine]
                nearest[mine[better]], similarity[mine[better]] = near[best[better]], maxima[better]
            advance(len(near), "")
    return nearest, similarity


def _turn(thumbnails: NDArray[np.float32]) -> None:
    """Turn the axes of all thumbnails to the directions in which they differ most; inner products stay."""
    if len(thumbnails) < 2:
        return
    some = thumbnails[:: -(-len(thumbnails) // _DIRECTIONS_FROM)]
    directions = np.linalg.eigh(np.cov(some, rowvar=False))[1].astype(np.float32)
    for part in batches(len(thumbnails), _COMPARED_AT_ONCE):
        thumbnails[part] = thumbnails[part] @ directions


def _neighborhoods(
    first: NDArray[np.float32], second: NDArray[np.float32]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Cut ``first`` into blocks of neighbors, as a k-d tree does, each with the rows of ``second`` that may be near it.

    The work grows little faster than the number of images: a thumbnail is near few of the planes that halve the others.
    """

    def cut(block: NDArray[np.int64], rows: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        if len(block) <= _IMAGES_AT_ONCE or not len(rows):
            yield block, rows
            return
        direction = int(first[block[:: len(block) // _IMAGES_AT_ONCE]].var(0).argmax())
        half = len(block) // 2
        block = block[first[block, direction].argpartition(half)]
        limit, values = first[block[half], direction], second[rows, direction]
        yield from cut(block[:half], rows[values <= limit + _DUPLICATE_DISTANCE])
        yield from cut(block[half:], rows[values >= limit - _DUPLICATE_DISTANCE])

    yield from cut(np.arange(len(first)), np.arange(len(second)))


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


def signatures(images: NDArray[np.uint8]) -> tuple[NDArray[np.void], NDArray[np.float32]]:
    """Digests of 16 bytes, and thumbnails (N, 64), whose inner products are the correlations of images' gray values.

    Their axes are turned to the directions in which they differ most, for ``nearest_images``.
    """
    digests = np.zeros(len(images), "V16")
    thumbnails = np.zeros((len(images), _THUMBNAIL_SIDE**2), np.float32)
    height, width = images.shape[1] // _THUMBNAIL_SIDE, images.shape[2] // _THUMBNAIL_SIDE
    with progress("inspect: images", len(images), brief=True) as advance:
        for part in batches(len(images), _IMAGES_AT_ONCE):
            chunk = images[part]
            digests[part] = [hashlib.blake2b(image.tobytes(), digest_size=16).digest() for image in chunk]
            lines = chunk.reshape(len(chunk), _THUMBNAIL_SIDE, height, -1).sum(2, np.uint32)
            flat = lines.reshape(len(chunk), _THUMBNAIL_SIDE**2, width * 3).mean(2, np.float32)
            flat -= flat.mean(1, keepdims=True)
            thumbnails[part] = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
            advance(len(chunk), "")
    _turn(thumbnails)
    return digests, thumbnails
