#!/usr/bin/env bash
# torch 2.13.0: a spectrally normalised 3x3 convolution can enlarge its input nearly threefold.
#
# Good guess: spectral_norm makes a layer 1-Lipschitz: the output is never longer than the input.
# What happens: for convolutions the weight is flattened to a matrix (out, in * 3 * 3) and that matrix gets norm 1. The
# convolution as a map of images is another, larger matrix; its norm lies up to 3 (the kernel's side) higher.
# Output seen: norm of the flattened weight 1.0, gain on a constant 64x64 image 2.95.
# Why it matters: discriminators with spectral norm are not 1-Lipschitz layer by layer, so Wasserstein losses and gradient
# bounds that count on it are off by up to 3 a layer (4 for 4x4 kernels).
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

torch.manual_seed(0)
layer = spectral_norm(nn.Conv2d(1, 1, 3, padding=1, bias=False))
with torch.no_grad():
    layer.parametrizations.weight.original.fill_(1.0)
    for _ in range(20):
        layer.weight  # power iteration
    layer.eval()
    image = torch.ones(1, 1, 64, 64)
    norm = torch.linalg.matrix_norm(layer.weight.flatten(1), 2).item()
    gain = (layer(image).norm() / image.norm()).item()
print("norm of the flattened weight", round(norm, 4), "gain of the layer", round(gain, 4))
assert abs(norm - 1) < 1e-3 and 2.9 < gain < 3
PY
