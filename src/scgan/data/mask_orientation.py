"""Orientation of masks whose photos carry an EXIF orientation: drawn on the stored pixels, or on the upright photo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import center_square, cut_mask, cut_photo, open_photo, read_orientation, upright
from scgan.data.masks import Classes
from scgan.utils.errors import ItemError
from scgan.utils.progress import progress

MaskOrientation = Literal["auto", "stored", "upright"]

# Photos with an orientation that are compared with their masks before preparing begins.
_MAX_COMPARED = 48
_COMPARED_SIZE = 128  # pixels
# A mask decides if the colour steps along its borders are larger by this factor one way than the other.
_CLEAR = 1.25
# Masks that must decide, and the share of them that must agree.
_MIN_VOTES = 4
_MIN_AGREEMENT = 0.8
_TURNED_BY_TAG = (
    "{} turned likewise, because they carry the same orientation; if they were drawn on the upright photo, add "
    "--mask-orientation upright"
)


class Orientations(NamedTuple):
    """Decision of the orientation of masks for a whole source.

    Attributes:
        stored: true if masks whose shape does not tell were drawn on the stored pixels.
        chosen: true if the user said so; then shapes do not matter.
        note: sentence for the user; ``""`` where no photo carries an orientation.
    """

    stored: bool
    chosen: bool
    note: str

    def place(self, mask: NDArray[np.uint8], shape: tuple[int, int], orientation: int) -> NDArray[np.uint8]:
        """Turn a mask as its photo was turned, where it was drawn on the stored pixels.

        Args:
            mask: uint8 (H, W).
            shape: height and width of the upright photo.
            orientation: EXIF orientation of the photo, 1…8.
        """
        if orientation == 1:
            return mask
        told = None if self.chosen else _told_by_shapes(mask.shape, shape, orientation)
        stored = self.stored if told is None else told
        return np.ascontiguousarray(upright(mask, orientation)) if stored else mask


def decide_orientations(choice: MaskOrientation, pairs: Sequence[tuple[Path, Path]], classes: Classes) -> Orientations:
    """Decide whether masks of photos with an EXIF orientation were drawn on the stored pixels.

    Sizes tell where a photo that is not square was turned by a quarter. Otherwise the colours do: they change along
    the borders of a mask that lies right. If neither tells, masks that carry the orientation of their photos are taken
    as drawn on the stored pixels, others as drawn on the upright photo.

    Args:
        choice: "stored" or "upright" as the user says, or "auto".
        pairs: photo and mask of each item.
        classes: of the masks.
    """
    if choice != "auto":
        return Orientations(choice == "stored", True, "")
    turned = []
    with progress("read orientations", len(pairs)) as advance:
        for photo, mask in pairs:
            orientation = read_orientation(photo)
            if orientation != 1:
                turned.append((photo, mask))
            advance(1, "")
    if not turned:
        return Orientations(False, False, "")
    compared = turned[:: -(-len(turned) // _MAX_COMPARED)]
    votes = [vote for vote in (_vote(photo, mask, classes) for photo, mask in compared) if vote is not None]
    share = sum(vote.stored for vote in votes) / max(len(votes), 1)
    by_size = len(votes) == len(compared) and all(vote.by_size for vote in votes)
    decided = by_size or len(votes) >= _MIN_VOTES
    decided &= max(share, 1 - share) >= _MIN_AGREEMENT
    if not decided and all(read_orientation(mask) == read_orientation(photo) for photo, mask in compared):
        return Orientations(True, False, _TURNED_BY_TAG.format(_masks_of(len(turned))))
    return Orientations(decided and share > 0.5, False, _describe(len(turned), share, decided))


def border_steps(images: NDArray[np.uint8], segmentations: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean step of brightness across the borders of classes.

    Args:
        images: uint8 (N, H, W, 3).
        segmentations: uint8 (N, H, W).

    Returns:
        float32 (N,); 0 for a mask without borders.
    """
    grey = images.mean(-1, dtype=np.float32)
    across, down = np.abs(np.diff(grey, axis=2)), np.abs(np.diff(grey, axis=1))
    border_across = segmentations[:, :, 1:] != segmentations[:, :, :-1]
    border_down = segmentations[:, 1:] != segmentations[:, :-1]
    steps = np.sum(across, (1, 2), where=border_across) + np.sum(down, (1, 2), where=border_down)
    return np.asarray(steps / np.maximum(border_across.sum((1, 2)) + border_down.sum((1, 2)), 1), np.float32)


class _Vote(NamedTuple):
    stored: bool
    by_size: bool


def _told_by_shapes(mask: tuple[int, ...], photo: tuple[int, int], orientation: int) -> bool | None:
    """True if the shapes (H, W) of mask and upright photo say that the mask was drawn on stored pixels.

    None if they do not tell.
    The mask may be smaller than the photo: only the longer side counts.
    """
    if orientation < 5 or mask[0] == mask[1] or photo[0] == photo[1]:
        return None
    return (mask[0] > mask[1]) != (photo[0] > photo[1])


def _vote(photo_file: Path, mask_file: Path, classes: Classes) -> _Vote | None:
    """Orientation of one mask by sizes, else by colours; None if neither tells."""
    try:
        photo, mask = open_photo(photo_file), classes.read(mask_file).segmentation
    except ItemError:  # the item is skipped and recorded when it is read
        return None
    height, width = photo.pixels.shape[:2]
    told = _told_by_shapes(mask.shape, (height, width), photo.orientation)
    if told is not None:
        return _Vote(told, True)
    turned = np.ascontiguousarray(upright(mask, photo.orientation))
    if turned.shape != mask.shape:
        return None
    square = center_square(mask)
    image = cut_photo(photo.pixels, center_square(photo.pixels[..., 0]), _COMPARED_SIZE)[None]
    as_drawn, as_stored = (
        float(border_steps(image, cut_mask(each, square, _COMPARED_SIZE)[None])[0]) for each in (mask, turned)
    )
    if max(as_drawn, as_stored) <= _CLEAR * min(as_drawn, as_stored):
        return None
    return _Vote(as_stored > as_drawn, False)


def _masks_of(count: int) -> str:
    if count == 1:
        return "1 photo carries an EXIF orientation; its mask was"
    return f"{count:,} photos carry an EXIF orientation; their masks were"


def _describe(count: int, share: float, decided: bool) -> str:
    """Sentence about the masks of ``count`` photos."""
    photos = _masks_of(count)
    if not decided:
        return (
            f"{photos} taken as drawn on the upright photo, although neither sizes nor colours tell; if drawn on the "
            "stored pixels, add --mask-orientation stored"
        )
    if share > 0.5:
        return (
            f"{photos} turned likewise, because sizes or colours show that the stored pixels were annotated; if not, "
            "add --mask-orientation upright"
        )
    return (
        f"{photos} left as drawn, because sizes or colours show that the upright photo was annotated; if not, add "
        "--mask-orientation stored"
    )
