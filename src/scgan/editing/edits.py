"""Edits of a project: its face turns and smiles, attributes and mask change, the rest stays the photo's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import center_square, cut_mask
from scgan.editing.blend import (
    BACKGROUND,
    Layers,
    changed_region,
    drawing_size,
    enlarge,
    feathered,
    grown_region,
    put_back,
    revealed_region,
    significant,
    softened,
)
from scgan.editing.head import head_weight
from scgan.editing.photos import MAX_YAW
from scgan.editing.placement import cut, sample, square_grid
from scgan.editing.project import Project, read_model_name, read_project
from scgan.editing.warp import warp_classes, warp_field
from scgan.engines.names import TORCH
from scgan.faces.checks import require_inside
from scgan.faces.expression import Expression, express, measure
from scgan.faces.landmarks import Points
from scgan.faces.rasterize import rasterize
from scgan.inference.mask_files import read_mask
from scgan.inference.synthesizer import Synthesizer, load
from scgan.inversion.attributes import replace_attributes
from scgan.utils.errors import UserError

_MAX_STRENGTH = 2.0
_MAX_DIFFERENCE = 12.0  # of 255, mean over pixels, between the project's image and the same part of a copy of its photo


class Edit(NamedTuple):
    """Changes of a photo; the defaults change nothing.

    Attributes:
        turn: of the head to the right of the image, in degrees.
        smile: added to the photo's smile; 1 turns a neutral face into a friendly smile.
        open_mouth: added to the opening of the mouth; 1 opens a closed mouth wide.
        raise_eyebrows: in distances of the outer corners of the eyes.
        attributes: new values by name.
        mask: new mask, uint8 (H, W) of the model's size, in place of the photo's.
        landmarks: new landmarks, float (68, 2), fractions of the model's square, in place of changes of the expression.
        keep_background: True keeps each pixel that was and stays background; False generates the background; None
            keeps it but for the hair of faces whose mask has no class for it: it moves with the face, and attributes
            change it.
        strength: how far attributes go, up to 2; 1 goes to the new values, 1.5 half as far again: a photo's mask and
            latent hold its old attributes too, so that the values alone change it little.
    """

    turn: float = 0.0
    smile: float = 0.0
    open_mouth: float = 0.0
    raise_eyebrows: float = 0.0
    attributes: Mapping[str, float] = {}
    mask: NDArray[np.uint8] | None = None
    landmarks: Points | None = None
    keep_background: bool | None = None
    strength: float = 1.5

    @property
    def expression(self) -> Expression:
        """Changes of the face's expression."""
        return Expression(self.turn, self.smile, self.open_mouth, self.raise_eyebrows)

    @property
    def moves_face(self) -> bool:
        """True if the landmarks change."""
        return self.landmarks is not None or any(self.expression)


class Editor:
    """A project, and the model with and without the project's correction.

    Args:
        synthesizer: the model that the project was made with.
        project: its content.
    """

    def __init__(self, synthesizer: Synthesizer, project: Project) -> None:
        self.synthesizer = synthesizer.corrected(project.inversion.correction)
        self.uncorrected = synthesizer
        self.project = project

    def reconstruction(self) -> NDArray[np.uint8]:
        """Generate the photo again, without any of its pixels: uint8 (H, W, 3)."""
        inversion = self.project.inversion
        return self._generate(inversion.segmentation, inversion.attributes)

    def generated(self, edit: Edit) -> NDArray[np.uint8]:
        """Generate the edited image, without any of the photo's pixels: uint8 (H, W, 3)."""
        return self._generate(self.mask(edit), self._attributes(edit))

    def edited(self, edit: Edit) -> NDArray[np.uint8]:
        """Edit the photo as the model sees it: uint8 (H, W, 3) of the model's size.

        Raises:
            UserError: the edit is not possible.
        """
        return self._layers(edit, self.synthesizer.schema.image_size).over(self.project.image)

    def edited_photo(self, edit: Edit, photo: NDArray[np.uint8], name: str) -> NDArray[np.uint8]:
        """Edit the photo itself, at its own resolution: uint8 (H, W, 3).

        Args:
            edit: the changes.
            photo: the project's photo, or a larger or smaller copy of it.
            name: of the photo, for errors.

        Raises:
            UserError: the edit is not possible, or the photo is another one.
        """
        self.require_photo(photo, name)
        return put_back(photo, self.project.placement, self.photo_layers(edit, photo.shape))

    def photo_layers(self, edit: Edit, shape: tuple[int, ...]) -> Layers:
        """Draw the layers of an edit for a photo (H, W, 3), which ``put_back`` lays over it."""
        size = drawing_size(self.project.placement, shape, len(self.project.image))
        return self._layers(edit, size)

    def require_photo(self, photo: NDArray[np.uint8], name: str) -> None:
        """Check that a photo is the project's, or a larger or smaller copy of it.

        Raises:
            UserError: it is another one.
        """
        placement, image = self.project.placement, self.project.image
        difference = np.abs(cut(photo, placement, len(image)).astype(float) - image).mean()
        if difference > _MAX_DIFFERENCE:
            raise UserError(
                f"{name} is not the photo of this project ({self.project.photo}): give that photo, or a copy of "
                "another size."
            )

    def mask(self, edit: Edit) -> NDArray[np.uint8]:
        """Draw the mask of an edit: uint8 (H, W).

        Raises:
            UserError: the edit is not possible.
        """
        return self._target(edit)[0]

    def _target(self, edit: Edit) -> tuple[NDArray[np.uint8], Points | None]:
        """Draw the mask of an edit, and compute its landmarks: those of the project unless the face changes."""
        size = self.synthesizer.schema.image_size
        if edit.mask is not None:
            if edit.moves_face:
                raise UserError("a new mask and changes of the face exclude each other: leave out one of them.")
            self.synthesizer.schema.require_segmentation(edit.mask, "the new mask")
            if edit.mask.shape != (size, size):
                raise UserError(f"the new mask has shape {edit.mask.shape}; expected ({size}, {size}).")
            return edit.mask.astype(np.uint8), None
        landmarks = self._landmarks(edit)
        if landmarks is None or not edit.moves_face:
            return self.project.inversion.segmentation, landmarks
        mask = rasterize(landmarks, size)
        missing = sorted(set(np.unique(self.project.inversion.segmentation).tolist()) - set(np.unique(mask).tolist()))
        names = self.synthesizer.schema.class_names
        lost = " and ".join(names[index] for index in missing if names[index] != "mouth")  # a mouth may close
        if lost:
            raise UserError(f"the edit leaves no {lost} in the mask: turn or change the face less.")
        return mask, landmarks

    def read_mask(self, file: Path) -> NDArray[np.uint8]:
        """Read a new mask of the part that the model sees: square, of any size, uint8 (H, W) of the model's.

        Raises:
            UserError: it cannot be read, is not square, or has classes that the model does not know.
        """
        mask = read_mask(file, self.synthesizer.schema)
        if mask.shape[0] != mask.shape[1]:
            raise UserError(
                f"{file} is {mask.shape[1]}×{mask.shape[0]}: give a square mask of the part that the model sees, which "
                "--write-mask writes."
            )
        return cut_mask(mask, center_square(mask), self.synthesizer.schema.image_size)

    def _landmarks(self, edit: Edit) -> Points | None:
        """Landmarks after an edit, None if the project has none."""
        points = self.project.landmarks
        if not edit.moves_face:
            return points
        if points is None:
            raise UserError(
                "this project has no landmarks (its mask was given, or is not drawn from landmarks), so its face "
                "cannot turn or smile: give a new --mask."
            )
        if edit.landmarks is not None:
            require_inside(edit.landmarks, "the edited face")
            return edit.landmarks
        now = measure(points)
        target = Expression(*(value + change for value, change in zip(now, edit.expression, strict=True)))
        if abs(target.yaw) > max(MAX_YAW, abs(now.yaw)):
            raise UserError(
                f"--turn {edit.turn:g}: the head, turned by {now.yaw:.0f}° in the photo, would be turned by "
                f"{target.yaw:.0f}°; at most {MAX_YAW:.0f}° can be drawn."
            )
        for name, value, limit in (("smile", edit.smile, 2), ("open-mouth", edit.open_mouth, 1.5)):
            if abs(value) > limit:
                raise UserError(f"--{name} {value:g}: it lies between -{limit:g} and {limit:g}.")
        if abs(edit.raise_eyebrows) > 0.2:
            raise UserError(f"--raise-eyebrows {edit.raise_eyebrows:g}: it lies between -0.2 and 0.2.")
        changed = express(points, target)
        require_inside(changed, "the edited face")
        return changed

    def _attributes(self, edit: Edit) -> NDArray[np.float32]:
        attributes = self.project.inversion.attributes
        if not 0 < edit.strength <= _MAX_STRENGTH:
            raise UserError(f"--strength {edit.strength:g}: it lies above 0, up to {_MAX_STRENGTH:g}.")
        if not edit.attributes:
            return attributes
        changed = replace_attributes(self.synthesizer.model, attributes, dict(edit.attributes))
        return attributes + np.float32(edit.strength) * (changed - attributes)

    def _generate(self, mask: NDArray[np.uint8], attributes: NDArray[np.float32]) -> NDArray[np.uint8]:
        return self.synthesizer.generate(mask, attributes, self.project.inversion.latent)

    def _layers(self, edit: Edit, size: int) -> Layers:
        """Draw the layers of an edit at a size of the square."""
        inversion, (mask, target) = self.project.inversion, self._target(edit)
        attributes = self._attributes(edit)
        generated = self._generate(mask, attributes).astype(np.float32)
        change = np.zeros_like(generated)
        if edit.attributes:
            change = significant(generated - self._generate(mask, inversion.attributes))
            if self.synthesizer.schema.landmarks and edit.keep_background is None:
                change *= self._head_weight(mask, target if edit.moves_face else None)
        generated, change = enlarge(generated, size), enlarge(change, size)
        before, after = self._masks(mask, target, size)
        background = (before == BACKGROUND) & (after == BACKGROUND)
        flow = np.zeros((size, size, 2), np.float32)
        landmarks = self.project.landmarks
        if landmarks is not None and target is not None and edit.moves_face:
            flow = warp_field(landmarks, target, size)
            grown = grown_region(before, after)
            weight = softened(revealed_region(warp_classes(before, flow), after) | grown)
            if inversion.correction is not None and grown.any():
                # The correction of a closed mouth knows nothing about the inside of one.
                inside = self.uncorrected.generate(mask, attributes, inversion.latent)
                generated += softened(grown) * (enlarge(inside.astype(np.float32), size) - generated)
            if edit.keep_background is False:
                weight = np.maximum(weight, softened(after == BACKGROUND))
        else:
            region = changed_region(before, after, edit.keep_background is not False)
            weight = feathered(region, before != after)
        if edit.keep_background:
            weight[background], flow[background] = 0, 0
        if edit.keep_background or not self.synthesizer.schema.landmarks:  # else the background holds the hair
            change[background] = 0
        return Layers(weight, generated, change, flow)

    def _head_weight(self, mask: NDArray[np.uint8], target: Points | None) -> NDArray[np.float32]:
        """Find the head, (H, W, 1), in the photo as the model sees it, moved to new landmarks."""
        image, landmarks = self.project.image, self.project.landmarks
        if landmarks is not None and target is not None:
            flow = warp_field(landmarks, target, len(image))
            moved = sample(image, square_grid(len(image)) + flow[..., 0] + 1j * flow[..., 1], "bilinear")
            image = np.rint(moved.clip(0, 255)).astype(np.uint8)
        return head_weight(image, mask)

    def _masks(
        self, mask: NDArray[np.uint8], target: Points | None, size: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Draw the masks before and after an edit at a size: from landmarks, or by nearest neighbour."""
        landmarks = self.project.landmarks
        if landmarks is not None and target is not None:
            return rasterize(landmarks, size), rasterize(target, size)
        rows = (np.arange(size) * len(mask)) // size
        return self.project.inversion.segmentation[np.ix_(rows, rows)], mask[np.ix_(rows, rows)]


def open_project(file: Path | str, model: Path | str | None = None, device: str = "cpu") -> Editor:
    """Open a project that ``scgan invert`` wrote, to edit its photo.

    Args:
        file: the project.
        model: its model, if that is no longer where it was.
        device: where it computes.

    Raises:
        UserError: a file is missing or damaged, or the model is another one.
    """
    path = Path(file)
    synthesizer = load(model or read_model_name(path), device, TORCH)
    return Editor(synthesizer, read_project(path, synthesizer))
