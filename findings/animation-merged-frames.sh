#!/usr/bin/env bash
# Pillow 13.0.0: an animation of eight images has three frames when neighbours are alike, in GIF, APNG and WebP, not in AVIF.
#
# Good guess: save_all with eight images writes eight frames, each with its duration.
# What happens: equal neighbours become one frame of their summed duration: 3 frames of 120, 40, 160 ms. AVIF and TIFF keep 8.
# Output seen: GIF, PNG, WEBP 3 frames · AVIF, TIFF 8 frames.
# Why it matters: an interpolation that holds its keyframes loses its frame count, so frame i of the file is no longer step
# i of the path, and a metric over frames (smoothness, distances between neighbours) is computed on other pairs for each format.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import io

from PIL import Image

frames = [Image.new("RGB", (16, 16), (level, 0, 0)) for level in (0, 0, 0, 100, 200, 200, 200, 200)]
for name, options in (("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True}), ("AVIF", {}), ("TIFF", {})):
    file = io.BytesIO()
    frames[0].save(file, name, save_all=True, append_images=frames[1:], duration=40, **options)
    read = Image.open(file)
    durations = []
    for index in range(read.n_frames):
        read.seek(index)
        read.load()
        durations.append(read.info.get("duration"))
    print(name, read.n_frames, "frames", durations)
    if name in ("AVIF", "TIFF"):
        assert read.n_frames == 8
    else:
        assert read.n_frames == 3 and [round(d) for d in durations] == [120, 40, 160]
PY
