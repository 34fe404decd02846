#!/usr/bin/env bash
# pycocotools 2.0.11, Pillow 13.0.0, OpenCV 5.0.0, scikit-image 0.26.0: one polygon, masks of 21 or 36 pixels.
#
# Good guess: a polygon from (2, 2) to (6, 6) fills 4x4 = 16 pixels everywhere, up to a pixel on slanted edges.
# What happens: pycocotools takes coordinates as corners of pixels and fills 16. Pillow's ImageDraw.polygon, OpenCV's fillPoly
# and scikit-image's polygon2mask take them as centres of pixels and fill the edges too: 25. A triangle with legs of 7
# has 21 pixels by COCO and 36 by the others. At half-integer corners scikit-image joins pycocotools and Pillow stays at 25.
# Output seen: square COCO 16, others 25 · triangle COCO 21, others 36.
# Why it matters: masks from one annotation file differ by a border of a pixel (half of a thin class), shifted by half a pixel to
# the lower right, according to the tool that draws them; labelme draws with Pillow, the COCO tools with pycocotools.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q pycocotools==2.0.11 pillow==13.0.0 opencv-python-headless==5.0.0.93 scikit-image==0.26.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import cv2
import numpy as np
from PIL import Image, ImageDraw
from pycocotools import mask as coco
from skimage.draw import polygon2mask

def areas(corners):
    flat = [float(c) for corner in corners for c in corner]
    image = Image.new("L", (10, 10))
    ImageDraw.Draw(image).polygon(corners, fill=1)
    canvas = np.zeros((10, 10), np.uint8)
    cv2.fillPoly(canvas, [np.array(corners).round().astype(np.int32)], 1)
    masks = {
        "pycocotools": coco.decode(coco.merge(coco.frPyObjects([flat], 10, 10))),
        "Pillow": np.asarray(image),
        "OpenCV": canvas,
        "scikit-image": polygon2mask((10, 10), [(y, x) for x, y in corners]),
    }
    return {name: int(mask.sum()) for name, mask in masks.items()}

shapes = {
    "square": [(2, 2), (6, 2), (6, 6), (2, 6)],
    "triangle": [(1, 1), (8, 1), (1, 8)],
    "square at halves": [(2.5, 2.5), (6.5, 2.5), (6.5, 6.5), (2.5, 6.5)],
}
results = {name: areas(corners) for name, corners in shapes.items()}
for name, counts in results.items():
    print(name, counts)
assert list(results["square"].values()) == [16, 25, 25, 25]
assert list(results["triangle"].values()) == [21, 36, 36, 36]
assert list(results["square at halves"].values()) == [16, 25, 25, 16]
PY
