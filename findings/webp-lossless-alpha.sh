#!/usr/bin/env bash
# Pillow 13.0.0 (with its own libwebp): WebP saved with lossless=True changes colours under full transparency.
#
# Good guess: lossless=True gives back every value of an RGBA image.
# What happens: where alpha is 0 the colours are replaced to compress better; only exact=True keeps them. PNG keeps them.
# Output seen (16x16 noise, upper half transparent): 382 values changed, all in the transparent half; 0 with exact=True.
# Why it matters: images cut out by a mask in the alpha channel (faces on a removed background) are stored without the
# background one believes to have kept, and training on the RGB channels reads black there.
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

values = np.random.default_rng(0).integers(0, 256, (16, 16, 4), dtype=np.uint8)
values[:8, :, 3] = 0
changed = {}
for name, options in {"WEBP": {"lossless": True}, "WEBP exact": {"lossless": True, "exact": True}, "PNG": {}}.items():
    file = io.BytesIO()
    Image.fromarray(values).save(file, name.split()[0], **options)
    read = np.asarray(Image.open(file).convert("RGBA"))
    changed[name] = (int((read != values)[:8].sum()), int((read != values)[8:].sum()))
    print(name, "values changed under alpha 0 and elsewhere:", *changed[name])
assert changed["WEBP"][0] > 300 and changed["WEBP"][1] == 0
assert changed["WEBP exact"] == changed["PNG"] == (0, 0)
PY
