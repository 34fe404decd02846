#!/usr/bin/env bash
# torchmetrics 1.9.0: kernel_size of the structural similarity does nothing, and its range comes from the batch.
#
# Good guess: kernel_size=3 compares smaller windows than kernel_size=11, and images in 0..1 are taken as 0..1.
# What happens: with the default gaussian window the size follows from sigma, kernel_size=3 and 11 give the same value bit for
# bit (with gaussian_kernel=False it counts). data_range=None takes the range of the batch: one black and one white pixel in
# one image change the score of another image.
# Output seen (noisy greys): kernel 3 and 11 equal · first image's score 0.9736, with the pixels in the second image 0.9749.
# Why it matters: an image's score depends on its batch, so do not compare runs of other batch sizes without data_range=1.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 torchmetrics==1.9.0
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import torch
from torchmetrics.functional.image import structural_similarity_index_measure as ssim

generator = torch.Generator().manual_seed(0)
target = torch.rand(2, 3, 64, 64, generator=generator) * 0.3 + 0.3
prediction = target + 0.02 * torch.randn(target.shape, generator=generator)
sizes = [ssim(prediction, target, data_range=1.0, kernel_size=size).item() for size in (3, 11)]
uniform = [ssim(prediction, target, data_range=1.0, kernel_size=size, gaussian_kernel=False).item() for size in (3, 11)]
changed = prediction.clone()
changed[1, 0, 0, 0], changed[1, 0, 0, 1] = 0, 1
first = [ssim(images, target, reduction="none")[0].item() for images in (prediction, changed)]
print("gaussian, kernel 3 and 11:", *sizes, "· uniform:", *uniform)
print("first image alone changed by the second's pixels:", *first)
assert sizes[0] == sizes[1] and abs(uniform[0] - uniform[1]) > 1e-4 and abs(first[0] - first[1]) > 5e-4
PY
