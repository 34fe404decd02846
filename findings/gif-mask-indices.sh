#!/usr/bin/env bash
# Pillow 13.0.0: a mask saved as GIF comes back with other class indices.
#
# Good guess: a palette image keeps its indices in a format made of palette indices: classes 0, 5, 200 stay 0, 5, 200.
# What happens: unused palette entries are dropped and the rest is renumbered: 0, 1, 2. The colours still look right. The
# same image in PNG, TIFF and BMP keeps its indices, with optimize=True too. A grey mask (mode L) suffers the same.
# Output seen: GIF P [0, 1, 2], GIF L [0, 1, 2] · PNG, PNG optimize, TIFF, BMP [0, 5, 200]
# Why it matters: the new index of a class depends on which classes an image has, so label maps in GIF (older data sets,
# animated masks) cannot be read by index.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import io

import numpy as np
from PIL import Image

classes = np.zeros((8, 8), np.uint8)
classes[2:4], classes[4:6] = 5, 200
palette = Image.fromarray(classes)
palette.putpalette(np.random.default_rng(1).integers(0, 256, 768).astype(np.uint8).tobytes())
assert palette.mode == "P"
for image in (palette, Image.fromarray(classes)):
    for name, options in (("GIF", {}), ("PNG", {}), ("PNG", {"optimize": True}), ("TIFF", {}), ("BMP", {})):
        file = io.BytesIO()
        image.save(file, name, **options)
        found = np.unique(np.asarray(Image.open(file))).tolist()
        print(image.mode, name, options, found)
        assert found == ([0, 1, 2] if name == "GIF" else [0, 5, 200]), found
PY
