"""Animations between two images, frame by frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.inference.latents import latent_vector
from scgan.inference.manifest import ImageSpec
from scgan.interpolation.landmark_paths import draw_masks, landmark_path
from scgan.interpolation.mask_paths import mask_frames
from scgan.studio.messages import AnimationRequest, VideoRequest
from scgan.studio.model import StudioModel
from scgan.utils.vectors import fractions, lerp, slerp
from scgan.utils.video import require_writable

Frame = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Image, uint8 (H, W, 3), and its mask, uint8 (H, W)."""


def animation_frames(model: StudioModel, request: AnimationRequest) -> Iterator[Frame]:
    """Generate the frames from start to end, one at a time.

    Raises:
        UserError: start or end does not fit the model. It is raised by the call, before the first frame.
    """
    start, end = model.image_spec(request.start), model.image_spec(request.end)
    return _generate_frames(model, start, end, request.frames)


def animation_images(model: StudioModel, request: VideoRequest) -> Iterator[NDArray[np.uint8]]:
    """Generate the images of a video, uint8 (H, W, 3), one at a time.

    Raises:
        UserError: as ``animation_frames``, or the container cannot be written. It is raised by the call.
    """
    require_writable(Path(f"animation.{request.container}"), request.frame_rate)
    return (image for image, _ in animation_frames(model, request))


def _generate_frames(model: StudioModel, start: ImageSpec, end: ImageSpec, count: int) -> Iterator[Frame]:
    t = fractions(count)
    masks: Iterable[NDArray[np.uint8]]
    if start.landmarks is not None and end.landmarks is not None:
        points = landmark_path(np.stack([start.landmarks, end.landmarks]), count)
        masks = (draw_masks(face, model.schema.image_size) for face in points)
    else:
        masks = mask_frames(start.segmentation, end.segmentation, t)
    attributes = lerp(start.attributes, end.attributes, t)
    first, last = (latent_vector(model.synthesizer, spec.latent) for spec in (start, end))
    latents = slerp(first, last, t)
    for mask, attribute_vector, latent in zip(masks, attributes, latents, strict=True):
        yield model.synthesizer.generate(mask, attribute_vector, latent), mask
