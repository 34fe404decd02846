"""ONNX files of networks: writing and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from scgan.onnx.trace import OPSET, trace
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import shorten

_IR_VERSION = 8  # of the file format; that of OPSET's time


def write_onnx(
    path: Path, network: nn.Module, inputs: dict[str, Tensor], output: str, about: Mapping[str, str]
) -> None:
    """Write a network as an ONNX file and check it by ONNX's own rules.

    Args:
        path: the file; a partial one may stay behind if this fails.
        network: in evaluation mode, on the CPU.
        inputs: examples by name; their first dimension, the batch, is free in the file.
        output: name of the result.
        about: metadata.

    Raises:
        UserError: the network does something that cannot be written; the package onnx is not installed.
    """
    require_packages("writing ONNX files", "onnx", "onnx")
    import onnx
    from onnx.helper import make_model, make_opsetid, set_model_props

    graph = trace(network, inputs, output)
    model = make_model(graph, opset_imports=[make_opsetid("", OPSET)], ir_version=_IR_VERSION, producer_name="scgan")
    set_model_props(model, dict(about))
    try:
        onnx.checker.check_model(model, full_check=True)
    except onnx.checker.ValidationError as error:
        raise UserError(f"the network cannot be exported to ONNX ({shorten(error)}).") from error
    path.write_bytes(model.SerializeToString())
