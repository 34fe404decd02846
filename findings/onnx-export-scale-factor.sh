#!/usr/bin/env bash
# torch 2.13.0, onnx 1.23.2, onnxscript 0.7.2, onnxruntime 1.32.0: nearest resizing by a fractional scale_factor exports to
# a graph that picks other pixels.
#
# Good guess: an exported F.interpolate(scale_factor=0.36, mode="nearest") gives what PyTorch gives; nearest only copies.
# What happens: PyTorch places samples by the factor as given (0.36), the exporter writes the output size, and the runtime
# places samples by 64/178 = 0.35955. The shapes agree, three of 64 columns do not. With size=64 both agree.
# Output seen: scale_factor: 3 of 64 columns differ · size: 0 of 64 columns differ.
# Why it matters: CelebA's 178 pixels reduced to 64 give masks or one-hot maps that differ between the trained and the
# exported network, with no warning and the right shape.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q torch==2.13.0 numpy==2.4.6 onnx==1.23.2 onnxscript==0.7.2 onnxruntime==1.32.0
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import logging
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
import onnxruntime
import torch
import torch.nn.functional as F
from torch import nn


class Resize(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.options = options

    def forward(self, x):
        return F.interpolate(x, mode="nearest", **self.options)


columns = torch.arange(178.0).view(1, 1, 1, 178).expand(1, 1, 178, 178).contiguous()
for name, options in (("scale_factor", {"scale_factor": 0.36}), ("size", {"size": (64, 64)})):
    module = Resize(**options).eval()
    torch.onnx.export(module, (columns,), dynamo=True, opset_version=18, verbose=False).save(f"{name}.onnx")
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    exported = torch.from_numpy(session.run(None, {session.get_inputs()[0].name: columns.numpy()})[0])
    ours = module(columns)
    assert ours.shape == exported.shape == (1, 1, 64, 64)
    differing = int((ours != exported)[0, 0, 0].sum())
    print(name, "differing columns:", differing, "of 64")
    assert (differing > 0) == (name == "scale_factor"), differing
PY
