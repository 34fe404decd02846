"""Model in the studio: converts messages to arrays for the synthesizer, and back."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from scgan.faces.alignment import align_face
from scgan.faces.checks import require_face
from scgan.faces.detector import installed_detectors
from scgan.faces.expression import Expression, express, measure
from scgan.faces.landmarks import Points, mirror
from scgan.faces.rasterize import rasterize
from scgan.inference.latents import Blend, Latent, latent_vector
from scgan.inference.manifest import ImageSpec, parse_manifest
from scgan.inference.mask_files import save_mask
from scgan.inference.synthesizer import Synthesizer
from scgan.schema import Schema
from scgan.studio import messages
from scgan.studio.reading import FileReader
from scgan.utils.errors import UserError, describe_error
from scgan.utils.images import png
from scgan.utils.text import counted


@dataclass(frozen=True)
class StudioModel:
    """Loaded model.

    Attributes:
        id: its name in request paths.
        name: its name for people.
        synthesizer: generates its images; must be used by one thread only.
    """

    id: str
    name: str
    synthesizer: Synthesizer

    @property
    def schema(self) -> Schema:
        return self.synthesizer.schema

    @property
    def can_detect(self) -> bool:
        """True if landmarks of photos can be detected, and masks are drawn from them."""
        return self.schema.landmarks and bool(installed_detectors())

    def description(self) -> messages.ModelDescription:
        """Describe the model and the features that are installed."""
        return messages.ModelDescription(
            id=self.id,
            name=self.name,
            step=self.synthesizer.model.step,
            can_detect=self.can_detect,
            can_segment=self.synthesizer.can_segment,
            can_invert=self.can_detect or self.synthesizer.can_segment,
            can_write_gif=True,
            can_write_mp4=_installed("av"),
            expression_sliders=messages.expression_sliders() if self.schema.landmarks else [],
            model_schema=messages.ModelSchema(**self.schema.to_json()),
        )

    def image_spec(self, message: messages.ImageInputs) -> ImageSpec:
        """Convert an image's specification to arrays.

        Raises:
            UserError: wrong size, unknown class or unknown attribute.
        """
        attributes, latent = self.appearance(message)
        points = None if message.landmarks is None else np.array(message.landmarks, np.float32)
        return ImageSpec("studio", "studio", self.segmentation(message.segmentation), attributes, latent, points)

    def appearance(self, message: messages.Appearance) -> tuple[NDArray[np.float32], Latent]:
        """Convert attributes, float32 (n_c,), and latent.

        Raises:
            UserError: unknown attribute, or several attributes that exclude each other.
        """
        latent: Latent
        if isinstance(message.latent, messages.BlendLatent):
            latent = Blend(message.latent.seed_a, message.latent.seed_b, message.latent.t)
        else:
            latent = message.latent.seed
        return self.synthesizer.attribute_vector(message.attributes), latent

    def segmentation(self, text: str) -> NDArray[np.uint8]:
        """Decode base64 to class indices, uint8 (H, W).

        Raises:
            UserError: not base64, wrong size or unknown class.
        """
        size = self.schema.image_size
        try:
            data = b64decode(text, validate=True)
        except ValueError as error:
            raise UserError(f"segmentation is not base64 ({error}).") from error
        if len(data) != size * size:
            raise UserError(
                f"segmentation has {counted(len(data), 'byte')}; it must have {size}×{size}, one for each pixel."
            )
        mask = np.frombuffer(data, np.uint8).reshape(size, size)
        self.schema.require_segmentation(mask, "segmentation")
        return mask

    def generate(self, spec: ImageSpec) -> NDArray[np.uint8]:
        """Generate an image, uint8 (H, W, 3)."""
        latent = latent_vector(self.synthesizer, spec.latent)
        return self.synthesizer.generate(spec.segmentation, spec.attributes, latent)

    def mask_file(self, mask: NDArray[np.uint8]) -> bytes:
        """Encode a mask as a palette PNG."""
        file = BytesIO()
        save_mask(file, mask, self.schema)
        return file.getvalue()

    def draw_face(self, message: messages.FaceRequest) -> messages.FaceMask:
        """Change the points of a face as requested, and draw their mask.

        Raises:
            UserError: the model's masks are not drawn from points, or the points do not form a face.
        """
        self.require_landmarks()
        points = np.array(message.landmarks, np.float32)
        if message.align or message.expression is not None:
            require_face(points)
        if message.mirror:
            points = mirror(points)
        if message.align and self._mean_face is not None:
            points = align_face(points[None], self._mean_face)[0]
        if message.expression is not None:
            points = express(points, Expression(**message.expression.model_dump()))
        return self.face_mask(points, message.expression)

    @cached_property
    def _mean_face(self) -> NDArray[np.float32] | None:
        """Mean of the examples' faces, whose position ``scgan generate --photo`` gives to a face too."""
        points = self.synthesizer.examples.landmarks
        return None if points is None or not len(points) else points.mean(axis=0)

    def face_mask(self, points: Points, expression: messages.ExpressionValues | None = None) -> messages.FaceMask:
        """Draw the mask of 68 points. The expression is measured unless it is given."""
        if expression is None:
            expression = _measure(points)
        mask = rasterize(points, self.schema.image_size)
        return messages.FaceMask(landmarks=_to_pairs(points), segmentation=encode_mask(mask), expression=expression)

    def require_landmarks(self) -> None:
        """Raise a ``UserError`` if the model's masks are not drawn from points."""
        if not self.schema.landmarks:
            raise UserError("the masks of this model are not drawn from 68 facial points.")

    def open_file(self, data: bytes, reader: FileReader) -> messages.OpenedFile:
        """Read a mask file or a JSON file that the studio saved.

        Args:
            data: content of the file.
            reader: reads it, if it is a mask.

        Raises:
            UserError: it is neither, or does not fit the model.
        """
        if data.lstrip().startswith(b"{"):
            return self._open_json(data)
        mask, notice = reader.read_mask(data, self.schema)
        return messages.OpenedFile(segmentation=encode_mask(mask), landmarks=None, has_appearance=False, notice=notice)

    def _open_json(self, data: bytes) -> messages.OpenedFile:
        if len(data) > messages.MAX_FILE_BYTES:
            raise UserError("the file is too large: open one that the studio saved.")
        try:
            content = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise UserError("the file is not JSON: open one that the studio saved.") from error
        manifest = parse_manifest(content, "the file", self.schema, folder=None)
        if len(manifest.image_specs) != 1:
            raise UserError(
                f"the file describes {counted(len(manifest.image_specs), 'image')}: open one that the studio saved."
            )
        spec = manifest.image_specs[0]
        own = self.synthesizer.fingerprint, self.synthesizer.model.step
        same_model = (manifest.data_fingerprint, manifest.step) == own
        try:
            return messages.OpenedFile(
                segmentation=encode_mask(spec.segmentation),
                attributes=self._attributes(spec.attributes),
                latent=_latent_message(spec.latent),
                landmarks=None if spec.landmarks is None else _to_pairs(spec.landmarks),
                has_appearance=True,
                notice=None if same_model else "The file was saved with another model: the image will differ.",
            )
        except ValidationError as error:  # a manifest may hold seeds and points that the page cannot
            raise UserError(f"the file has a value out of range ({describe_error(error)}).") from error

    def examples(self) -> list[messages.Example]:
        """Return the examples that are stored with the model."""
        examples = self.synthesizer.examples
        return [
            messages.Example(
                segmentation=encode_mask(mask),
                attributes=self._attributes(examples.attributes[row]),
                landmarks=None if examples.landmarks is None else _to_pairs(examples.landmarks[row]),
            )
            for row, mask in enumerate(examples.segmentations)
        ]

    def _attributes(self, vector: NDArray[np.float32]) -> dict[str, float]:
        return dict(zip(self.schema.attribute_names, map(float, vector), strict=True))


def encode_mask(mask: NDArray[np.uint8]) -> str:
    """Encode class indices, uint8 (H, W), as base64."""
    return b64encode(np.ascontiguousarray(mask).tobytes()).decode()


def encode_png(image: NDArray[np.uint8]) -> str:
    """Encode an image, uint8 (H, W, 3), as a PNG file in base64."""
    return b64encode(png(image)).decode()


def _installed(*modules: str) -> bool:
    return all(map(find_spec, modules))


def _latent_message(latent: Latent) -> messages.SeedLatent | messages.BlendLatent:
    if isinstance(latent, Blend):
        return messages.BlendLatent(**latent._asdict())
    return messages.SeedLatent(seed=latent)


def _measure(points: Points) -> messages.ExpressionValues | None:
    try:
        return messages.ExpressionValues(**measure(points)._asdict())
    except (UserError, ValueError):  # the points do not form a face, or the expression is out of bounds
        return None


def _to_pairs(points: NDArray[np.float32]) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]
