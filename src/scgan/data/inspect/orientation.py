"""Detection of turned, mirrored and shifted masks, and of images that lie on their side.

Arrays from MATLAB and from column-major HDF5 files arrive transposed, and masks of turned photos turned; a square image
does not show it by its shape.

A mask alone does not tell which way is up, so two criteria are combined. *Edges*: the colours of an image change across
the border of two classes, so the step there is larger under the mask than under the turned mask. That holds for nearly
every item of any data set. *Layout*: the average place of each class. It is far more certain about a single mask, but
has to be learned from upright ones. So it is learned from all masks, each turned as the edges of its own image say,
then as the layout itself says, a few times over. A mask is reported if both criteria agree. If they disagree in more
than a tenth of the items, the images have no edges at the borders of their masks, and nothing is reported, unless the
edges alone say the same of nearly all masks. The layout of symmetric things (faces) does not tell a mask from its
mirror image; there the edges do, if they are clear in nearly all masks.

Where the edges of most masks are clear (blobs, which have no layout), they decide about single masks alone.

On 120 toy faces and 96 fashion photos with 4, 20, 50, 90 or 100 % of the masks turned in any of the seven ways, all of
these were found, and no other mask was reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import upright
from scgan.data.mask_orientation import border_steps
from scgan.utils.batching import batches
from scgan.utils.progress import progress
from scgan.utils.spread import spread_rows

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
_Maps = TypeVar("_Maps", Pixels, Floats)


class MaskRows(Protocol):
    """Masks, an array or what reads rows of one: uint8 (N, H, H)."""

    def __getitem__(self, rows: NDArray[np.int64], /) -> Pixels: ...


TURNS = {
    2: "mirrored left to right",
    3: "turned by 180°",
    4: "mirrored top to bottom",
    5: "transposed",
    6: "turned by 90° counterclockwise",
    7: "transposed along the other diagonal",
    8: "turned by 90° clockwise",
}
"""EXIF orientation that brings a mask back → what happened to it."""
_INVERSE = {6: 8, 8: 6}  # the others are their own

# With fewer items an average says nothing about a data set.
_MIN_MASKS = 32
_MIN_IMAGES = 64
# Edges alone decide about a whole data set if they are clear in this many masks and agree in this share of these.
_MIN_CLEAR = 8
_MIN_AGREEMENT = 0.8
_CLEAR = 1.1
_MIN_CLEAR_SHARE = 0.95
_SAMPLE = 2048
_ITEMS_AT_ONCE = 512
_LAYOUT_SIDE = 32
_MAX_SHIFT = 2
_SHIFT_SAMPLE = 512
# A shift is reported if the mean step along the shifted borders is larger by this factor, in this share of the masks.
_SHIFT_GAIN = 1.03
_SHIFT_SHARE = 0.7
_AS_GOOD = 0.995
_MIN_CORRELATION = 0.4
# Single masks are reported by their edges alone if a turn is better by this factor, where the masks of this share lie
# right by the same factor.
_SINGLE_GAIN, _SINGLE_SHARE = 1.5, 0.75


def turned_masks(images: Pixels, segmentations: MaskRows, class_count: int) -> dict[int, NDArray[np.int64]]:
    """Find masks that look turned, mirrored or transposed against their images.

    Args:
        images: uint8 (N, H, H, 3).
        segmentations: uint8 (N, H, H), all below ``class_count``.
        class_count: the number of classes.

    Returns:
        Key of ``TURNS`` → row numbers, int64, ascending; no row is named twice. Empty if there are too few items.
    """
    rows = spread_rows(len(images), _SAMPLE)
    steps = np.concatenate([_steps(images[part], segmentations[part]) for part in _parts(rows)])  # (N, 8)
    if turn := _common_turn(steps):
        gains = [_steps(images[part], segmentations[part], (1, turn)) for part in _all_parts(len(images))]
        worse = np.concatenate([gain[:, 1] > gain[:, 0] for gain in gains])
        return {turn: np.flatnonzero(worse)}
    if len(images) < _MIN_MASKS:
        return {}
    by_edges = _by_edges(images, segmentations, steps)
    if by_edges is not None:
        return by_edges
    return _by_layout(images, segmentations, class_count, rows, steps)


def images_lie_on_side(images: Pixels) -> bool:
    """True if the mean image is far more symmetric top to bottom than left to right.

    Upright images of people (and of most things) are, on average, symmetric about the vertical axis: the difference
    between the mean image and its mirror image was 0.2 to 0.4 of that between the mean image and itself upside down.

    Args:
        images: uint8 (N, H, W, 3); false for fewer than 64.
    """
    if len(images) < _MIN_IMAGES:
        return False
    rows = spread_rows(len(images), _SAMPLE)
    mean = images[rows].mean(0)
    left_to_right, top_to_bottom = np.abs(mean - mean[:, ::-1]).mean(), np.abs(mean - mean[::-1]).mean()
    if left_to_right <= 1.5 * top_to_bottom:
        return False
    # Where the difference is due to chance, two halves of the images do not have the same one.
    halves = [images[rows[start::2]].mean(0) for start in (0, 1)]
    one, other = ((half - half[:, ::-1]).ravel() for half in halves)
    return bool(one @ other > _MIN_CORRELATION * np.linalg.norm(one) * np.linalg.norm(other))


def mask_shift(images: Pixels, segmentations: MaskRows) -> tuple[int, int]:
    """Find a shift of all masks against their images.

    Args:
        images: uint8 (N, H, W, 3).
        segmentations: uint8 (N, H, W).

    Returns:
        Pixels (right, down), up to 2, by which the masks lie too far; (0, 0) if they lie right or nothing tells.
    """
    if len(images) < _MIN_MASKS:
        return 0, 0
    rows = spread_rows(len(images), _SHIFT_SAMPLE)
    masks, inner = segmentations[rows], slice(_MAX_SHIFT, -_MAX_SHIFT)
    cut = images[rows][:, inner, inner]
    offsets = range(-_MAX_SHIFT, _MAX_SHIFT + 1)
    steps = {
        (right, down): border_steps(cut, np.roll(masks, (-down, -right), (1, 2))[:, inner, inner])
        for right in offsets
        for down in offsets
    }
    means = {shift: float(mean.mean()) for shift, mean in steps.items()}
    # Of shifts that are as good, as along the borders of broad bands, the smallest one.
    good = [shift for shift, mean in means.items() if mean >= _AS_GOOD * max(means.values())]
    best = min(good, key=lambda shift: (abs(shift[0]) + abs(shift[1]), -means[shift]))
    gain = means[best] / max(means[0, 0], 1e-6)
    share = (steps[best] > steps[0, 0]).mean()
    # Masks that are too large or too small gain by a shift to either side.
    opposite = means[-best[0], -best[1]] / max(means[0, 0], 1e-6)
    return best if gain > _SHIFT_GAIN >= opposite and share > _SHIFT_SHARE else (0, 0)


def mean_steps(images: Pixels, segmentations: MaskRows, turn: int = 1, shift: tuple[int, int] = (0, 0)) -> float:
    """Mean step of brightness across the borders of masks that are turned and moved back, of a sample."""
    rows = spread_rows(len(images), _SHIFT_SAMPLE)
    masks = np.roll(_turn(segmentations[rows], turn), (-shift[1], -shift[0]), (1, 2))
    return float(border_steps(images[rows], masks).mean())


def _all_parts(count: int) -> Iterator[NDArray[np.int64]]:
    """Rows of all masks in parts, with progress."""
    with progress("inspect: masks", count, brief=True) as advance:
        for part in _parts(np.arange(count)):
            yield part
            advance(len(part), "")


def _parts(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return [rows[part] for part in batches(len(rows), _ITEMS_AT_ONCE)]


def _turn(segmentations: _Maps, turn: int) -> _Maps:
    """Masks (N, H, H) turned by an EXIF orientation."""
    return np.moveaxis(upright(np.moveaxis(segmentations, 0, -1), turn), -1, 0)


def _steps(images: Pixels, segmentations: Pixels, turns: tuple[int, ...] = tuple(range(1, 9))) -> Floats:
    """Mean step of brightness across the masks' borders for each turn: (N, n_turns)."""
    return np.stack([border_steps(images, _turn(segmentations, turn)) for turn in turns], 1)


def _by_edges(images: Pixels, segmentations: MaskRows, steps: Floats) -> dict[int, NDArray[np.int64]] | None:
    """Masks that other turns fit far better, where the edges of most masks are clear; None where they are not.

    Turns that leave a mask as it is fit as well as the mask itself, and do not count.
    """
    if _clear_gains(steps).mean() < _SINGLE_SHARE:
        return None
    found: dict[int, list[int]] = {}
    for part in _all_parts(len(images)):
        gains = _steps(images[part], segmentations[part])
        best = gains.argmax(1)
        for row, turn in zip(part.tolist(), best.tolist(), strict=True):
            if gains[row - part[0], turn] > _SINGLE_GAIN * gains[row - part[0], 0]:
                found.setdefault(turn + 1, []).append(row)
    return {turn: np.array(rows) for turn, rows in sorted(found.items())}


def _clear_gains(steps: Floats) -> NDArray[np.bool_]:
    """True for masks that lie right by far, compared with the turns that change their steps: (N,)."""
    others = np.where(np.isclose(steps, steps[:, :1], rtol=1e-3), 0, steps).max(1)
    return np.asarray((others > 0) & (steps[:, 0] > _SINGLE_GAIN * others))


def _common_turn(steps: Floats) -> int:
    """Turn that the edges of nearly all masks ask for; 0 if there is none."""
    mean = np.log(steps + 1).mean(0)
    best = int(mean.argmax())
    clear_for = steps[:, best] > _CLEAR * steps[:, 0]
    clear_against = steps[:, 0] > _CLEAR * steps[:, best]
    clear = int(clear_for.sum() + clear_against.sum())
    if not best or clear < _MIN_CLEAR or clear_for.sum() < _MIN_AGREEMENT * clear or clear < len(steps) / 4:
        return 0
    return best + 1


def _by_layout(
    images: Pixels, segmentations: MaskRows, class_count: int, rows: NDArray[np.int64], steps: Floats
) -> dict[int, NDArray[np.int64]]:
    """Masks about which edges and layout agree."""
    small = _small(segmentations[rows])
    best = steps.argmax(1)
    for _ in range(4):
        turned = np.stack([_turn(mask[None], turn + 1)[0] for mask, turn in zip(small, best.tolist(), strict=True)])
        layout = _layout(turned, class_count)
        likelihoods = _likelihoods(small, layout)
        best = likelihoods.argmax(1)
    symmetric = not _agree(steps, likelihoods, best, 2, 2)
    if symmetric:
        likelihoods = _without_mirror(likelihoods)
        best = likelihoods.argmax(1)
    labels = {}  # turn by the layout → turn by the layout and, where that does not tell a mirror image, by edges
    for turn in (3, 5, 7) if symmetric else TURNS:
        totals = steps[best == turn - 1].sum(0)
        label = turn + 1 if symmetric and totals[turn] > totals[turn - 1] else turn
        if _agree(steps, likelihoods, best, turn, label):
            labels[turn] = label
    if symmetric and _edges_tell(steps[best == 0, :2]):
        labels[1] = 2
    found: dict[int, list[NDArray[np.int64]]] = {}
    for part in _all_parts(len(images)):
        likelihoods = _likelihoods(_small(segmentations[part]), layout)
        best = (_without_mirror(likelihoods) if symmetric else likelihoods).argmax(1)
        for turn, label in labels.items():
            suspects = part[best == turn - 1]
            if suspects.size:
                gain = _steps(images[suspects], segmentations[suspects], (1, label))
                margin = _CLEAR if turn == 1 else 1
                found.setdefault(label, []).append(suspects[gain[:, 1] > margin * gain[:, 0]])
    joined = {turn: np.concatenate(parts) for turn, parts in found.items()}
    return {turn: numbers for turn, numbers in joined.items() if numbers.size}


def _agree(steps: Floats, likelihoods: Floats, best: NDArray[np.int64], turn: int, label: int) -> bool:
    """True if the edges prefer ``label`` where the layout prefers ``turn``, of the masks that lie right or so."""
    concerned = (best == 0) | (best == turn - 1)
    agree = (steps[:, label - 1] > steps[:, 0]) == (likelihoods[:, turn - 1] > likelihoods[:, 0])
    return bool(concerned.any() and agree[concerned].mean() >= 0.9)


def _edges_tell(steps: Floats) -> bool:
    """True if the edges of nearly all masks clearly prefer the mask or its mirror image: (N, 2) for these two."""
    clear = steps.max(1) > _CLEAR * steps.min(1)
    return bool(len(clear) and clear.mean() >= _MIN_CLEAR_SHARE)


def _without_mirror(likelihoods: Floats) -> Floats:
    """Likelihoods (N, 8) in which a turn and the same turn with left and right exchanged are equal."""
    return likelihoods.reshape(-1, 4, 2).max(2).repeat(2, axis=1)


def _small(segmentations: Pixels) -> Pixels:
    """Masks of at most 32×32 pixels, of which the middle of each cell is kept."""
    factor = max(1, segmentations.shape[1] // _LAYOUT_SIDE)
    return segmentations[:, factor // 2 :: factor, factor // 2 :: factor]


def _layout(segmentations: Pixels, class_count: int) -> Floats:
    """Logarithm of the share of masks that have each class at each place: (classes, H, W)."""
    counts = np.stack([(segmentations == index).sum(0) for index in range(class_count)])
    return np.log((counts + 1 / class_count) / (len(segmentations) + 1)).astype(np.float32)


def _likelihoods(segmentations: Pixels, layout: Floats) -> Floats:
    """Mean log-likelihood of the masks' pixels under the layout, for each turn of the masks: (N, 8)."""
    # The layout is turned the other way instead of each mask.
    layouts = np.stack([_turn(layout, _INVERSE.get(turn, turn)) for turn in range(1, 9)], -1)
    y, x = np.indices(segmentations.shape[1:], np.int32)
    values = layouts[segmentations, y, x].reshape(len(segmentations), y.size, 8)
    return np.asarray(np.full(y.size, 1 / y.size, np.float32) @ values)
