#!/usr/bin/env bash
# Pillow 13.0.0: a palette PNG loses the upper bits of indices beyond its palette.
#
# Good guess: a palette image keeps its indices, or saving it fails where an index has no colour.
# What happens: the file gets as few bits as the palette needs, whatever the indices are. With 7 colours (4 bits) the 255
# that marks ignored pixels comes back as 15, and 16 as 0, without a word. The array is right until it is saved.
# Output seen: 7 colours: 4 bits, [0, 6, 7, 16, 255] is read as [0, 6, 7, 0, 15]; 256 colours: 8 bits, all survive.
# Why it matters: masks saved with the colours of their classes only turn "ignored" into another class.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
from pathlib import Path

import numpy as np
from PIL import Image

mask = np.array([[0, 6, 7, 16, 255]], np.uint8)
for colours, expected in ((7, (4, [0, 6, 7, 0, 15])), (256, (8, [0, 6, 7, 16, 255]))):
    image = Image.fromarray(mask, "P")
    image.putpalette(bytes(3 * colours))
    assert np.array_equal(np.asarray(image), mask)
    file = Path(f"{colours}.png")
    image.save(file)
    bits, read = file.read_bytes()[24], np.asarray(Image.open(file))[0].tolist()
    print(f"palette of {colours} colours, {bits} bits: {mask[0].tolist()} is read as {read}")
    assert (bits, read) == expected
PY
