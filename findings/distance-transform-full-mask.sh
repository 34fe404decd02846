#!/usr/bin/env bash
# SciPy 1.17.1: the distance transform of a mask without background measures to a pixel outside the image's upper left.
#
# Good guess: distance_transform_edt of an all-ones mask is infinite, or the distance to the border, or an error.
# What happens: no background exists, yet finite distances come back, as if one background pixel lay at row -1, column 0.
# The result is not symmetric: the upper left corner has 1, the lower right corner the largest value.
# Output seen (4x6): first row 1, 1.41, 2.24, 3.16, 4.12, 5.1; last row 4 .. 6.4. OpenCV gives 3.4e38 everywhere.
# Why it matters: signed distances between masks (shape interpolation, boundary losses) get a gradient towards one corner
# wherever a class covers the whole image or, for the inside-out mask, is absent.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q scipy==1.17.1 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import numpy as np
from scipy import ndimage

height, width = 4, 6
distances = ndimage.distance_transform_edt(np.ones((height, width)))
rows, columns = np.mgrid[:height, :width]
print(distances.round(2))
assert np.allclose(distances, np.hypot(rows + 1, columns))
assert np.isfinite(distances).all() and not np.allclose(distances, distances[::-1, ::-1])
PY
