"""Videos: GIF, MP4 (H.264) or WebM (VP9)."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.optional import require_packages
from scgan.utils.progress import progress

Pixels = NDArray[np.uint8]


class _Codec(NamedTuple):
    name: str
    options: dict[str, str]


# Constant quality without visible artefacts. The codecs' default presets take half as long as generating the images
# (VP9 even longer); these presets are faster, and their files only a few kilobytes larger.
_CODECS = {
    ".mp4": _Codec("libx264", {"preset": "veryfast", "crf": "18"}),
    ".webm": _Codec("libvpx-vp9", {"deadline": "realtime", "cpu-used": "6", "crf": "24", "b": "0"}),
}
CONTAINERS = (".gif", *_CODECS)

_MIN_FRAME_RATE, _MAX_FRAME_RATE = 0.1, 240.0
_MAX_GIF_FRAME_RATE = 50.0  # frames a second; players slow faster ones down to 10


def ping_pong(frames: Pixels) -> Pixels:
    """Append the frames in reverse, for a loop without a jump: (N, …) → (2 N − 2, …); both ends are shown once."""
    return np.concatenate([frames, frames[-2:0:-1]])


def require_writable(path: Path, frame_rate: float) -> None:
    """Check, before any work is done, that a video can be written as asked.

    Raises:
        UserError: an unknown container, a frame rate that it cannot have, or the library for it is not installed.
    """
    if path.suffix not in CONTAINERS:
        raise UserError(f"{path} ends in {path.suffix or 'nothing'}: choose {' or '.join(CONTAINERS)}.")
    if not _MIN_FRAME_RATE <= frame_rate <= _MAX_FRAME_RATE:
        raise UserError(
            f"a frame rate of {frame_rate:g} is not between {_MIN_FRAME_RATE:g} and {_MAX_FRAME_RATE:g} frames a "
            "second."
        )
    if path.suffix == ".gif" and frame_rate > _MAX_GIF_FRAME_RATE:
        raise UserError(
            f"a GIF shows at most {_MAX_GIF_FRAME_RATE:g} frames a second, not {frame_rate:g}: write .mp4 or .webm."
        )
    if path.suffix in _CODECS:
        require_packages(f"writing {path.suffix}", "video", "av")


def write_video(path: Path, frames: Pixels, frame_rate: float = 24.0) -> None:
    """Write a video; its container follows from the name. A GIF plays in a loop.

    Args:
        path: ends in ``.gif``, ``.mp4`` or ``.webm``; written atomically.
        frames: uint8 (N, H, W, 3), RGB. An odd height or width gets another white line: codecs work on 2×2 pixels.
        frame_rate: frames a second; a GIF rounds the time of a frame to hundredths of a second.

    Raises:
        UserError: as ``require_writable``.
    """
    require_writable(path, frame_rate)
    with atomic_file(path) as partial:
        if path.suffix == ".gif":
            partial.write_bytes(gif(frames, frame_rate))
        else:
            _encode(partial, frames, frame_rate, _CODECS[path.suffix])


def gif(frames: Pixels, frame_rate: float) -> bytes:
    """Encode a GIF that plays in a loop: uint8 (N, H, W, 3), RGB, and frames per second → bytes of the file."""
    # One palette for all frames: with one for each, parts that stand still would flicker. Dithering would, too.
    # An octree keeps rare colours; a median cut makes the eyes of a mask grey.
    palette = Image.fromarray(frames.reshape(-1, *frames.shape[2:])).quantize(256, Image.Quantize.FASTOCTREE)
    first, *others = (Image.fromarray(frame).quantize(palette=palette, dither=Image.Dither.NONE) for frame in frames)
    content = BytesIO()
    first.save(content, "GIF", save_all=True, append_images=others, duration=round(100 / frame_rate) * 10, loop=0)
    return content.getvalue()


def _encode(path: Path, frames: Pixels, frame_rate: float, codec: _Codec) -> None:
    import av
    from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

    height, width = frames.shape[1:3]
    odd = ((0, 0), (0, height % 2), (0, width % 2), (0, 0))
    even = np.pad(frames, odd, constant_values=255) if height % 2 or width % 2 else frames
    with av.open(path, "w") as file, progress("encode", len(frames)) as advance:
        rate = Fraction(frame_rate).limit_denominator(1001)  # broadcast's 24000 / 1001 and the like
        stream = file.add_stream(codec.name, rate, options=codec.options)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = even.shape[2], even.shape[1], "yuv420p"
        # Without these tags players guess by the size, and small videos get the colors of BT.601.
        context = stream.codec_context
        context.color_primaries, context.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        for frame in even:
            image = av.VideoFrame.from_ndarray(frame).reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            file.mux(stream.encode(image))
            advance(1, "")
        file.mux(stream.encode())
