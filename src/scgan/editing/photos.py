"""Photos as a model sees them: the face moved to the position of its faces, or the part that its data show."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import Square, count_frames, read_photo
from scgan.editing.placement import Placement, cut, cut_classes, photo_points, place_landmarks, place_square
from scgan.faces.alignment import align_face
from scgan.faces.checks import require_inside
from scgan.faces.detector import DetectorName, shared_detector
from scgan.faces.expression import measure
from scgan.faces.landmarks import Points, load_points
from scgan.faces.rasterize import rasterize
from scgan.inference.mask_files import read_mask
from scgan.inference.photo_parser import PhotoParser, refuse_classes_alone
from scgan.inference.photo_placement import place_mask, place_photo
from scgan.inference.synthesizer import Synthesizer
from scgan.utils.errors import ItemError, UserError
from scgan.utils.progress import say

MAX_YAW = 40.0
"""Largest turn of a head in a photo, in degrees: beyond, half of the face cannot be seen."""

_MIN_SIDE = 16  # pixels of a photo
_MAX_ASPECT = 16
_MIN_SHARE, _SOFT_SHARE = 0.25, 0.5  # of the model's size, for the square in pixels of the photo
_MIN_FOREGROUND = 0.02


class PlacedPhoto(NamedTuple):
    """Photo as a model sees it.

    Attributes:
        image: uint8 (H, W, 3), of the model's size.
        placement: place of ``image`` in the photo.
        segmentation: uint8 (H, W), class indices.
        landmarks: float32 (68, 2), fractions of ``image``; None if the mask was not drawn from landmarks.
    """

    image: NDArray[np.uint8]
    placement: Placement
    segmentation: NDArray[np.uint8]
    landmarks: Points | None


class PhotoOptions(NamedTuple):
    """Inputs beside a photo.

    Attributes:
        mask: file with the mask of the whole photo (``--mask``).
        landmarks: file with its landmarks (``--landmarks``).
        face: number of its face, from the left (``--face``).
        detector: finds the landmarks (``--detector``).
        parser: file of a network that finds the mask of the whole photo (``--parser``).
        parser_classes: classes of the model for those of this network (``--parser-classes``).
    """

    mask: Path | None = None
    landmarks: Path | None = None
    face: int | None = None
    detector: DetectorName = "auto"
    parser: Path | None = None
    parser_classes: tuple[str, ...] = ()


NO_OPTIONS = PhotoOptions()


def open_project_photo(file: Path) -> NDArray[np.uint8]:
    """Read a photo that will be edited: uint8 (H, W, 3).

    Raises:
        UserError: it cannot be read, is very small, or very long.
    """
    try:
        photo = read_photo(file)
    except ItemError as error:
        raise UserError(f"{error}.") from error
    # Telephones add depth and brightness as further images of a JPEG file.
    if file.suffix.lower() not in (".jpg", ".jpeg") and (count := count_frames(file)) > 1:
        say(f"{file} has {count} images; the first one is used.")
    height, width = photo.shape[:2]
    if min(height, width) < _MIN_SIDE:
        raise UserError(f"{file} has {width}×{height} pixels, which is too small for a photo: take a larger one.")
    if max(height, width) > _MAX_ASPECT * min(height, width):
        raise UserError(f"{file} has {width}×{height} pixels, more than {_MAX_ASPECT} times as long as wide: crop it.")
    return photo


def place(synthesizer: Synthesizer, file: Path, options: PhotoOptions = NO_OPTIONS) -> PlacedPhoto:
    """Read a photo, find its mask, and cut out what the model sees.

    Models whose masks are drawn from landmarks get the face at the mean position of their examples. Other models get
    the part that their data were cropped to, with the mask that the segmentor or a network of ``options`` finds.

    Raises:
        UserError: it cannot be read, shows no face or several, shows nothing of the model's classes, or a file of
            ``options`` cannot be used.
    """
    if options.mask is not None and options.parser is not None:
        raise UserError("--mask and --parser both give the photo's mask: leave out one of them.")
    refuse_classes_alone(options.parser, options.parser_classes)
    parser = None
    if options.parser is not None:
        parser = PhotoParser(options.parser, options.parser_classes, synthesizer.schema)
    photo = open_project_photo(file)
    mask = None if options.mask is None else _read_photo_mask(options.mask, file, photo, synthesizer)
    if parser is not None:
        mask = parser.segment(photo)
    if synthesizer.schema.landmarks and (options.mask is None or options.landmarks is not None):
        placed = _place_face(synthesizer, file, photo, options)
        if mask is not None:
            placed = placed._replace(
                segmentation=cut_classes(mask, placed.placement, synthesizer.schema.image_size), landmarks=None
            )
    else:
        if options.face is not None and synthesizer.schema.landmarks:
            raise UserError(
                "--face chooses the face that the mask is drawn from, --mask gives it: leave out one of them."
            )
        if options.landmarks is not None or options.face is not None:
            raise UserError(
                "--landmarks and --face are for models whose masks are drawn from landmarks: leave them out."
            )
        placed = place_part(synthesizer, photo, str(file), mask)
    side = require_large(placed.placement, photo.shape, synthesizer.schema.image_size, str(file))
    if side < _SOFT_SHARE * synthesizer.schema.image_size:
        say(f"{file}: the part that the model sees is only {side:.0f} pixels wide, so edits will be soft.")
    return placed


def require_large(placement: Placement, shape: tuple[int, ...], size: int, name: str) -> float:
    """Check that the part of a photo (H, W, 3) which a model of a size sees has enough pixels, and return its side.

    Raises:
        UserError: it is too small.
    """
    side = placement.side(shape)
    if side < _MIN_SHARE * size:
        raise UserError(
            f"{name}: the part that the model sees is only {side:.0f} pixels wide, the model draws {size}: take a "
            "larger photo."
        )
    return side


def _place_face(synthesizer: Synthesizer, file: Path, photo: NDArray[np.uint8], options: PhotoOptions) -> PlacedPhoto:
    if options.landmarks is None:
        points = _detect(file, photo, options.face, options.detector)
    elif options.face is not None or options.detector != "auto":
        raise UserError(
            "--face and --detector are for landmarks that are detected, --landmarks gives them: leave out one."
        )
    else:
        points = load_points(options.landmarks)
    return place_face(synthesizer, photo, str(file), points)


def place_face(synthesizer: Synthesizer, photo: NDArray[np.uint8], name: str, points: Points) -> PlacedPhoto:
    """Cut a face out of a photo, moved to the mean position of the model's examples.

    Args:
        synthesizer: a model whose masks are drawn from landmarks.
        photo: uint8 (H, W, 3).
        name: of the photo, for errors.
        points: landmarks, float (68, 2), fractions of its width and height.

    Raises:
        UserError: the head is turned too far, or the face does not lie in the image.
    """
    examples, size = synthesizer.examples.landmarks, synthesizer.schema.image_size
    assert examples is not None
    longer = photo_points(points, photo.shape)
    upright = np.stack([longer.real, longer.imag], axis=1)
    yaw = measure(upright).yaw
    if abs(yaw) > MAX_YAW:
        raise UserError(
            f"{name}: the head is turned by about {abs(yaw):.0f}°, beyond {MAX_YAW:.0f}° too little of the face is "
            "seen: choose a photo in which it looks at the camera."
        )
    aligned = align_face(upright[None], examples.mean(axis=0))[0]
    require_inside(aligned, name)
    placement = place_landmarks(points, aligned, photo.shape)
    return PlacedPhoto(cut(photo, placement, size), placement, rasterize(aligned, size), aligned)


def _detect(file: Path, photo: NDArray[np.uint8], number: int | None, detector: DetectorName) -> Points:
    faces = sorted(shared_detector(detector).detect_all(photo), key=lambda points: float(points[:, 0].mean()))
    if not faces:
        raise UserError(
            f"{file}: no face found: choose a photo with a face that looks at the camera, or give its --landmarks."
        )
    if number is None and len(faces) > 1:
        raise UserError(
            f"{file}: {len(faces)} faces found: choose one by its number from the left, --face 1 for example."
        )
    if number is not None and not 1 <= number <= len(faces):
        raise UserError(f"--face {number}: {file} shows {len(faces)}, which count from 1 at the left.")
    return faces[(number or 1) - 1]


def place_part(
    synthesizer: Synthesizer,
    photo: NDArray[np.uint8],
    name: str,
    mask: NDArray[np.uint8] | None = None,
    square: Square | None = None,
) -> PlacedPhoto:
    """Cut the part of a photo that a model sees, with its mask.

    Args:
        synthesizer: the model.
        photo: uint8 (H, W, 3).
        name: of the photo, for errors.
        mask: of the whole photo; None lets the segmentor find it.
        square: the part; None places it as the model's data were.

    Raises:
        UserError: the model has no segmentor, or there is nothing of its classes.
    """
    size = synthesizer.schema.image_size
    if mask is None and not synthesizer.can_segment:
        raise UserError("this model has no segmentor (segmentor.safetensors) to find the photo's mask: give --mask.")
    measured = mask if square is None else None  # a mask may have another size than its photo
    if square is None:
        square = place_photo(synthesizer, photo) if mask is None else place_mask(synthesizer, mask, name)
    placement = place_square(square, photo.shape if measured is None else measured.shape)
    image = cut(photo, placement, size)
    segmentation = synthesizer.segment(image) if mask is None else cut_classes(mask, placement, size)
    if (segmentation > 0).mean() < _MIN_FOREGROUND:
        names = ", ".join(synthesizer.schema.class_names[1:])
        raise UserError(
            f"{name} shows nothing of what this model knows ({names}): choose another photo, or give --mask."
        )
    return PlacedPhoto(image, placement, segmentation, None)


def _read_photo_mask(
    mask_file: Path, file: Path, photo: NDArray[np.uint8], synthesizer: Synthesizer
) -> NDArray[np.uint8]:
    """Read a mask of the whole photo, of its proportions."""
    mask = read_mask(mask_file, synthesizer.schema)
    (height, width), (mask_height, mask_width) = photo.shape[:2], mask.shape
    if abs(width * mask_height - height * mask_width) > max(width, height, mask_width, mask_height):
        raise UserError(
            f"{mask_file} is {mask_width}×{mask_height}, which are not the proportions of {file} ({width}×{height}): "
            "give a mask of the whole photo."
        )
    return mask
