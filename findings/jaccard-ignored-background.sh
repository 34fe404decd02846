#!/usr/bin/env bash
# torchmetrics 1.9.0: JaccardIndex(ignore_index=0) gives 1.0 to a model that paints the face over the whole image.
#
# Good guess: ignore_index=0 leaves the background class out of the mean; wrong pixels on the background still count against the
# classes painted there.
# What happens: pixels whose target is 0 are left out, so false positives on the background vanish. Without ignore_index the
# same prediction gets 0.25 (0 and 0.5).
# Output seen: ignore_index=None 0.25 · ignore_index=0 1.0
# Why it matters: "foreground mean IoU" computed this way rewards over-painting; the mean over classes 1.. must be taken from
# average="none" instead.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 torchmetrics==1.9.0
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import torch
from torchmetrics import JaccardIndex

target = torch.zeros(1, 8, 8, dtype=torch.long)
target[:, :4] = 1
prediction = torch.ones_like(target)
scores = {}
for ignored in (None, 0):
    scores[ignored] = JaccardIndex("multiclass", num_classes=2, ignore_index=ignored)(prediction, target).item()
print(scores)
assert abs(scores[None] - 0.25) < 1e-6 and scores[0] == 1.0
PY
