#!/usr/bin/env bash
# torch 2.13.0: GroupNorm with a group of one value raises for one image and returns nothing but the bias for two.
#
# Good guess: a normalisation over groups does not depend on the batch: a 1x1 feature map with one channel a group either
# fails always or never, and InstanceNorm2d agrees with GroupNorm(C, C), which computes the same.
# What happens: GroupNorm(4, 4) on (1, 4, 1, 1) raises "Expected more than 1 value per channel when training" (in eval mode
# too); on (2, 4, 1, 1) it runs and every output is zero (bias apart), whatever the input. InstanceNorm2d raises for both.
# Output seen: batch 1 ValueError · batch 2 all |y| < 1e-3 · InstanceNorm2d ValueError twice.
# Why it matters: an encoder that reduces an image to 1x1 (small images, deep networks) trains with batches without an
# error while its bottleneck carries no information; the fault shows when one image is generated alone.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import torch
from torch import nn

def outcome(module, batch):
    torch.manual_seed(0)
    try:
        return module.eval()(10 * torch.randn(batch, 4, 1, 1)).abs().max().item()
    except ValueError as error:
        return type(error).__name__ + ": " + str(error)

results = {(type(m).__name__, batch): outcome(m, batch) for m in (nn.GroupNorm(4, 4), nn.InstanceNorm2d(4)) for batch in (1, 2)}
for key, value in results.items():
    print(*key, value)
assert str(results["GroupNorm", 1]).startswith("ValueError")
assert results["GroupNorm", 2] < 1e-3
assert str(results["InstanceNorm2d", 1]).startswith("ValueError") and str(results["InstanceNorm2d", 2]).startswith("ValueError")
PY
