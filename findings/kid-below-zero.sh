#!/usr/bin/env bash
# torchmetrics 1.9.0: the kernel distance of a set to itself is negative, and its "standard deviation" is not its uncertainty.
#
# Good guess: KID is a distance: 0 for identical sets, and the second value says how sure the first is.
# What happens: the estimate leaves a sample's similarity to itself out within each set and counts it between the sets, so a set
# against itself gives less than 0. The deviation is over random subsets of the same features: with subset_size equal to the
# number of images it is 0 (1e-7). Subsets are drawn from torch's global generator, so compute() moves with the seed.
# Output seen (50 features of 8): itself -0.31, deviation 2e-07 · subsets of 20, two seeds: two different means.
# Why it matters: a KID below that of real images is no sign of a better model; copies of the training images give negative values.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 torchmetrics==1.9.0
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import torch
from torch import nn
from torchmetrics.image.kid import KernelInceptionDistance


class Flatten(nn.Module):
    num_features = 8

    def forward(self, images):
        return images.flatten(1)[:, :8].float()


def kid(real, fake, subset_size, seed):
    metric = KernelInceptionDistance(feature=Flatten(), subset_size=subset_size, subsets=10)
    metric.update(real, real=True)
    metric.update(fake, real=False)
    torch.manual_seed(seed)
    return [value.item() for value in metric.compute()]

generator = torch.Generator().manual_seed(0)
images, others = torch.randn(50, 1, 4, 4, generator=generator), torch.randn(50, 1, 4, 4, generator=generator)
itself, first, second = kid(images, images, 50, 0), kid(images, others, 20, 0), kid(images, others, 20, 1)
print("itself: mean %.4f, deviation %.1e" % tuple(itself))
print("others, seed 0: %.4f · seed 1: %.4f" % (first[0], second[0]))
assert itself[0] < -0.05 and itself[1] < 1e-4 and first[0] != second[0]
PY
