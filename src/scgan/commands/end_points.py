"""The end points of masks that the options of ``scgan interpolate`` name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from jsonargparse import Namespace
from numpy.typing import NDArray

from scgan.faces.head import LOG_SCALE
from scgan.inference import conditions
from scgan.inference.conditions import NamedConditions
from scgan.inference.synthesizer import Synthesizer
from scgan.interpolation import align_face, draw_masks, require_inside, to_heads
from scgan.utils.errors import UserError
from scgan.utils.progress import say

_STRANGE_SIZE = 1.15  # aligned photos differ by a few per cent


def named_end_points(synthesizer: Synthesizer, arguments: Namespace) -> NamedConditions | None:
    """Masks, then points, then photos, then rows of a prepared folder; None if none of these is named.

    What has no label of its own gets the model's commonest.

    Raises:
        UserError: one cannot be used.
    """
    schema = synthesizer.schema
    found = [conditions.from_masks(Path(file), schema) for file in arguments.masks or ()]
    faces = [(file, conditions.from_points(Path(file), schema)) for file in arguments.landmarks or ()]
    faces += [(file, conditions.from_photo(Path(file), schema)) for file in arguments.photo or ()]
    found += [placed(synthesizer, face, file, arguments.as_trained) for file, face in faces]
    label = commonest_label(synthesizer)
    found = [part._replace(attributes=np.tile(label, (len(part.names), 1))) for part in found]
    if arguments["items"] is not None:
        if arguments.data is None:
            raise UserError("--items needs --data.")
        found.append(conditions.from_dataset(Path(arguments.data), arguments["items"], schema))
    if not found:
        return None
    landmarks = [part.landmarks for part in found if part.landmarks is not None]
    return NamedConditions(
        [name for part in found for name in part.names],
        np.concatenate([part.segmentations for part in found]),
        np.concatenate([part.attributes for part in found]),
        np.concatenate(landmarks) if len(landmarks) == len(found) else None,
    )


def examples(synthesizer: Synthesizer, count: int | None = None) -> NamedConditions:
    """The first of the model's own examples, or all."""
    segmentations, attributes, landmarks = synthesizer.examples
    return NamedConditions(
        [f"example {number}" for number in range(len(segmentations[:count]))],
        segmentations[:count],
        attributes[:count],
        None if landmarks is None else landmarks[:count],
    )


def commonest_label(synthesizer: Synthesizer) -> NDArray[np.float32]:
    """Of the model's examples: float32 (n_c,)."""
    labels, counts = np.unique(synthesizer.examples.attributes, axis=0, return_counts=True)
    return np.asarray(labels[counts.argmax()], np.float32)


def placed(synthesizer: Synthesizer, face: NamedConditions, file: str, as_trained: bool) -> NamedConditions:
    """A face where it is, or in the mean place of the model's examples; a person is told when the two are far apart.

    Args:
        synthesizer: the model.
        face: a single one, with its points.
        file: where it comes from, for messages.
        as_trained: whether it is moved.

    Raises:
        UserError: it reaches out of the picture.
    """
    landmarks, examples = face.landmarks, synthesizer.examples.landmarks
    assert landmarks is not None and examples is not None  # else the face would have been refused
    usual = examples.mean(axis=0)
    if as_trained:
        landmarks = align_face(landmarks, usual)
    require_inside(landmarks[0], file)
    size = float(np.exp(to_heads(landmarks[0])[LOG_SCALE] - to_heads(usual)[LOG_SCALE]))
    if not 1 / _STRANGE_SIZE < size < _STRANGE_SIZE:
        say(f"{file}: the face is {size:.2f} times as large as those the model learned from; --as-trained mends that.")
    return face._replace(landmarks=landmarks, segmentations=draw_masks(landmarks, synthesizer.schema.image_size))
