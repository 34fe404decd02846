"""A model in the studio: messages in, arrays for the synthesizer out, and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from scgan.faces.checks import require_face
from scgan.faces.expression import Expression, express, measure
from scgan.faces.head import PLACE, to_heads, to_points
from scgan.faces.landmarks import Points, mirror
from scgan.faces.rasterize import rasterize
from scgan.inference.latents import Blend, Latent, latent_vector
from scgan.inference.manifest import ImageSpec, parse_manifest
from scgan.inference.mask_files import save_mask
from scgan.inference.synthesizer import Synthesizer
from scgan.schema import Schema
from scgan.studio.messages import (
    MAX_FILE_BYTES,
    BlendLatent,
    Condition,
    DrawnFace,
    Example,
    Face,
    Look,
    ModelDescription,
    ModelSchema,
    Opened,
    SeedLatent,
)
from scgan.studio.messages import Expression as ExpressionMessage
from scgan.studio.photos import mask_from
from scgan.utils.errors import UserError
from scgan.utils.images import png


@dataclass(frozen=True)
class StudioModel:
    """A loaded model.

    Attributes:
        id: what requests call it.
        name: what people call it.
        synthesizer: makes its pictures; used in one thread only.
    """

    id: str
    name: str
    synthesizer: Synthesizer

    @property
    def schema(self) -> Schema:
        return self.synthesizer.schema

    def description(self) -> ModelDescription:
        """What the model is and can do here."""
        return ModelDescription(
            id=self.id,
            name=self.name,
            step=self.synthesizer.model.step,
            can_detect=self.schema.landmarks and _installed("dlib", "face_recognition_models"),
            can_segment=self.synthesizer.can_segment,
            can_film=_installed("av"),
            model_schema=ModelSchema(**self.schema.to_json()),
        )

    def recipe(self, condition: Condition) -> ImageSpec:
        """A condition in arrays.

        Raises:
            UserError: a size, class or attribute that the model does not know.
        """
        attributes, latent = self.look(condition)
        points = None if condition.landmarks is None else np.array(condition.landmarks, np.float32)
        return ImageSpec("studio", "studio", self.segmentation(condition.segmentation), attributes, latent, points)

    def look(self, look: Look) -> tuple[NDArray[np.float32], Latent]:
        """Attributes, float32 (n_c,), and latent."""
        latent = look.latent
        number: Latent = (
            Blend(latent.seed_a, latent.seed_b, latent.t) if isinstance(latent, BlendLatent) else latent.seed
        )
        return self.schema.attribute_vector(look.attributes), number

    def segmentation(self, text: str) -> NDArray[np.uint8]:
        """Base64 → class indices, uint8 (H, W)."""
        size = self.schema.image_size
        try:
            data = b64decode(text, validate=True)
        except ValueError as error:
            raise UserError(f"segmentation is not base64 ({error}).") from error
        if len(data) != size * size:
            raise UserError(f"segmentation has {len(data)} bytes; wanted are {size}×{size}, one for each pixel.")
        mask = np.frombuffer(data, np.uint8).reshape(size, size)
        self.schema.require_segmentation(mask, "segmentation")
        return mask

    def picture(self, recipe: ImageSpec) -> NDArray[np.uint8]:
        """uint8 (H, W, 3)."""
        latent = latent_vector(self.synthesizer, recipe.latent)
        return self.synthesizer.generate(recipe.segmentation, recipe.attributes, latent)

    def mask_file(self, mask: NDArray[np.uint8]) -> bytes:
        """The mask as a palette PNG."""
        file = BytesIO()
        save_mask(file, mask, self.schema)
        return file.getvalue()

    def draw(self, face: Face) -> DrawnFace:
        """The mask of a face, its points changed as the message asks.

        Raises:
            UserError: the model's masks are not drawn from points, or these are no face.
        """
        self.require_landmarks()
        points = np.array(face.landmarks, np.float32)
        if face.place or face.expression is not None:
            require_face(points)
        if face.mirror:
            points = mirror(points)
        if face.place and self._usual_place is not None:
            head = to_heads(points)
            head[PLACE] = self._usual_place
            points = to_points(head)
        if face.expression is not None:
            points = express(points, Expression(**face.expression.model_dump()))
        return self.drawn(points, face.expression)

    @cached_property
    def _usual_place(self) -> NDArray[np.float64] | None:
        """Where the examples have their faces, as in ``scgan.faces.head``."""
        found = self.synthesizer.examples.landmarks
        return None if found is None or not len(found) else np.median(to_heads(found)[:, PLACE], axis=0)

    def drawn(self, points: Points, expression: ExpressionMessage | None = None) -> DrawnFace:
        """Points, their mask, and the expression that they have, measured unless it is given."""
        if expression is None:
            expression = _measured(points)
        mask = rasterize(points, self.schema.image_size)
        return DrawnFace(landmarks=_pairs(points), segmentation=encoded(mask), expression=expression)

    def require_landmarks(self) -> None:
        if not self.schema.landmarks:
            raise UserError("the masks of this model are not drawn from 68 facial points.")

    def opened(self, data: bytes) -> Opened:
        """What a file holds that a person opens: a mask, or a JSON file that the studio saved.

        Raises:
            UserError: it is neither, or does not fit the model.
        """
        if not data.lstrip().startswith(b"{"):
            mask, remark = mask_from(data, self.schema)
            return Opened(segmentation=encoded(mask), landmarks=None, has_look=False, remark=remark)
        if len(data) > MAX_FILE_BYTES:
            raise UserError("the file is too large: open one that the studio saved.")
        try:
            content = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UserError("the file is not JSON: open one that the studio saved.") from error
        found = parse_manifest(content, "the file", self.schema, folder=None)
        if len(found.image_specs) != 1:
            raise UserError(f"the file describes {len(found.image_specs)} pictures: open one that the studio saved.")
        recipe = found.image_specs[0]
        made_here = (found.data_fingerprint, found.step) == (self.synthesizer.fingerprint, self.synthesizer.model.step)
        return Opened(
            segmentation=encoded(recipe.segmentation),
            attributes=dict(zip(self.schema.attribute_names, map(float, recipe.attributes), strict=True)),
            latent=_latent_message(recipe.latent),
            landmarks=None if recipe.landmarks is None else _pairs(recipe.landmarks),
            has_look=True,
            remark=None if made_here else "The file was made with another model: the picture differs.",
        )

    def examples(self) -> list[Example]:
        """The model's own examples."""
        found = self.synthesizer.examples
        names = self.schema.attribute_names
        return [
            Example(
                segmentation=encoded(mask),
                attributes=dict(zip(names, map(float, found.attributes[row]), strict=True)),
                landmarks=None if found.landmarks is None else _pairs(found.landmarks[row]),
            )
            for row, mask in enumerate(found.segmentations)
        ]


def _installed(*modules: str) -> bool:
    return all(map(find_spec, modules))


def encoded(mask: NDArray[np.uint8]) -> str:
    """Class indices, uint8 (H, W) → base64."""
    return b64encode(np.ascontiguousarray(mask).tobytes()).decode()


def encoded_png(image: NDArray[np.uint8]) -> str:
    """uint8 (H, W, 3) → a PNG file as base64."""
    return b64encode(png(image)).decode()


def _latent_message(latent: Latent) -> SeedLatent | BlendLatent:
    return BlendLatent(**latent._asdict()) if isinstance(latent, Blend) else SeedLatent(seed=latent)


def _measured(points: Points) -> ExpressionMessage | None:
    try:
        return ExpressionMessage(**measure(points)._asdict())
    except (UserError, ValueError):  # the points are no face, or one of no known expression
        return None


def _pairs(points: NDArray[np.float32]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]
