"""The way from one picture to another, frame by frame, and as a film."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from scgan.inference.latents import latent_vector
from scgan.inference.manifest import ImageSpec
from scgan.interpolation.landmark_paths import draw_masks, landmark_path
from scgan.interpolation.mask_paths import interpolate_masks
from scgan.studio.messages import Film, Way
from scgan.studio.model import StudioModel
from scgan.utils.images import enlarge
from scgan.utils.vectors import fractions, lerp, slerp
from scgan.utils.video import ping_pong, write_video

_MIN_VIDEO_SIDE = 256  # players show smaller films as stamps


def frames(model: StudioModel, way: Way) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Pictures uint8 (H, W, 3) and masks uint8 (H, W) from the start to the end, made one at a time.

    Raises:
        UserError: at once, when an end does not fit the model.
    """
    start, end = model.recipe(way.start), model.recipe(way.end)
    return _frames(model, start, end, way.frames)


def film(model: StudioModel, message: Film) -> Iterator[bytes | None]:
    """The way as a GIF or MP4 file: None after each frame, and at last the file's bytes."""
    made = frames(model, message)
    return _film(made, message)


def _frames(
    model: StudioModel, start: ImageSpec, end: ImageSpec, count: int
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    at = fractions(count)
    if start.landmarks is not None and end.landmarks is not None:
        points = landmark_path(np.stack([start.landmarks, end.landmarks]), count)
        masks = draw_masks(points, model.schema.image_size)
    else:
        masks = interpolate_masks(start.segmentation, end.segmentation, at)
    labels = lerp(start.attributes, end.attributes, at)
    first, last = (latent_vector(model.synthesizer, recipe.latent) for recipe in (start, end))
    latents = slerp(first, last, at)
    for mask, label, latent in zip(masks, labels, latents, strict=True):
        yield model.synthesizer.generate(mask, label, latent), mask


def _film(made: Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]], message: Film) -> Iterator[bytes | None]:
    pictures = []
    for picture, _ in made:
        factor = -(-_MIN_VIDEO_SIDE // picture.shape[0])
        pictures.append(enlarge(picture, factor, smooth=True))
        yield None
    all_frames = np.stack(pictures)
    with TemporaryDirectory(prefix="scgan-studio-") as folder:
        file = Path(folder) / f"film.{message.container}"
        write_video(file, ping_pong(all_frames) if message.ping_pong else all_frames, message.frame_rate)
        content = file.read_bytes()
    yield content
