"""Frames as a moving picture: GIF, MP4 (H.264) or WebM (VP9)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.errors import UserError
from scgan.outputs import written_file
from scgan.progress import progress

Pixels = NDArray[np.uint8]

_CODECS = {".mp4": "libx264", ".webm": "libvpx-vp9"}
CONTAINERS = (".gif", *_CODECS)

_GIF_FASTEST = 50.0  # frames a second; players slow faster ones down to 10


def ping_pong(frames: Pixels) -> Pixels:
    """There and back, so that the end joins the beginning: (N, …) → (2 N − 2, …); the ends are shown once."""
    return np.concatenate([frames, frames[-2:0:-1]])


def require_writable(path: Path, frame_rate: float) -> None:
    """Check, before any work is done, that a video can be written as asked.

    Raises:
        UserError: an unknown container, a frame rate it cannot have, or its libraries are not installed.
    """
    if path.suffix not in CONTAINERS:
        raise UserError(f"{path} ends in {path.suffix or 'nothing'}: known for videos are {', '.join(CONTAINERS)}.")
    if not 0 < frame_rate <= 240:
        raise UserError(f"a frame rate of {frame_rate:g} is not between 0 and 240 frames a second.")
    if path.suffix == ".gif" and frame_rate > _GIF_FASTEST:
        raise UserError(
            f"a GIF shows at most {_GIF_FASTEST:g} frames a second, not {frame_rate:g}: write .mp4 or .webm."
        )
    if path.suffix in _CODECS:
        _import_imageio()


def write_video(path: Path, frames: Pixels, frame_rate: float = 24.0) -> None:
    """Write a moving picture; its container follows from the name. A GIF repeats for ever.

    Args:
        path: ends in ``.gif``, ``.mp4`` or ``.webm``; it is written beside its place and renamed.
        frames: uint8 (N, H, W, 3), RGB. An odd height or width gets another white line: codecs work on 2×2 pixels.
        frame_rate: frames a second; a GIF rounds the time of a frame to hundredths of a second.

    Raises:
        UserError: as ``require_writable``.
    """
    require_writable(path, frame_rate)
    with written_file(path) as beside, progress(f"write {path.name}", len(frames)) as advance:
        if path.suffix == ".gif":
            _write_gif(beside, frames, frame_rate)
            advance(len(frames), "")
            return
        height, width = frames.shape[1:3]
        odd = ((0, 0), (0, height % 2), (0, width % 2), (0, 0))
        even = np.pad(frames, odd, constant_values=255) if height % 2 or width % 2 else frames
        with _encoder(beside, frame_rate) as encode:
            for frame in even:
                encode.write_frame(frame)
                advance(1, "")


def _write_gif(path: Path, frames: Pixels, frame_rate: float) -> None:
    # One palette for all frames: with one for each, still parts of the picture flicker.
    count = len(frames)
    some = frames[np.linspace(0, count - 1, min(count, 16)).astype(int)]
    palette = Image.fromarray(np.concatenate(some)).quantize(256, Image.Quantize.MEDIANCUT)
    first, *others = (Image.fromarray(frame).quantize(palette=palette) for frame in frames)
    first.save(path, save_all=True, append_images=others, duration=max(20, round(100 / frame_rate) * 10), loop=0)


@contextmanager
def _encoder(path: Path, frame_rate: float) -> Iterator[Any]:
    imageio = _import_imageio()
    with imageio.imopen(path, "w", plugin="pyav") as file:
        file.init_video_stream(_CODECS[path.suffix], fps=frame_rate, pixel_format="yuv420p")
        yield file


def _import_imageio() -> Any:
    try:
        import av  # noqa: F401
        import imageio.v3 as imageio
    except ImportError as error:
        raise UserError("writing .mp4 or .webm needs imageio and av: pip install scgan[video]") from error
    return imageio
