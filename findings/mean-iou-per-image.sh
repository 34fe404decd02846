#!/usr/bin/env bash
# torchmetrics 1.9.0: segmentation.MeanIoU is not the mean IoU of JaccardIndex or of the benchmarks.
#
# Good guess: both are the field's mean IoU: intersections and unions over all pixels of the data, then the mean over classes.
# What happens: JaccardIndex (macro) does that; MeanIoU averages the IoU of each image. One image with a single missed pixel of a
# class counts as much as a whole face.
# Output seen (two images, one perfect, one with its only pixel of class 1 missed): JaccardIndex 0.924, MeanIoU 0.734
# Why it matters: numbers from the two classes of one package differ by .19 on the same masks, and only one is comparable with
# published ones.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 torchmetrics==1.9.0
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import torch
from torchmetrics import JaccardIndex
from torchmetrics.segmentation import MeanIoU

target = torch.zeros(2, 4, 4, dtype=torch.long)
target[0, :2] = 1
prediction = target.clone()
target[1, 0, 0] = 1
jaccard = JaccardIndex("multiclass", num_classes=2)(prediction, target).item()
mean_iou = MeanIoU(num_classes=2, input_format="index")(prediction, target).item()
print("JaccardIndex", round(jaccard, 4), "MeanIoU", round(mean_iou, 4))
assert abs(jaccard - (23 / 24 + 8 / 9) / 2) < 1e-5
assert abs(mean_iou - (1 + 15 / 16 / 2) / 2) < 1e-5
PY
