"""Where a person's masks come from: files, points, a photo, a prepared folder, or the model's own examples."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.images import center_square, cut_mask, cut_photo, decode, read_photo
from scgan.data.masks import Classes
from scgan.data.prepared import PreparedDataset
from scgan.faces.detector import Detector
from scgan.faces.landmarks import Points, load_points
from scgan.faces.rasterize import rasterize
from scgan.schema import Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.progress import say
from scgan.utils.text import join_names

_SUFFIXES = (".png", ".bmp", ".gif", ".tif", ".tiff", ".webp")
_COLOR_MODES = ("RGB", "RGBA", "CMYK")


class NamedConditions(NamedTuple):
    """Masks to make pictures from.

    Attributes:
        names: one for each, usable in file names.
        segmentations: uint8 (N, H, W), class indices of the model, at its size.
        attributes: float32 (N, n_c), the items' own labels; zeros where the origin has none.
        landmarks: float32 (N, 68, 2) as fractions of width and height where the masks were drawn from points, or None.
    """

    names: list[str]
    segmentations: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None


def from_masks(path: Path, schema: Schema) -> NamedConditions:
    """One mask file, or all of a folder: index masks, palette PNGs, or colour masks in the model's class colours.

    A mask of another size is cut to its central square and resized by nearest neighbour, and a person is told.

    Raises:
        UserError: there is none, one cannot be read, or it has a class or colour that the model does not know.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist: give a mask or a folder of masks.")
    files = _mask_files(path) if path.is_dir() else [path]
    if not files:
        raise UserError(f"{path} has no mask: looked for {join_names(_SUFFIXES)}.")
    masks = [_fitted(file, read_mask(file, schema), schema.image_size) for file in files]
    return _unlabelled([file.stem for file in files], np.stack(masks), schema, None)


def from_points(file: Path, schema: Schema) -> NamedConditions:
    """A JSON file of 68 points.

    Raises:
        UserError: the file has no 68 points, or the model's masks are not drawn from points.
    """
    _require_landmarks(schema, "--landmarks")
    return _from_landmarks(file.stem, load_points(file), schema)


def from_photo(file: Path, schema: Schema) -> NamedConditions:
    """The face in a photo: its central square is looked at, as in training.

    Raises:
        UserError: the photo cannot be read, shows no face or several, or the model's masks are not drawn from points.
    """
    _require_landmarks(schema, "--photo")
    try:
        points = detect_face(read_photo(file), str(file), Detector())
    except ItemError as error:
        raise UserError(f"{error}.") from error
    return _from_landmarks(file.stem, points, schema)


def detect_face(photo: NDArray[np.uint8], name: str, detector: Detector) -> Points:
    """The points of the only face in the central square of a photo.

    Args:
        photo: uint8 (H, W, 3), RGB.
        name: what errors call it.
        detector: looks for it.

    Returns:
        float32 (68, 2), fractions of the square.

    Raises:
        UserError: it shows no face or several.
    """
    square = center_square(photo[..., 0])
    # Large enough for the detector, whatever the model's size.
    faces = detector.detect_all(cut_photo(photo, square, min(square.side, 512)))
    if not faces:
        raise UserError(f"{name}: no face found in its central square: choose a photo with one face, seen from ahead.")
    if len(faces) > 1:
        raise UserError(f"{name}: {len(faces)} faces found: cut the photo so that it shows one.")
    return faces[0]


def from_dataset(path: Path, items: str | None, schema: Schema) -> NamedConditions:
    """Items of a prepared folder with their labels.

    Args:
        path: the prepared folder.
        items: row numbers like ``"3,17"``; None for the whole test split.
        schema: the model's.

    Raises:
        UserError: the folder does not fit the model, or a number is none of its rows.
    """
    dataset = PreparedDataset.open(path)
    schema.require_same(dataset.schema, "the model", str(path))
    rows = choose_rows(dataset, items)
    return NamedConditions(
        [Path(dataset.names[row]).stem for row in rows],
        np.array(dataset.segmentations[rows]),
        np.array(dataset.attributes[rows]),
        None if dataset.landmarks is None else np.array(dataset.landmarks[rows]),
    )


def choose_rows(dataset: PreparedDataset, items: str | None) -> NDArray[np.int64]:
    """Row numbers like ``"3,17"``; None is the whole test split.

    Raises:
        UserError: a number is none of its rows, or there is no test split.
    """
    if items is None:
        return dataset.split("test")
    rows = []
    for item in items.split(","):
        try:
            row = int(item)
        except ValueError:
            raise UserError(f"--items {items}: {item!r} is no row number.") from None
        if not 0 <= row < len(dataset):
            raise UserError(f"--items {items}: {dataset.path} has rows 0 to {len(dataset) - 1}, not {row}.")
        rows.append(row)
    return np.array(rows, np.int64)


def read_mask(file: Path, schema: Schema, content: BinaryIO | None = None) -> NDArray[np.uint8]:
    """A mask in the model's classes, uint8 (H, W): an index mask, a palette PNG, or one in the model's class colours.

    The arguments ``file`` and ``content`` are those of ``scgan.data.images.decode``.

    Raises:
        UserError: it cannot be decoded, holds neither indices nor colours, or has a class or colour that the model does
            not know.
    """
    try:
        image = decode(file, content)
        by_color = image.mode in _COLOR_MODES or _palette_is_of(schema, image)
        if not by_color and (image.mode == "F" or len(image.getbands()) > 1):
            raise UserError(f"{file} has pixels of the kind {image.mode}: save it as an indexed or RGB PNG.")
        colors = [red << 16 | green << 8 | blue for red, green, blue in schema.class_colors]
        indices = tuple(range(schema.class_count))
        values = tuple(colors) if by_color else indices
        classes = Classes(schema.class_names, schema.class_colors, by_color, values, indices, "the model")
        return classes.read(file, content)
    except ItemError as error:
        raise UserError(f"{error}.") from error


def _palette_is_of(schema: Schema, image: Image.Image) -> bool:
    """Whether a palette image is in the class colours, in whatever order its palette has them.

    Its indices count where it has another colour, or one colour twice: then the palette was not made from colours.
    """
    if image.mode != "P":
        return False
    indices, colors = image.getcolors() or [], image.convert("RGB").getcolors() or []
    return len(indices) == len(colors) and {color for _, color in colors} <= set(schema.class_colors)


def _mask_files(folder: Path) -> list[Path]:
    files = (file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    return sorted(file for file in files if file.suffix.lower() in _SUFFIXES)


def _fitted(file: Path, mask: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    if mask.shape == (size, size):
        return mask
    say(
        f"{file} is {mask.shape[1]}×{mask.shape[0]}: its central square is resized to {size}×{size} (nearest neighbour)"
    )
    return cut_mask(mask, center_square(mask), size)


def _require_landmarks(schema: Schema, option: str) -> None:
    if not schema.landmarks:
        raise UserError(f"{option} needs a model whose masks are drawn from 68 facial points; give --masks instead.")


def _from_landmarks(name: str, points: NDArray[np.float32], schema: Schema) -> NamedConditions:
    return _unlabelled([name], rasterize(points, schema.image_size)[None], schema, points[None])


def _unlabelled(
    names: list[str], masks: NDArray[np.uint8], schema: Schema, landmarks: NDArray[np.float32] | None
) -> NamedConditions:
    return NamedConditions(names, masks, np.zeros((len(masks), schema.attribute_count), np.float32), landmarks)


def save_mask(file: Path | BinaryIO, segmentation: NDArray[np.uint8], schema: Schema) -> None:
    """Write a mask as a palette PNG: its indices are the classes, its colours the schema's."""
    picture = Image.fromarray(segmentation, "P")
    picture.putpalette(np.asarray(schema.class_colors, np.uint8).tobytes())
    picture.save(file, "PNG")
