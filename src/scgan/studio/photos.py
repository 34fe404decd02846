"""Photos that visitors edit, in memory: their inversion step by step, edits, and the way back into the photo."""

from __future__ import annotations

import secrets
from collections import Counter, OrderedDict
from collections.abc import Iterator
from itertools import chain
from time import monotonic

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.editing.blend import put_back
from scgan.editing.edits import Edit, Editor
from scgan.editing.notes import edit_note, encode_with_note
from scgan.editing.photos import PlacedPhoto, place_face, place_part, require_large
from scgan.editing.project import Project
from scgan.engines.names import TORCH
from scgan.faces.landmarks import Points
from scgan.inference.synthesizer import Synthesizer
from scgan.inversion.invert import Inversion, InversionSettings
from scgan.studio import messages
from scgan.studio.messages import Crop
from scgan.studio.model import StudioModel, encode_mask, encode_png
from scgan.studio.placement import to_square
from scgan.utils.errors import UserError

MAX_PHOTOS = 12
"""Photos in memory, about 10 MB each."""
MAX_ADDRESS_PHOTOS = 3
MAX_IDLE_SECONDS = 3600.0

MAX_SAVED_SIDE = 4096
"""Longer side of a saved photo in pixels: bounds the memory and the time."""

SETTINGS = InversionSettings(steps=100, correction_steps=80)

_PREVIEW_SIDE = 1024
_IMAGE_EVERY = 5
_MIN_MOVE = 1e-4  # of landmarks: the page sends those of the photo back
_MIN_ATTRIBUTE_CHANGE = 5e-3
_NAME = "the photo"


class EditedPhoto:
    """Photo of a visitor, as a model sees it, with the inversion so far.

    Args:
        model: the model.
        photo: uint8 (H, W, 3).
        placed: the part of it that the model sees.
    """

    def __init__(self, model: StudioModel, photo: NDArray[np.uint8], placed: PlacedPhoto) -> None:
        self.id = secrets.token_urlsafe(12)
        self.model = model
        self.last_used = monotonic()
        self._preview = _reduced(photo)
        self._placed = placed
        self._inversion: Inversion | None = None
        self._editor: Editor | None = None
        self._edit = Edit()

    def refine(self, settings: InversionSettings) -> Iterator[messages.InvertedPhoto | messages.InversionProgress]:
        """Describe the photo, then refine its inversion step by step. Must run in the thread of inversions."""
        placed, synthesizer = self._placed, self.model.synthesizer
        attributes, _ = synthesizer.estimate_attributes(placed.image, placed.segmentation)
        inverter = synthesizer.inverter(placed.image, placed.segmentation, attributes)
        steps = inverter.steps(settings)
        first = next(steps)
        self._inversion = first.inversion
        yield messages.InvertedPhoto(
            photo=self.id,
            image=encode_png(placed.image),
            segmentation=encode_mask(placed.segmentation),
            landmarks=None if placed.landmarks is None else [(float(x), float(y)) for x, y in placed.landmarks],
            attributes=dict(zip(self.model.schema.attribute_names, map(float, attributes), strict=True)),
            total=settings.steps + settings.correction_steps,
        )
        for state in chain([first], steps):
            self._inversion = state.inversion
            done = state.inversion.steps + state.inversion.correction_steps
            with_image = state.step % _IMAGE_EVERY == 0 or state.step == state.total
            pixels = ((state.image.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).cpu().numpy()
            yield messages.InversionProgress(
                step=done,
                share=state.inversion.distance / max(state.inversion.random_distance, 1e-6),
                image=encode_png(pixels) if with_image else None,
            )

    def edit(self, message: messages.PhotoEdit) -> bytes:
        """Change the photo as the model sees it, or the whole one: PNG or JPEG. Must run in the models' thread.

        Raises:
            UserError: the mask, the points or an attribute do not fit the model.
        """
        editor, edit = self._current_editor(), self._edit_of(message)
        note = edit_note(self.model.name)
        if not message.into_photo:
            content = encode_with_note(editor.edited(edit), note, "PNG")
        else:
            layers = editor.photo_layers(edit, self._preview.shape)
            content = encode_with_note(put_back(self._preview, self._placed.placement, layers), note, "JPEG")
        self._edit = edit
        return content

    def save_steps(self, photo: NDArray[np.uint8]) -> tuple[Iterator[None], Iterator[bytes]]:
        """Apply the last edit to the photo at its full size.

        Args:
            photo: the same photo, larger: uint8 (H, W, 3).

        Returns:
            A step for the models' thread, then one that blends and encodes, in another thread, and gives a JPEG.
        """
        layers = []

        def draw() -> Iterator[None]:
            editor = self._current_editor()
            editor.require_photo(photo, "the file")
            layers.append(editor.photo_layers(self._edit, photo.shape))
            yield None

        def blend() -> Iterator[bytes]:
            image = put_back(photo, self._placed.placement, layers[0])
            yield encode_with_note(image, edit_note(self.model.name), "JPEG")

        return draw(), blend()

    def _edit_of(self, message: messages.PhotoEdit) -> Edit:
        """Convert a message to the changes of the photo."""
        assert self._inversion is not None
        schema, placed = self.model.schema, self._placed
        vector = schema.attribute_vector(message.attributes)
        changed = np.abs(vector - self._inversion.attributes) > _MIN_ATTRIBUTE_CHANGE
        attributes = {name: float(vector[row]) for row, name in enumerate(schema.attribute_names) if changed[row]}
        keep = True if message.keep_background else None
        if message.landmarks is not None and placed.landmarks is not None:
            points = np.array(message.landmarks, np.float32)
            moved = np.abs(points - placed.landmarks).max() > _MIN_MOVE
            return Edit(attributes=attributes, landmarks=points if moved else None, keep_background=keep)
        mask = self.model.segmentation(message.segmentation)
        painted = (mask != placed.segmentation).any()
        return Edit(attributes=attributes, mask=mask if painted else None, keep_background=keep)

    def _current_editor(self) -> Editor:
        """Return the editor of the inversion so far.

        Raises:
            UserError: there is no first guess yet.
        """
        inversion = self._inversion
        if inversion is None:
            raise UserError("the photo is not read yet: wait for its first image.")
        self.last_used = monotonic()
        if self._editor is None or self._editor.project.inversion is not inversion:
            project = Project(
                model=self.model.name,
                model_digest="",
                photo=_NAME,
                photo_digest="",
                image=self._placed.image,
                placement=self._placed.placement,
                landmarks=self._placed.landmarks,
                inversion=inversion,
                seed=SETTINGS.seed,
            )
            self._editor = Editor(self._own_synthesizer(), project)
        return self._editor

    def _own_synthesizer(self) -> Synthesizer:
        """Compute edits by PyTorch, with the generator of the model, which the thread of images shares."""
        synthesizer = self.model.synthesizer
        return Synthesizer(synthesizer.model, synthesizer.device, TORCH)


class Photos:
    """Photos in memory by their ids, with a bound for each address and for all. Must be used in the event loop.

    Args:
        settings: of their inversion.
    """

    def __init__(self, settings: InversionSettings = SETTINGS) -> None:
        self.settings = settings
        self._photos: OrderedDict[str, tuple[str, EditedPhoto]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._photos)

    def add(self, address: str, photo: EditedPhoto) -> None:
        """Keep a photo; the oldest one of the address, or of the address with most of them, makes room."""
        self.forget_idle()
        counts = Counter(owner for owner, _ in self._photos.values())
        if counts[address] >= MAX_ADDRESS_PHOTOS:
            self._forget_oldest(address)
        elif len(self._photos) >= MAX_PHOTOS:
            self._forget_oldest(counts.most_common(1)[0][0])
        self._photos[photo.id] = address, photo

    def get(self, id: str, model: StudioModel) -> EditedPhoto:
        """Find a photo that was opened with a model.

        Raises:
            KeyError: there is none.
        """
        photo = self._photos[id][1]
        if photo.model is not model:
            raise KeyError(id)
        return photo

    def forget_idle(self) -> None:
        """Forget the photos that nobody has edited for an hour."""
        end = monotonic() - MAX_IDLE_SECONDS
        for id in [id for id, (_, photo) in self._photos.items() if photo.last_used < end]:
            del self._photos[id]

    def _forget_oldest(self, address: str) -> None:
        del self._photos[next(id for id, (owner, _) in self._photos.items() if owner == address)]


def place_landmarks(model: StudioModel, photo: NDArray[np.uint8], points: Points, crop: Crop) -> PlacedPhoto:
    """Cut out the face whose points, fractions of a part of a photo, were detected.

    Raises:
        UserError: as ``place_face``, or the face is too small.
    """
    height, width = photo.shape[:2]
    pixels = (np.array([crop.left, crop.top]) + crop.side * points) * max(height, width)
    placed = place_face(model.synthesizer, photo, _NAME, (pixels / (width, height)).astype(np.float32))
    require_large(placed.placement, photo.shape, model.schema.image_size, _NAME)
    return placed


def place_classes(model: StudioModel, photo: NDArray[np.uint8], crop: Crop | None) -> PlacedPhoto:
    """Cut out the part of a photo that the model sees, with the mask that its segmentor finds.

    Raises:
        UserError: as ``place_part``, or the part is too small.
    """
    square = None if crop is None else to_square(crop, photo)
    placed = place_part(model.synthesizer, photo, _NAME, square=square)
    require_large(placed.placement, photo.shape, model.schema.image_size, _NAME)
    return placed


def _reduced(photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
    image = Image.fromarray(photo)
    image.thumbnail((_PREVIEW_SIDE, _PREVIEW_SIDE), Image.Resampling.BICUBIC)
    return np.asarray(image)
