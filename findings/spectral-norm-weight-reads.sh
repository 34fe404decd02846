#!/usr/bin/env bash
# torch 2.13.0: reading layer.weight of a spectrally normalised layer changes the layer while it trains.
#
# Good guess: reading a weight (to print it, log its histogram, copy it into an average) has no effect.
# What happens: each read in training mode runs a step of power iteration and stores it: two reads give two weights, and
# the saved buffers of the state_dict move.
# Output seen (64x64 layer after its weight changed): two reads differ by 4.5e-02, the buffer _u moves by 0.54.
# Why it matters: runs with and without weight logging, or with another order of discriminator calls, diverge; a
# checkpoint written after a read is not the one written before. In eval mode reads change nothing.
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
layer = spectral_norm(nn.Linear(64, 64, bias=False))
buffer = "parametrizations.weight.0._u"
with torch.no_grad():
    layer.parametrizations.weight.original.copy_(torch.randn(64, 64))  # as an optimizer's step would change it
    for mode in ("train", "eval"):
        layer.train(mode == "train")
        before = layer.state_dict()[buffer].clone()
        first, second = layer.weight.clone(), layer.weight.clone()
        moved = (layer.state_dict()[buffer] - before).abs().max().item()
        difference = (first - second).abs().max().item()
        print(mode, "two reads differ by", f"{difference:.1e}", "buffer moved by", f"{moved:.1e}")
        assert (difference > 1e-6 and moved > 1e-4) if mode == "train" else (difference == 0 and moved == 0)
PY
