#!/usr/bin/env bash
# torch 2.13.0: grid_sample(mode="nearest") at half-pixel positions drops every second column.
#
# Good guess: a mask moved by half a pixel with nearest sampling is the mask itself or the mask moved by one pixel.
# What happens: positions are rounded half to even, so columns 0 1 2 3 4 5 6 7 become 0 2 2 4 4 6 6 7: half of the
# columns are lost, the others stand twice. Pillow's Image.transform(NEAREST) and scipy.ndimage.shift(order=0) give
# 1 2 3 4 5 6 7 for the same move.
# Output seen: torch [0, 2, 2, 4, 4, 6, 6, 7] · Pillow [1, 2, 3, 4, 5, 6, 7]
# Why it matters: masks that are aligned or augmented by an affine grid next to bilinear photos lose thin parts
# (eyebrows, lips, earrings) exactly where a translation or an even-sized crop centre ends in .5.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 pillow==13.0.0
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

columns = torch.arange(8.0).view(1, 1, 1, 8)
theta = torch.tensor([[[1.0, 0.0, 1 / 8], [0.0, 1.0, 0.0]]])  # half a pixel of eight, in units of half the width
grid = F.affine_grid(theta, (1, 1, 1, 8), align_corners=False)
moved = F.grid_sample(columns, grid, mode="nearest", padding_mode="border", align_corners=False)
moved = [int(v) for v in moved.flatten()]
image = Image.fromarray(np.arange(8, dtype=np.uint8)[None])
pillow = np.asarray(image.transform((8, 1), Image.Transform.AFFINE, (1, 0, 0.5, 0, 1, 0), Image.Resampling.NEAREST))
print("torch ", moved)
print("Pillow", pillow[0, :7].tolist())
assert moved == [0, 2, 2, 4, 4, 6, 6, 7], moved
assert pillow[0, :7].tolist() == [1, 2, 3, 4, 5, 6, 7], pillow
PY
