"""Inputs of the images of ``scgan interpolate``: masks, attributes and latents in rows and columns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.faces.alignment import align_face
from scgan.faces.builtin import builtin_sequence
from scgan.faces.checks import require_valid_path
from scgan.faces.head import to_heads, to_points
from scgan.faces.landmarks import Points
from scgan.inference.conditions import NamedConditions, from_examples
from scgan.inference.mask_sources import MaskSources, find_keyframes
from scgan.inference.synthesizer import Synthesizer
from scgan.interpolation.end_points import MOTIONS, find_end_points
from scgan.interpolation.landmark_paths import combine_motions, draw_masks, landmark_path, transfer_motion
from scgan.interpolation.mask_paths import interpolate_masks
from scgan.interpolation.vector_paths import grid_path, piecewise_path
from scgan.schema import describe_attributes
from scgan.utils.counts import MAX_FRAMES, require_at_most
from scgan.utils.errors import UserError
from scgan.utils.progress import say
from scgan.utils.text import counted
from scgan.utils.vectors import Interpolate, lerp, slerp

_FACE_KINDS = ("landmarks", *MOTIONS)


@dataclass(frozen=True)
class PathRequest:
    """Paths from left to right and from top to bottom. Errors name the options of the command line.

    A kind of path is a motion of ``MOTIONS``, "landmarks", "mask", "latent" or "attributes".

    Attributes:
        along: kind of the path from left to right.
        rows: kind of the path from top to bottom; None for a single row.
        steps, row_steps: images in a row, and rows; both ends included.
        sources: keyframes of masks and landmarks; without any, the model's examples.
        builtin: face of the built-in motions.
        attribute_keyframes: texts as in ``Schema.parse_attributes``.
        seed_keyframes: seeds of latents; without any, ``seed`` and the numbers after it.
        linear: interpolate latents linearly instead of spherically.
        attributes: of all images where attributes do not change; None for those of the first keyframe.
        seed: of the latent where latents do not change.

    Raises:
        UserError: the options contradict each other.
    """

    along: str
    rows: str | None = None
    steps: int = 9
    row_steps: int = 5
    sources: MaskSources = field(default_factory=MaskSources)
    builtin: str = "london"
    attribute_keyframes: tuple[str, ...] = ()
    seed_keyframes: tuple[int, ...] = ()
    linear: bool = False
    attributes: str | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for option, steps in (("steps", self.steps), ("row-steps", self.row_steps)):
            if steps < 2:
                raise UserError(f"--{option} {steps}: a path has at least its two ends.")
            require_at_most(f"--{option}", steps or 1, MAX_FRAMES)
        if "mask" in self.kinds and {*_FACE_KINDS} & {*self.kinds}:
            raise UserError(f"--along {self.along} --rows {self.rows}: masks follow masks or landmarks, not both.")
        if self.along == self.rows and self.along in MOTIONS:
            raise UserError(f"--along {self.along} --rows {self.rows} are the same motion: choose another for --rows.")
        for option, keyframes, kind in (
            ("seed-keyframes", self.seed_keyframes, "latent"),
            ("attribute-keyframes", self.attribute_keyframes, "attributes"),
        ):
            if keyframes and kind not in self.kinds:
                raise UserError(f"--{option} are for --along {kind} or --rows {kind}: add one of them.")

    @property
    def kinds(self) -> tuple[str, str | None]:
        return self.along, self.rows


class PathInputs(NamedTuple):
    """Inputs of ``render`` for T rows and S columns; an axis has length 1 where its images share one value.

    Attributes:
        masks: uint8 (T, S, H, W), class indices.
        attributes: float32 (T, S, n_c).
        latents: float32 (T, S, n_z).
    """

    masks: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    latents: NDArray[np.float32]


def find_inputs(synthesizer: Synthesizer, request: PathRequest) -> PathInputs:
    """Compute the inputs of all images.

    Raises:
        UserError: keyframes are missing or too many, or a frame between faces is not a valid face.
    """
    builder = _InputBuilder(synthesizer, request, find_keyframes(synthesizer, request.sources))
    masks, attributes = builder.masks()
    return PathInputs(masks, builder.attributes(attributes), builder.latents())


@dataclass(frozen=True)
class _InputBuilder:
    """The model, the request, and the keyframes of masks that it names."""

    synthesizer: Synthesizer
    request: PathRequest
    named: NamedConditions | None

    def masks(self) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        """Masks (T, S, H, W), and the attributes of the first keyframe, (n_c,)."""
        kinds = self.request.kinds
        if {*_FACE_KINDS} & {*kinds}:
            points, attributes = self._points()
            return draw_masks(points, self.synthesizer.schema.image_size), attributes
        if "mask" in kinds:
            keyframes = self._keyframes("mask")
            return self._vary("mask", keyframes.segmentations, interpolate_masks), keyframes.attributes[0]
        keyframes = self.named or from_examples(self.synthesizer.examples, 1)
        if len(keyframes.names) > 1:
            raise UserError(
                f"the mask does not change along this path, but {len(keyframes.names)} masks are given: give one."
            )
        return keyframes.segmentations[None], keyframes.attributes[0]

    def attributes(self, default: NDArray[np.float32]) -> NDArray[np.float32]:
        """Attributes (T, S, n_c); ``default``, (n_c,), is for a request without any."""
        synthesizer, request = self.synthesizer, self.request
        if "attributes" in request.kinds:
            if not request.attribute_keyframes:
                raise UserError(
                    "a path of attributes needs keyframes, --attribute-keyframes Male,Young Young for example."
                )
            vectors = np.stack([synthesizer.parse_attributes(text) for text in request.attribute_keyframes])
            return self._vary("attributes", vectors, lerp).astype(np.float32)
        if request.attributes is not None:
            return synthesizer.parse_attributes(request.attributes)[None, None]
        say(f"attributes: {describe_attributes(default, synthesizer.schema)} (choose others with --attributes)")
        return default[None, None]

    def latents(self) -> NDArray[np.float32]:
        """Latents (T, S, n_z)."""
        request = self.request
        if "latent" not in request.kinds:
            return self.synthesizer.sample_latent(1, request.seed)[None]
        default = range(request.seed, request.seed + 2 * request.kinds.count("latent"))
        latents = [self.synthesizer.sample_latent(1, seed) for seed in request.seed_keyframes or default]
        return self._vary("latent", np.concatenate(latents), lerp if request.linear else slerp).astype(np.float32)

    def _points(self) -> tuple[Points, NDArray[np.float32]]:
        """Landmarks of all masks, (T, S, 68, 2), every frame checked; and the attributes of the first keyframe."""
        kinds, schema = self.request.kinds, self.synthesizer.schema
        if not schema.landmarks:
            kind = next(kind for kind in kinds if kind in _FACE_KINDS)
            raise UserError(f"{kind} needs a model whose masks are drawn from 68 landmarks; choose mask instead.")
        if kinds == ("landmarks", "landmarks"):
            keyframes = self._keyframes("landmarks")
            heads = self._vary("landmarks", to_heads(_landmarks_of(keyframes)), lerp)
            points, attributes = to_points(heads), keyframes.attributes[0]
        else:
            axes = [axis for axis, kind in enumerate(kinds) if kind in _FACE_KINDS]
            (path, attributes), *others = [self._face_path(axis) for axis in axes]
            points = combine_motions(path, others[0][0]) if others else _along_axis(path, axes[0])
        for axis, lines in enumerate((points, points.swapaxes(0, 1))):
            for line in lines if lines.shape[1] > 1 else ():
                require_valid_path(line, schema.image_size, self._keyframe_count(axis))
        return points, attributes

    def _face_path(self, axis: int) -> tuple[Points, NDArray[np.float32]]:
        """Landmarks along one axis, (S, 68, 2), and the attributes of the first keyframe."""
        request = self.request
        kind, steps = str(request.kinds[axis]), (request.steps, request.row_steps)[axis]
        if kind == "landmarks":
            keyframes = self._keyframes(kind)
            return landmark_path(_landmarks_of(keyframes), steps), keyframes.attributes[0]
        if request.sources.data is not None and self.named is None:
            dataset = PreparedDataset.open(request.sources.data)
            self.synthesizer.schema.require_same(dataset.schema, "the model", str(dataset.path))
            landmarks = np.asarray(dataset.landmarks)
            start, end = find_end_points(landmarks, kind, dataset.schema.image_size)
            say(f"{kind}: from {dataset.names[start]} (row {start}) to {dataset.names[end]} (row {end})")
            return landmark_path(landmarks[[start, end]], steps), dataset.attributes[start]
        examples = self.synthesizer.examples
        path = landmark_path(builtin_sequence(kind, request.builtin), steps)
        if self.named is None or "landmarks" in request.kinds:
            mean_face = np.mean(_landmarks_of(from_examples(examples)), axis=0)
            return align_face(path, mean_face), self.synthesizer.commonest_attributes()
        if len(self.named.names) > 1:
            raise UserError(f"{kind} is the motion of one face, but {len(self.named.names)} are given: use landmarks.")
        return transfer_motion(path, _landmarks_of(self.named)[0]), self.named.attributes[0]

    def _keyframe_count(self, axis: int) -> int:
        """Number of faces that a path along an axis passes through."""
        kinds = self.request.kinds
        if kinds[axis] != "landmarks" or kinds[0] == kinds[1]:
            return 2
        return len(self._keyframes("landmarks").names)

    def _keyframes(self, kind: str) -> NamedConditions:
        """Named keyframes, or examples of the model; at least as many as a path of this kind needs."""
        minimum = 2 * self.request.kinds.count(kind)
        keyframes = self.named or from_examples(self.synthesizer.examples, minimum)
        if len(keyframes.names) < minimum:
            raise UserError(f"{kind} needs {counted(minimum, 'keyframe')}, found {len(keyframes.names)}.")
        return keyframes

    def _vary(self, kind: str, keyframes: NDArray[Any], interpolate: Interpolate) -> NDArray[Any]:
        """Path of a kind along its axis, (1, S, …) or (T, 1, …); (T, S, …) if both axes have that kind."""
        request = self.request
        if request.kinds == (kind, kind):
            return grid_path(keyframes, request.row_steps, request.steps, interpolate)
        axis = request.kinds.index(kind)
        return _along_axis(piecewise_path(keyframes, (request.steps, request.row_steps)[axis], interpolate), axis)


def _along_axis(path: NDArray[Any], axis: int) -> NDArray[Any]:
    return path[None] if axis == 0 else path[:, None]


def _landmarks_of(keyframes: NamedConditions) -> Points:
    if keyframes.landmarks is None:
        raise UserError("masks do not hold the 68 landmarks of a face: give --landmarks, --photo or --items.")
    return keyframes.landmarks
