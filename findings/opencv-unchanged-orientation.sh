#!/usr/bin/env bash
# OpenCV 5.0.0: IMREAD_UNCHANGED leaves a photo lying on its side that IMREAD_COLOR turns upright.
#
# Good guess: the flag chooses channels and depth; the orientation is handled alike.
# What happens: IMREAD_COLOR and IMREAD_GRAYSCALE apply the EXIF orientation, IMREAD_UNCHANGED does not, for JPEG and PNG. Pillow
# never does unless asked (ImageOps.exif_transpose).
# Output seen (8 wide, 4 high, orientation 6): COLOR (8, 4, 3), GRAYSCALE (8, 4), UNCHANGED (4, 8, 3), Pillow (4, 8, 3)
# Why it matters: a photo read by the default flag and its mask read by UNCHANGED (to keep indices or alpha) are turned against
# each other by 90 degrees; square data hide it from every shape check.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q opencv-python-headless==5.0.0.93 pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import cv2
import numpy as np
from PIL import Image

exif = Image.Exif()
exif[274] = 6
for name in ("photo.jpg", "photo.png"):
    Image.new("RGB", (8, 4)).save(name, exif=exif)
    shapes = [cv2.imread(name, flag).shape for flag in (cv2.IMREAD_COLOR, cv2.IMREAD_GRAYSCALE, cv2.IMREAD_UNCHANGED)]
    shapes.append(np.asarray(Image.open(name)).shape)
    print(name, "COLOR, GRAYSCALE, UNCHANGED, Pillow:", *shapes)
    assert shapes == [(8, 4, 3), (8, 4), (4, 8, 3), (4, 8, 3)], shapes
PY
