"""Animations between two images: frame by frame, and as a video file."""

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
from scgan.studio.messages import AnimationRequest, VideoRequest
from scgan.studio.model import StudioModel
from scgan.utils.images import enlarge
from scgan.utils.vectors import fractions, lerp, slerp
from scgan.utils.video import ping_pong, write_video

_MIN_VIDEO_SIDE = 256  # players show videos at their own size, and smaller ones are hard to see

Frame = tuple[NDArray[np.uint8], NDArray[np.uint8]]
"""Image, uint8 (H, W, 3), and its mask, uint8 (H, W)."""


def animation_frames(model: StudioModel, request: AnimationRequest) -> Iterator[Frame]:
    """Generate the frames from start to end, one at a time.

    Raises:
        UserError: start or end does not fit the model. It is raised by the call, before the first frame.
    """
    start, end = model.image_spec(request.start), model.image_spec(request.end)
    return _generate_frames(model, start, end, request.frames)


def video_file(model: StudioModel, request: VideoRequest) -> Iterator[bytes | None]:
    """Write the animation as a GIF or MP4 file.

    Yields:
        None after each frame, and the content of the file at the end.

    Raises:
        UserError: as ``animation_frames``.
    """
    return _encode(animation_frames(model, request), request)


def _generate_frames(model: StudioModel, start: ImageSpec, end: ImageSpec, count: int) -> Iterator[Frame]:
    t = fractions(count)
    if start.landmarks is not None and end.landmarks is not None:
        points = landmark_path(np.stack([start.landmarks, end.landmarks]), count)
        masks = draw_masks(points, model.schema.image_size)
    else:
        masks = interpolate_masks(start.segmentation, end.segmentation, t)
    attributes = lerp(start.attributes, end.attributes, t)
    first, last = (latent_vector(model.synthesizer, spec.latent) for spec in (start, end))
    latents = slerp(first, last, t)
    for mask, attribute_vector, latent in zip(masks, attributes, latents, strict=True):
        yield model.synthesizer.generate(mask, attribute_vector, latent), mask


def _encode(frames: Iterator[Frame], request: VideoRequest) -> Iterator[bytes | None]:
    images = []
    for image, _ in frames:
        factor = -(-_MIN_VIDEO_SIDE // image.shape[0])
        images.append(enlarge(image, factor, smooth=True))
        yield None
    video = np.stack(images)
    with TemporaryDirectory(prefix="scgan-studio-") as folder:
        file = Path(folder) / f"animation.{request.container}"
        write_video(file, ping_pong(video) if request.ping_pong else video, request.frame_rate)
        content = file.read_bytes()
    yield content
