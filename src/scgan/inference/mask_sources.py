"""Sources of masks that a person names: files, landmarks, photos, items of a prepared folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.faces.alignment import align_face, relative_size
from scgan.faces.checks import require_inside
from scgan.faces.detector import DetectorName
from scgan.faces.rasterize import rasterize
from scgan.inference.conditions import (
    NamedConditions,
    choose_rows,
    from_dataset,
    from_examples,
    from_landmarks,
    from_masks,
    from_photo,
    from_segmented_photo,
)
from scgan.inference.photo_parser import refuse_classes_alone
from scgan.inference.synthesizer import Synthesizer
from scgan.utils.errors import UserError
from scgan.utils.progress import say

_MAX_SIZE_RATIO = 1.15  # aligned photos differ by a few per cent


@dataclass(frozen=True)
class MaskSources:
    """Sources of masks. Messages about them name the options of the command line.

    Attributes:
        masks: mask files or folders (``--masks``).
        landmarks: JSON files of 68 landmarks (``--landmarks``).
        photos: photos of one face each (``--photo``).
        data: a prepared folder (``--data``).
        items: row numbers of ``data`` like ``"3,17"`` (``--items``).
        align_face: move faces of landmarks and photos to the position of the model's faces (``--align-face``); None
            moves those of photos only: a photo shows its face anywhere, landmarks are where somebody put them.
        detector: finds the landmarks in photos (``--detector``).
        parser: network that finds the masks of photos (``--parser``), for models whose masks are not drawn from
            landmarks; by default their segmentor does.
        parser_classes: classes of the model for those of this network (``--parser-classes``).

    Raises:
        UserError: items without data, a detector or a parser without photos, or classes without a parser.
    """

    masks: tuple[Path, ...] = ()
    landmarks: tuple[Path, ...] = ()
    photos: tuple[Path, ...] = ()
    data: Path | None = None
    items: str | None = None
    align_face: bool | None = None
    detector: DetectorName = "auto"
    parser: Path | None = None
    parser_classes: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        """Files of masks, landmarks and photos, which have no attributes."""
        return self.masks + self.landmarks + self.photos

    def aligns(self, photo: bool) -> bool:
        """True if a face of a photo, or else of landmarks, is moved."""
        return photo if self.align_face is None else self.align_face

    def read_photo(self, file: Path, synthesizer: Synthesizer) -> NamedConditions:
        """Read a photo with the detector, or with parser or segmentor where masks are not drawn from landmarks.

        Raises:
            UserError: as ``from_photo`` and ``from_segmented_photo``, or a parser is given to a model of landmarks.
        """
        if not synthesizer.schema.landmarks:
            return from_segmented_photo(file, synthesizer, self.parser, self.parser_classes)
        if self.parser is not None:
            raise UserError(
                "the masks of this model are drawn from landmarks, which --detector finds: leave --parser out, or edit "
                "the photo with `scgan invert --parser`."
            )
        return from_photo(file, synthesizer.schema, self.detector)

    def __post_init__(self) -> None:
        if self.items is not None and self.data is None:
            raise UserError("--items needs --data.")
        if self.parser is not None and not self.photos:
            raise UserError(f"--parser {self.parser} finds the masks of photos: give --photo, or leave it out.")
        refuse_classes_alone(self.parser, self.parser_classes)
        if self.detector != "auto" and not self.photos:
            raise UserError(f"--detector {self.detector} finds landmarks in photos: give --photo, or leave it out.")


def find_conditions(synthesizer: Synthesizer, sources: MaskSources) -> NamedConditions:
    """Read masks from the only source that is named; without one, take the model's examples.

    Raises:
        UserError: several sources are named, or one cannot be used.
    """
    options = {
        "masks": sources.masks,
        "landmarks": sources.landmarks,
        "photo": sources.photos,
        "data": () if sources.data is None else (sources.data,),
    }
    named = [name for name, values in options.items() if values]
    if len(named) > 1:
        raise UserError(f"masks can come from one source only, not from --{' and --'.join(named)}.")
    if sources.align_face and not sources.landmarks + sources.photos:
        raise UserError("--align-face moves a face of --landmarks or --photo: give one of them.")
    if not named:
        return from_examples(synthesizer.examples)
    if sources.data is not None:
        return from_dataset(sources.data, sources.items, synthesizer.schema)
    (file,) = options[named[0]]
    if named[0] == "photo":
        conditions = sources.read_photo(file, synthesizer)
    else:
        conditions = {"masks": from_masks, "landmarks": from_landmarks}[named[0]](file, synthesizer.schema)
    if conditions.landmarks is None:
        return conditions
    return place_face(synthesizer, conditions, str(file), align=sources.aligns(photo=named[0] == "photo"))


def find_keyframes(synthesizer: Synthesizer, sources: MaskSources) -> NamedConditions | None:
    """Read the keyframes of a path: masks, then landmarks, then photos, then items; None if none is named.

    Sources without attributes get the most frequent attributes of the model's examples.

    Raises:
        UserError: one cannot be used.
    """
    schema = synthesizer.schema
    parts = [from_masks(file, schema) for file in sources.masks]
    faces = [(file, from_landmarks(file, schema), False) for file in sources.landmarks]
    faces += [(file, sources.read_photo(file, synthesizer), True) for file in sources.photos]
    for file, part, photo in faces:
        if part.landmarks is not None:
            part = place_face(synthesizer, part, str(file), align=sources.aligns(photo))
        parts.append(part)
    attributes = synthesizer.commonest_attributes()
    parts = [part.with_attributes(attributes) for part in parts]
    if sources.items is not None and sources.data is not None:
        parts.append(from_dataset(sources.data, sources.items, schema))
    if not parts:
        return None
    landmarks = [part.landmarks for part in parts if part.landmarks is not None]
    return NamedConditions(
        [name for part in parts for name in part.names],
        np.concatenate([part.segmentations for part in parts]),
        np.concatenate([part.attributes for part in parts]),
        np.concatenate(landmarks) if len(landmarks) == len(parts) else None,
    )


def find_photos(sources: MaskSources) -> NDArray[np.uint8] | None:
    """Read the real images of the named items: uint8 (N, H, W, 3); None if no prepared folder is named."""
    if sources.data is None:
        return None
    dataset = PreparedDataset.open(sources.data)
    return dataset.images[choose_rows(dataset, sources.items)]


def place_face(synthesizer: Synthesizer, face: NamedConditions, file: str, align: bool) -> NamedConditions:
    """Check the position of a face, or move it to the mean position of the model's examples.

    A message says if its size is far from that of the examples.

    Args:
        synthesizer: the model.
        face: a single one, with its landmarks.
        file: of the face, for messages.
        align: whether to move it.

    Raises:
        UserError: a landmark lies outside of the image.
    """
    landmarks, examples = face.landmarks, synthesizer.examples.landmarks
    assert landmarks is not None and examples is not None  # other models have refused the face before
    mean_face = examples.mean(axis=0)
    if align:
        landmarks = align_face(landmarks, mean_face)
    require_inside(landmarks[0], file)
    ratio = relative_size(landmarks[0], mean_face)
    if not 1 / _MAX_SIZE_RATIO < ratio < _MAX_SIZE_RATIO:
        say(f"{file}: the face is {ratio:.2f} times as large as those the model learned from; add --align-face.")
    return face._replace(
        landmarks=landmarks, segmentations=rasterize(landmarks[0], synthesizer.schema.image_size)[None]
    )
