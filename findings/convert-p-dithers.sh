#!/usr/bin/env bash
# Pillow 13.0.0: convert("P") turns a mask of two colours into one of sixteen.
#
# Good guess: an image of two colours becomes a palette image with two entries.
# What happens: convert("P") maps to a fixed web palette and dithers: each flat class becomes a pattern of up to eight
# neighbouring colours. quantize() gives two entries and the very colours.
# Output seen (128,64,128 beside 244,35,232, as in Cityscapes): 16 colours, neither of the two among them; quantize() 2.
# Why it matters: colour-coded masks "converted to indices" this way have classes that do not exist, sprinkled over each
# region; they look right at a glance.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import numpy as np
from PIL import Image

colours = {(128, 64, 128), (244, 35, 232)}
values = np.zeros((64, 64, 3), np.uint8)
values[:, :32], values[:, 32:] = sorted(colours)
for name, image in (("convert", Image.fromarray(values).convert("P")), ("quantize", Image.fromarray(values).quantize())):
    found = set(map(tuple, np.asarray(image.convert("RGB")).reshape(-1, 3).tolist()))
    print(name, len(image.getcolors()), "indices; of the two colours kept:", len(found & colours))
    assert (len(image.getcolors()) > 10 and not found & colours) if name == "convert" else found == colours
PY
