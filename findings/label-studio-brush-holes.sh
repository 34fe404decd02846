#!/usr/bin/env bash
# label-studio-sdk 2.1.2: the COCO export of brush regions fills their holes.
#
# Good guess: the exporter, which decodes the brush exactly, writes the same pixels as COCO RLE or as polygons with holes.
# What happens: it keeps the outer contours only, drawn through the pixels' centres: a ring of 164 pixels becomes a polygon whose
# COCO mask covers the hole of 29 and loses 23 pixels along the lower right edge.
# Output seen: ring 164 pixels · decoded 164 · COCO mask of the exported polygon 170, 29 of them in the hole
# Why it matters: hair around a face, glasses and open mouths lose what they enclose; read the JSON export instead.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q label-studio-sdk==2.1.2 pycocotools==2.0.11
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import numpy as np
from label_studio_sdk.converter import brush
from label_studio_sdk.converter.exports.brush_to_coco import generate_contour_from_rle
from pycocotools import mask as coco

rows, columns = np.mgrid[:24, :32]
radius = np.hypot(columns - 12, rows - 11)
ring, hole = (radius < 8) & (radius > 3), radius <= 3
rle = brush.mask2rle(ring.astype(np.uint8) * 255)
decoded = brush.decode_rle(rle).reshape(24, 32, 4)[..., 3] > 0
polygons, _, areas = generate_contour_from_rle(rle, 32, 24)
mask = coco.decode(coco.merge(coco.frPyObjects([[float(v) for v in p] for p in polygons], 24, 32))).astype(bool)
print("ring", ring.sum(), "decoded", decoded.sum(), "exported", mask.sum(), "area", areas)
print("exported pixels in the hole", (mask & hole).sum(), "of", hole.sum())
assert (decoded == ring).all() and len(polygons) == 1 and (mask & hole).sum() > 20 and mask.sum() != ring.sum()
PY
