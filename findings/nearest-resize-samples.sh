#!/usr/bin/env bash
# torch 2.13.0, Pillow 13.0.0, OpenCV 5.0.0, SciPy 1.17.1: "nearest" at 2:1 means four different things.
#
# Good guess: nearest-neighbour halving of a mask picks the same pixels in every library, those under the photo's
# bilinear or box filter.
# What happens: of columns 0..7, torch "nearest" and OpenCV INTER_NEAREST keep 0 2 4 6 (half a pixel to the left of the
# output's centre), Pillow NEAREST, torch "nearest-exact" and OpenCV INTER_NEAREST_EXACT keep 1 3 5 7 (half a pixel to
# the right), scipy.ndimage.zoom keeps 0 2 5 7 (stretched from edge to edge) and with grid_mode=True 1 3 5 7.
# No choice is centred at 2:1; the photo's filter is.
# Output seen: as above.
# Why it matters: masks and photos that were reduced by different libraries lie a full source pixel apart.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pillow==13.0.0 opencv-python-headless==5.0.0.93 scipy==1.17.1
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import cv2
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage

row = np.arange(8, dtype=np.uint8)[None]
tensor = torch.arange(8.0).view(1, 1, 1, 8)
samples = {
    "torch nearest": F.interpolate(tensor, size=(1, 4), mode="nearest").flatten().int().tolist(),
    "OpenCV INTER_NEAREST": cv2.resize(row, (4, 1), interpolation=cv2.INTER_NEAREST)[0].tolist(),
    "torch nearest-exact": F.interpolate(tensor, size=(1, 4), mode="nearest-exact").flatten().int().tolist(),
    "OpenCV INTER_NEAREST_EXACT": cv2.resize(row, (4, 1), interpolation=cv2.INTER_NEAREST_EXACT)[0].tolist(),
    "Pillow NEAREST": np.asarray(Image.fromarray(row).resize((4, 1), Image.Resampling.NEAREST))[0].tolist(),
    "scipy zoom": ndimage.zoom(row[0], 0.5, order=0, mode="nearest").tolist(),
    "scipy zoom grid_mode": ndimage.zoom(row[0], 0.5, order=0, mode="nearest", grid_mode=True).tolist(),
}
for name, columns in samples.items():
    print(f"{name:28}", columns)
left, right = [0, 2, 4, 6], [1, 3, 5, 7]
assert list(samples.values()) == [left, left, right, right, right, [0, 2, 5, 7], right]
PY
