#!/usr/bin/env bash
# label-studio-sdk 2.1.2: the COCO export keeps the outlines of polygons only, and names photos by parts of addresses.
#
# Good guess: each region becomes an annotation with an outline or a run length, and file_name is the name of the photo.
# What happens: brush and ellipse regions are dropped (a remark in the log: "Unknown label type"), rectangles have an empty
# segmentation, and the classes of all of them stay in the list. Photos of local storage are called
# "/data/local-files/?d=photos/b%20b.png".
# Output seen: 1 annotation with an outline of 4 regions, classes ball, box, disc, ground
# Why it matters: masks painted from the export have background in place of three classes, and nothing says so.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q label-studio-sdk==2.1.2
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import json

import numpy as np
from label_studio_sdk.converter import Converter
from label_studio_sdk.converter.brush import mask2rle

size = {"original_width": 32, "original_height": 24, "image_rotation": 0}
disc = np.zeros((24, 32), np.uint8)
disc[4:14, 4:14] = 255
values = {
    "polygonlabels": {"points": [[0, 50], [100, 50], [100, 100], [0, 100]], "closed": True, "polygonlabels": ["ground"]},
    "brushlabels": {"format": "rle", "rle": mask2rle(disc), "brushlabels": ["ball"]},
    "rectanglelabels": {"x": 60, "y": 10, "width": 20, "height": 20, "rotation": 0, "rectanglelabels": ["box"]},
    "ellipselabels": {"x": 50, "y": 50, "radiusX": 9, "radiusY": 9, "rotation": 0, "ellipselabels": ["disc"]},
}
results = [
    {"id": kind, "type": kind, "from_name": kind, "to_name": "image", "value": value, **size}
    for kind, value in values.items()
]
tags = {"PolygonLabels": "ground", "BrushLabels": "ball", "RectangleLabels": "box", "EllipseLabels": "disc"}
controls = "".join(
    f'<{tag} name="{tag.lower()}" toName="image"><Label value="{label}"/></{tag}>' for tag, label in tags.items()
)
task = {"id": 1, "data": {"image": "/data/local-files/?d=photos/b%20b.png"}, "annotations": [{"id": 1, "result": results}]}
with open("tasks.json", "w") as file:
    json.dump([task], file)
config = f'<View><Image name="image" value="$image"/>{controls}</View>'
Converter(config, ".", download_resources=False).convert("tasks.json", "coco", "COCO", is_dir=False)
with open("coco/result.json") as file:
    coco = json.load(file)
outlined = [annotation for annotation in coco["annotations"] if annotation["segmentation"]]
names = [category["name"] for category in coco["categories"]]
print(len(outlined), "annotation with an outline of 4 regions, classes", ", ".join(names), coco["images"][0]["file_name"])
assert len(outlined) == 1 and set(names) == set(tags.values())
assert coco["images"][0]["file_name"].endswith("?d=photos/b%20b.png")
PY
