#!/usr/bin/env bash
# datumaro 1.13.12: annotations of a COCO file are read in reverse.
#
# Good guess: the annotations of an image keep the file's order, which is the painting order where regions overlap.
# What happens: ids 1, 2, 3 arrive as 3, 2, 1, all with z_order 0. Painted in that order the lowest region lies on top. Each
# segmentation is followed by a second annotation, its box.
# Output seen: [3, 2, 1]
# Why it matters: a mask painted from the list shows the background over the face; exporting to another format and back turns
# the order once more.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q datumaro==1.13.12
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import json
from pathlib import Path

import datumaro

Path("annotations").mkdir()
Path("images/train").mkdir(parents=True)
box = [[4, 4, 20, 4, 20, 20, 4, 20]]
annotations = [
    {"id": index, "image_id": 1, "category_id": index, "segmentation": box, "area": 256, "bbox": [4, 4, 16, 16], "iscrowd": 0}
    for index in (1, 2, 3)
]
Path("annotations/instances_train.json").write_text(json.dumps({
    "images": [{"id": 1, "file_name": "a.png", "width": 32, "height": 32}],
    "categories": [{"id": index, "name": f"class {index}"} for index in (1, 2, 3)],
    "annotations": annotations,
}))
(item,) = datumaro.Dataset.import_from(".", "coco_instances")
polygons = [a for a in item.annotations if a.type == datumaro.AnnotationType.polygon]
print("ids", [a.id for a in polygons], "z_order", [a.z_order for a in polygons])
assert [a.id for a in polygons] == [3, 2, 1] and {a.z_order for a in polygons} == {0}
PY
