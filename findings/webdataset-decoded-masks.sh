#!/usr/bin/env bash
# webdataset 1.0.2 (Pillow 13.0.0): no decoder gives the class indices of a mask.
#
# Good guess: decode("pil") gives the image as Pillow opens it, so a palette PNG keeps its indices (0, 1, 2) and a 16-bit
# PNG its values (0, 300, 600); or decode("l8") gives the stored values of a mask of one channel.
# What happens: "pil" converts everything to RGB: indices become palette colours, and 16 bits are cut off at 255. "l8"
# gives the brightness of the palette colours, "rgb8" their channels. Only an 8-bit grey mask survives. Without a decoder
# the PNG's bytes arrive, and Pillow reads the indices from them.
# Output seen: pil RGB, palette (0,0,0) (0,0,255) (255,0,0), 16 bits 0, 255 · l8 palette 0, 29, 76, 16 bits 0, 255 · bytes 0, 1, 2
# Why it matters: class indices are lost silently, and brightness values look like indices of other classes.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q webdataset==1.0.2 pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import io

import numpy as np
import webdataset
from PIL import Image

classes = np.zeros((8, 8), np.uint8)
classes[2:4], classes[4:6] = 1, 2
palette = Image.fromarray(classes)
palette.putpalette([0, 0, 0, 255, 0, 0, 0, 0, 255])


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


files = {"palette": palette, "deep": Image.fromarray(classes.astype(np.uint16) * 300), "grey": Image.fromarray(classes)}
with webdataset.TarWriter("masks.tar") as tar:
    tar.write({"__key__": "0", **{f"{name}.png": png(image) for name, image in files.items()}})


def values(image) -> list:
    array = np.asarray(image)
    return np.unique(array if array.ndim == 2 else array.reshape(-1, 3), axis=0 if array.ndim == 3 else None).tolist()


seen = {}
for decoder in ("pil", "l8", None):
    data = webdataset.WebDataset("masks.tar", shardshuffle=False)
    sample = next(iter(data.decode(decoder) if decoder else data))
    for name in files:
        content = sample[f"{name}.png"]
        seen[decoder, name] = values(Image.open(io.BytesIO(content)) if decoder is None else content)
        print(decoder, name, seen[decoder, name])
assert seen["pil", "palette"] == [[0, 0, 0], [0, 0, 255], [255, 0, 0]]
assert seen["pil", "deep"] == [[0, 0, 0], [255, 255, 255]]
assert (seen["l8", "palette"], seen["l8", "deep"], seen["l8", "grey"]) == ([0, 29, 76], [0, 255], [0, 1, 2])
assert (seen[None, "palette"], seen[None, "deep"]) == ([0, 1, 2], [0, 300, 600])
PY
