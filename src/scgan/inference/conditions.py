"""Masks and attributes from files, landmarks, a photo, a prepared folder, or the model's own examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import center_square, cut_mask, cut_photo, read_photo
from scgan.data.prepared import PreparedDataset
from scgan.faces.detector import DetectorName, shared_detector
from scgan.faces.landmarks import load_points
from scgan.faces.rasterize import rasterize
from scgan.inference.detection import detect_face
from scgan.inference.mask_files import list_masks, open_mask_file
from scgan.inference.photo_parser import PhotoParser
from scgan.inference.photo_placement import place_mask, place_photo
from scgan.models.folder import Conditions
from scgan.schema import Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.progress import say

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer


class NamedConditions(NamedTuple):
    """Masks to generate images from.

    Attributes:
        names: one for each mask, valid in file names.
        segmentations: uint8 (N, H, W), class indices of the model, at its image size.
        attributes: float32 (N, n_c), of the same items; zeros if the source has none.
        landmarks: float32 (N, 68, 2), fractions of the image, if the masks were drawn from landmarks; else None.
    """

    names: list[str]
    segmentations: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None

    def with_attributes(self, attributes: NDArray[np.float32]) -> NamedConditions:
        """Give all masks the same attributes, float32 (n_c,)."""
        return self._replace(attributes=np.tile(attributes, (len(self.names), 1)))


def from_masks(path: Path, schema: Schema) -> NamedConditions:
    """Read one mask file, or all of a folder: index masks, palette PNGs, or masks in the model's class colours.

    A mask of another size is cropped to its central square and resized by nearest neighbour, with a message.

    Raises:
        UserError: there is none, one cannot be read, or it has a class or colour that the model does not know.
    """
    files = list_masks(path)
    opened = [open_mask_file(file, schema) for file in files]
    size = schema.image_size
    notes: dict[str, list[Path]] = {}
    for file, mask in zip(files, opened, strict=True):
        height, width = mask.segmentation.shape
        resized = f"the central square of {width}×{height} pixels is resized to {size}×{size} (nearest neighbour)"
        for note in [*mask.notes, *([resized] if (height, width) != (size, size) else [])]:
            notes.setdefault(note, []).append(file)
    for note, (first, *others) in notes.items():
        say(f"{first}{f' and {len(others)} more' if others else ''}: {note}.")
    masks = [_resize(mask.segmentation, size) for mask in opened]
    return _without_attributes([file.stem for file in files], np.stack(masks), schema, None)


def from_landmarks(file: Path, schema: Schema) -> NamedConditions:
    """Read a JSON file of 68 landmarks and draw its mask.

    Raises:
        UserError: the file does not hold 68 landmarks, or the model's masks are not drawn from landmarks.
    """
    _require_landmark_model(schema, "--landmarks")
    return _from_points(file.stem, load_points(file), schema)


def from_photo(file: Path, schema: Schema, detector: DetectorName = "auto") -> NamedConditions:
    """Detect the face in the central square of a photo, by ``detector``, and draw its mask.

    Raises:
        UserError: the photo cannot be read, does not show one face, the model's masks are not drawn from
            landmarks, or the detector is not installed.
    """
    _require_landmark_model(schema, "--photo")
    try:
        points = detect_face(read_photo(file), str(file), shared_detector(detector))
    except ItemError as error:
        raise UserError(f"{error}.") from error
    return _from_points(file.stem, points, schema)


def from_segmented_photo(
    file: Path, synthesizer: Synthesizer, parser: Path | None = None, parser_classes: Sequence[str] = ()
) -> NamedConditions:
    """Find the mask of a photo by the model's segmentor or a network of the user's, placed as the model's data were.

    Args:
        file: the photo.
        synthesizer: the model.
        parser, parser_classes: of ``PhotoParser``; by default the segmentor finds the mask.

    Raises:
        UserError: photo or network cannot be read, the model has no segmentor, or nothing of its classes is found.
    """
    schema = synthesizer.schema
    if parser is None and not synthesizer.can_segment:
        raise UserError("this model has no segmentor (segmentor.safetensors) to find the photo's mask: give --parser.")
    network = None if parser is None else PhotoParser(parser, parser_classes, schema)
    try:
        photo = read_photo(file)
    except ItemError as error:
        raise UserError(f"{error}.") from error
    if network is None:
        segmentation = synthesizer.segment(cut_photo(photo, place_photo(synthesizer, photo), schema.image_size))
    else:
        mask = network.segment(photo)
        segmentation = cut_mask(mask, place_mask(synthesizer, mask, str(file)), schema.image_size)
    if not segmentation.any():
        names = ", ".join(schema.class_names[1:])
        raise UserError(f"{file} shows nothing of what this model knows ({names}): choose another photo.")
    return _without_attributes([file.stem], segmentation[None], schema, None)


def from_dataset(path: Path, items: str | None, schema: Schema) -> NamedConditions:
    """Read masks and attributes of items of a prepared folder.

    Args:
        path: the prepared folder.
        items: row numbers like ``"3,17"``; None for the whole test split.
        schema: of the model.

    Raises:
        UserError: the folder does not fit the model, or a number is not one of its rows.
    """
    dataset = PreparedDataset.open(path)
    schema.require_same(dataset.schema, "the model", str(path))
    rows = choose_rows(dataset, items)
    return NamedConditions(
        [Path(dataset.names[row]).stem for row in rows],
        dataset.generator_masks(rows),
        np.array(dataset.attributes[rows]),
        None if dataset.landmarks is None else np.array(dataset.landmarks[rows]),
    )


def choose_rows(dataset: PreparedDataset, items: str | None) -> NDArray[np.int64]:
    """Parse row numbers like ``"3,17"``; None stands for the whole test split.

    Raises:
        UserError: a number is not one of the rows, or there is no test split.
    """
    if items is None:
        return dataset.split("test")
    rows = []
    for item in items.split(","):
        try:
            row = int(item)
        except ValueError:
            raise UserError(f"--items {items}: {item!r} is not a row number.") from None
        if not 0 <= row < len(dataset):
            raise UserError(f"--items {items}: {dataset.path} has rows 0 to {len(dataset) - 1}, not {row}.")
        rows.append(row)
    return np.array(rows, np.int64)


def from_examples(examples: Conditions, count: int | None = None) -> NamedConditions:
    """Name the first ``count`` of a model's examples; None for all."""
    segmentations = examples.segmentations[:count]
    landmarks = None if examples.landmarks is None else examples.landmarks[:count]
    names = [f"example{index:02}" for index in range(len(segmentations))]
    return NamedConditions(names, segmentations, examples.attributes[:count], landmarks)


def _resize(mask: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    return mask if mask.shape == (size, size) else cut_mask(mask, center_square(mask), size)


def _require_landmark_model(schema: Schema, option: str) -> None:
    if not schema.landmarks:
        raise UserError(f"{option} needs a model whose masks are drawn from 68 facial landmarks; give --masks instead.")


def _from_points(name: str, points: NDArray[np.float32], schema: Schema) -> NamedConditions:
    return _without_attributes([name], rasterize(points, schema.image_size)[None], schema, points[None])


def _without_attributes(
    names: list[str], masks: NDArray[np.uint8], schema: Schema, landmarks: NDArray[np.float32] | None
) -> NamedConditions:
    return NamedConditions(names, masks, np.zeros((len(masks), schema.attribute_count), np.float32), landmarks)
