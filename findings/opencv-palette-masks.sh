#!/usr/bin/env bash
# OpenCV 5.0.0: no flag of imread gives the class indices of a palette PNG (VOC, DAVIS masks).
#
# Good guess: IMREAD_UNCHANGED gives the stored indices 0, 1, 2, 255, as Pillow does, and IMREAD_GRAYSCALE gives them too.
# What happens: UNCHANGED gives three channels of palette colours, GRAYSCALE their brightness: classes 0, 1, 2, 255 read as
# 0, 38, 75, 220. A 16-bit mask read with GRAYSCALE is divided by 256: class 1 becomes 0, class 300 becomes 1.
# Output seen: as above; Pillow [0, 1, 2, 255].
# Why it matters: the standard masks of segmentation read as four plausible, wrong classes without a word; the border value 255 is
# no longer 255.
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

palette = [0] * 768
palette[3:6], palette[6:9], palette[765:] = [128, 0, 0], [0, 128, 0], [224, 224, 192]
image = Image.fromarray(np.array([[0, 1, 2, 255]], np.uint8))
image.putpalette(palette)
image.save("voc.png")
Image.fromarray(np.array([[0, 1, 300, 65535]], np.uint16)).save("wide.png")
grey, unchanged = cv2.imread("voc.png", cv2.IMREAD_GRAYSCALE), cv2.imread("voc.png", cv2.IMREAD_UNCHANGED)
wide = cv2.imread("wide.png", cv2.IMREAD_GRAYSCALE)
print("Pillow   ", np.asarray(Image.open("voc.png"))[0].tolist())
print("GRAYSCALE", grey[0].tolist(), "UNCHANGED", unchanged.shape, "16 bits", wide[0].tolist())
assert np.asarray(Image.open("voc.png"))[0].tolist() == [0, 1, 2, 255]
assert grey[0].tolist() == [0, 38, 75, 220] and unchanged.shape == (1, 4, 3) and wide[0].tolist() == [0, 0, 1, 255]
PY
