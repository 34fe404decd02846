#!/usr/bin/env bash
# datumaro 1.13.12: every mask becomes a crowd in COCO; VOC and CamVid masks lack all polygons.
#
# Good guess: iscrowd=1 marks groups of objects that could not be told apart, so crowds belong below single objects (pycocotools
# evaluates them so); and an export as VOC segmentation has all regions, polygons and masks.
# What happens: polygons are written with iscrowd 0 and masks with iscrowd 1, since COCO knows run lengths for crowds only. A
# painter that puts crowds below lets a polygon of the ground cover the object that stands on it. The VOC export paints the
# masks only; regions that were polygons are background, without a word.
# Output seen: iscrowd [0, 1]; colours in the VOC mask: 2 (background and the mask's class)
# Why it matters: CVAT exports with datumaro, so projects with polygons and brush masks get wrong order or lose regions.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q datumaro==1.13.12
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import json

import datumaro
import numpy as np
from datumaro.components.annotation import Mask, Polygon
from datumaro.components.media import Image
from PIL import Image as Pillow

ball = np.zeros((24, 32), bool)
ball[6:16, 6:16] = True
item = datumaro.DatasetItem(
    id="a",
    subset="train",
    media=Image.from_numpy(np.zeros((24, 32, 3), np.uint8)),
    annotations=[
        Polygon([0, 12, 32, 12, 32, 24, 0, 24], label=1, z_order=0, id=1, group=1),
        Mask(ball, label=2, z_order=1, id=2, group=2),
    ],
)
dataset = datumaro.Dataset.from_iterable([item], categories=["background", "ground", "ball"])
dataset.export("coco", "coco_instances")
dataset.export("voc", "voc_segmentation")
with open("coco/annotations/instances_train.json") as file:
    crowds = [annotation["iscrowd"] for annotation in json.load(file)["annotations"]]
colors = np.unique(np.asarray(Pillow.open("voc/SegmentationClass/a.png").convert("RGB")).reshape(-1, 3), axis=0)
print("iscrowd", crowds, "colours in the VOC mask:", len(colors))
assert crowds == [0, 1] and len(colors) == 2
PY
