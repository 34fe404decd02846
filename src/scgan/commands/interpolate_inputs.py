"""What ``scgan interpolate`` was asked for, as masks, labels and latents.

They stand in T rows and S columns; an axis has length 1 where all pictures along it share one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jsonargparse import Namespace
from numpy.typing import NDArray

from scgan import interpolation
from scgan.commands.end_points import commonest_label, examples, named_end_points
from scgan.data.prepared import PreparedDataset
from scgan.faces.landmarks import Points
from scgan.inference.conditions import NamedConditions
from scgan.inference.synthesizer import Synthesizer
from scgan.schema import describe_attributes
from scgan.utils.errors import UserError
from scgan.utils.progress import say
from scgan.utils.vectors import Interpolate

Label = NDArray[np.float32]
Inputs = tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]

_OF_FACES = {"landmarks", *interpolation.MOTIONS}


def find_inputs(synthesizer: Synthesizer, arguments: Namespace) -> Inputs:
    """Masks (T, S, H, W), labels (T, S, n_c) and latents (T, S, n_z), ready for ``interpolation.render``.

    Raises:
        UserError: end points are missing or too many, or a face on the way is none.
    """
    request = _Request(synthesizer, arguments, named_end_points(synthesizer, arguments))
    masks, label = request.masks()
    return masks, request.labels(label), request.latents()


@dataclass(frozen=True)
class _Request:
    """The model, the options, and the end points of masks that they name."""

    synthesizer: Synthesizer
    arguments: Namespace
    named: NamedConditions | None

    @property
    def kinds(self) -> tuple[str, str | None]:
        """What changes from left to right and from top to bottom."""
        return self.arguments.along, self.arguments["and"]

    @property
    def steps(self) -> tuple[int, int]:
        return self.arguments.steps, self.arguments.and_steps

    def masks(self) -> tuple[NDArray[np.uint8], Label]:
        """With them the label of the first."""
        if _OF_FACES & {*self.kinds}:
            points, label = self._points()
            return interpolation.draw_masks(points, self.synthesizer.schema.image_size), label
        if "shape" in self.kinds:
            found = self._end_points("shape")
            path = self._vary("shape", found.segmentations, interpolation.interpolate_masks)
            return path, found.attributes[0]
        found = self.named or examples(self.synthesizer, 1)
        if len(found.names) > 1:
            raise UserError(f"all pictures have one mask here, but {len(found.names)} are given.")
        return found.segmentations[None], found.attributes[0]

    def labels(self, label: Label) -> NDArray[np.float32]:
        schema, texts = self.synthesizer.schema, self.arguments.labels
        if "attributes" in self.kinds:
            if not texts:
                raise UserError("a path of attributes needs its end points, --labels Male,Young Young for example.")
            corners = np.stack([schema.parse_attributes(text) for text in texts])
            return self._vary("attributes", corners, interpolation.lerp).astype(np.float32)
        if self.arguments.attributes is not None:
            return schema.parse_attributes(self.arguments.attributes)[None, None]
        say(f"label: {describe_attributes(label, schema)} (choose another with --attributes)")
        return label[None, None]

    def latents(self) -> NDArray[np.float32]:
        first = self.arguments.seed
        if "latent" not in self.kinds:
            return self.synthesizer.sample_latent(1, first)[None]
        seeds = self.arguments.seeds or range(first, first + 2 * self.kinds.count("latent"))
        corners = np.concatenate([self.synthesizer.sample_latent(1, seed) for seed in seeds])
        between = interpolation.lerp if self.arguments.straight else interpolation.slerp
        return self._vary("latent", corners, between).astype(np.float32)

    def _points(self) -> tuple[Points, Label]:
        """The faces of all masks, (T, S, 68, 2), each of them checked."""
        if not self.synthesizer.schema.landmarks:
            kind = next(kind for kind in self.kinds if kind in _OF_FACES)
            raise UserError(f"{kind} needs a model whose masks are drawn from 68 facial points; this one can do shape.")
        if self.kinds == ("landmarks", "landmarks"):
            found = self._end_points("landmarks")
            heads = self._vary("landmarks", interpolation.to_heads(_faces(found)), interpolation.lerp)
            points, label = interpolation.to_points(heads), found.attributes[0]
        else:
            axes = [axis for axis, kind in enumerate(self.kinds) if kind in _OF_FACES]
            paths = [self._face_path(axis) for axis in axes]
            (path, label), *others = paths
            points = interpolation.combine_motions(path, others[0][0]) if others else _lay_out(path, axes[0])
        for axis, lines in enumerate((points, points.swapaxes(0, 1))):
            for line in lines if lines.shape[1] > 1 else ():
                interpolation.require_sound(line, self.synthesizer.schema.image_size, self._end_point_count(axis))
        return points, label

    def _face_path(self, axis: int) -> tuple[Points, Label]:
        """The faces along one axis, (S, 68, 2), with the label of the first."""
        kind, steps = str(self.kinds[axis]), self.steps[axis]
        if kind == "landmarks":
            found = self._end_points(kind)
            return interpolation.landmark_path(_faces(found), steps), found.attributes[0]
        if self.arguments.data is not None and self.named is None:
            dataset = PreparedDataset.open(self.arguments.data)
            self.synthesizer.schema.require_same(dataset.schema, "the model", str(dataset.path))
            faces = np.asarray(dataset.landmarks)
            start, end = interpolation.find_end_points(faces, kind, dataset.schema.image_size)
            say(f"{kind}: from {dataset.names[start]} (row {start}) to {dataset.names[end]} (row {end})")
            return interpolation.landmark_path(faces[[start, end]], steps), dataset.attributes[start]
        path = interpolation.landmark_path(interpolation.builtin_sequence(kind, self.arguments.builtin), steps)
        if self.named is None or "landmarks" in self.kinds:
            place = np.mean(_faces(examples(self.synthesizer)), axis=0)
            return interpolation.align_face(path, place), commonest_label(self.synthesizer)
        if len(self.named.names) > 1:
            raise UserError(f"{kind} is the motion of one face, but {len(self.named.names)} are given: use landmarks.")
        return interpolation.transfer_motion(path, _faces(self.named)[0]), self.named.attributes[0]

    def _end_point_count(self, axis: int) -> int:
        """How many faces a path along an axis passes through."""
        if self.kinds[axis] != "landmarks" or self.kinds[0] == self.kinds[1]:
            return 2
        return len(self._end_points("landmarks").names)

    def _end_points(self, kind: str) -> NamedConditions:
        """At least as many as a path of this kind needs."""
        wanted = 2 * self.kinds.count(kind)
        found = self.named or examples(self.synthesizer, wanted)
        if len(found.names) < wanted:
            raise UserError(f"{kind} needs {wanted} end points, found {len(found.names)}.")
        return found

    def _vary(self, kind: str, end_points: NDArray[Any], between: Interpolate) -> NDArray[Any]:
        """The path of a kind along its axis, (1, S, …) or (T, 1, …); (T, S, …) where both axes have that kind."""
        if self.kinds == (kind, kind):
            return interpolation.grid_path(end_points, *self.steps, between)
        axis = self.kinds.index(kind)
        return _lay_out(interpolation.piecewise_path(end_points, self.steps[axis], between), axis)


def _lay_out(path: NDArray[Any], axis: int) -> NDArray[Any]:
    return path[None] if axis == 0 else path[:, None]


def _faces(found: NamedConditions) -> Points:
    if found.landmarks is None:
        raise UserError("masks do not tell where the 68 points of a face are: give --landmarks, --photo or --items.")
    return found.landmarks
