#!/usr/bin/env bash
# imageio 2.38.1, imageio-ffmpeg 0.8.1: a video of 178x218 images is stretched to 192x224.
#
# Good guess: H.264 needs even sides, which 178x218 has, so the images are kept; else the video is padded or refused.
# What happens: the writer resizes every frame to the next multiple of 16 in each direction (7.9 % wider, 2.8 % higher) and says so
# in a log line. macro_block_size=2 keeps 178x218.
# Output seen: (192, 224) by default, (178, 218) with macro_block_size=2.
# Why it matters: CelebA's own size; the frames are resampled and their aspect changes by 5 %, so frames read back from a
# video no longer fit their masks.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q imageio==2.38.1 imageio-ffmpeg==0.8.1 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import imageio.v2 as imageio
import numpy as np

frames = [np.full((218, 178, 3), 20 * index, np.uint8) for index in range(5)]
sizes = {}
for name, options in (("default", {}), ("macro_block_size=2", {"macro_block_size": 2})):
    imageio.mimsave("video.mp4", frames, fps=10, **options)
    with imageio.get_reader("video.mp4") as reader:
        sizes[name] = tuple(reader.get_meta_data()["size"])
    print(name, sizes[name])
assert sizes == {"default": (192, 224), "macro_block_size=2": (178, 218)}, sizes
PY
