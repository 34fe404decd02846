#!/usr/bin/env bash
# PyAV 18.1.0 (its own FFmpeg, libx264, libvpx): videos of RGB images are converted by BT.601 and not tagged, at 1280x720 too.
#
# Good guess: the encoder picks the matrix by size (BT.709 for HD) as players do, or writes the matrix it used into the file.
# What happens: RGB frames are converted by BT.601 at every size and the stream says "unspecified". The range is tagged in WebM
# ("limited") and not in MP4. A player that takes untagged HD as BT.709 shows (200, 30, 60) as about (212, 46, 57).
# Output seen: 64x64 and 1280x720, MP4 and WebM: matrix 2 (unspecified); by BT.601 197 28 58, by BT.709 212 46 57; range
# 0 (MP4), 1 (WebM).
# Why it matters: colours of generated images in videos, and metrics on frames read back by another reader, are off by up to 16 of
# 255 with no error anywhere.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q av==18.1.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import io

import av
import numpy as np

for codec, container, expected_range in (("libx264", "mp4", 0), ("libvpx-vp9", "webm", 1)):
    for width, height in ((64, 64), (1280, 720)):
        rgb = np.full((height, width, 3), (200, 30, 60), np.uint8)
        file = io.BytesIO()
        with av.open(file, "w", format=container) as output:
            stream = output.add_stream(codec, rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for _ in range(2):
                output.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
            output.mux(stream.encode(None))
        file.seek(0)
        frame = next(av.open(file).decode(video=0))
        by = {}
        for name in ("ITU601", "ITU709"):
            by[name] = frame.reformat(format="rgb24", src_colorspace=name).to_ndarray()[20, 20].astype(int)
        print(codec, width, height, "matrix", int(frame.colorspace), "range", int(frame.color_range), *by.items())
        assert int(frame.colorspace) == 2 and int(frame.color_range) == expected_range
        assert np.abs(by["ITU601"] - (200, 30, 60)).max() <= 4 and np.abs(by["ITU709"] - (200, 30, 60)).max() >= 10
PY
