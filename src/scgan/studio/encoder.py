"""Encoding of videos in a process of its own.

Pillow's quantization holds Python's lock for seconds, which would stop the whole studio. The memory of a video is free
again when its process ends.
"""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError
from scgan.utils.images import enlarge
from scgan.utils.video import ping_pong, write_video

_MIN_VIDEO_SIDE = 256  # players show videos at their own size, and smaller ones are hard to see
_MAX_SECONDS = 120.0


def encode_video(frames: NDArray[np.uint8], container: str, frame_rate: float, back_and_forth: bool) -> bytes:
    """Encode frames, uint8 (N, H, W, 3), as a video file, and wait for it.

    Raises:
        UserError: the encoder failed.
    """
    data = BytesIO()
    np.save(data, frames)
    options = {"container": container, "frame_rate": frame_rate, "back_and_forth": back_and_forth}
    command = [sys.executable, "-m", "scgan.studio.encoder", json.dumps(options)]
    try:
        # A session of its own: Ctrl-C in the terminal is for the studio.
        process = subprocess.run(
            command, input=data.getvalue(), capture_output=True, timeout=_MAX_SECONDS, start_new_session=True
        )
    except subprocess.TimeoutExpired as error:
        raise UserError(f"the video took longer than {_MAX_SECONDS:.0f} seconds: choose fewer frames.") from error
    if process.returncode:
        reason = (process.stderr.decode(errors="replace").strip().splitlines() or ["no message"])[-1]
        raise UserError(f"the video could not be encoded ({reason[:200]}).")
    return process.stdout


def main() -> None:
    """Read frames from standard input, and write the video to standard output."""
    options = json.loads(sys.argv[1])
    frames: NDArray[np.uint8] = np.load(BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
    factor = -(-_MIN_VIDEO_SIDE // frames.shape[1])
    video = np.stack([enlarge(frame, factor, smooth=True) for frame in frames])
    if options["back_and_forth"]:
        video = ping_pong(video)
    with TemporaryDirectory(prefix="scgan-studio-") as folder:
        file = Path(folder) / f"animation.{options['container']}"
        write_video(file, video, options["frame_rate"])
        sys.stdout.buffer.write(file.read_bytes())


if __name__ == "__main__":
    main()
