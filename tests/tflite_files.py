"""Segmentation networks as TensorFlow Lite files: one convolution whose weights a test chooses."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VALID = 1  # padding


def write_network(
    file: Path,
    weights: NDArray[np.float32],
    bias: NDArray[np.float32],
    *,
    size: int = 8,
    labels: tuple[str, ...] = (),
    normalization: tuple[float, float] | None = None,
) -> Path:
    """Write a network whose scores are ``weights @ pixel + bias``.

    Args:
        file: the file to write.
        weights: (C, 3).
        bias: (C,).
        size: of its input and output.
        labels: names of its classes, in a file that is packed into it.
        normalization: mean and standard deviation of the input in its metadata.
    """
    import flatbuffers
    from ai_edge_litert import schema_py_generated as schema

    count = len(bias)
    buffers = [b"", weights.astype("<f4").tobytes(), bias.astype("<f4").tobytes()]
    network = schema.ModelT()
    network.version = 3
    if normalization is not None:
        part = schema.MetadataT()
        part.name, part.buffer = "TFLITE_METADATA", len(buffers)
        buffers.append(_metadata(*normalization))
        network.metadata = [part]
    network.buffers = [_buffer(schema, content) for content in buffers]
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CONV_2D
    code.version = 1
    network.operatorCodes = [code]
    graph = schema.SubGraphT()
    shapes = {
        "image": (1, size, size, 3),
        "weights": (count, 1, 1, 3),
        "bias": (count,),
        "scores": (1, size, size, count),
    }
    graph.tensors = [_tensor(schema, name, shape, index) for index, (name, shape) in enumerate(shapes.items())]
    graph.inputs, graph.outputs = [0], [3]
    options = schema.Conv2DOptionsT()
    options.padding, options.strideW, options.strideH = _VALID, 1, 1
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0, 1, 2], [3]
    operator.builtinOptionsType, operator.builtinOptions = schema.BuiltinOptions.Conv2DOptions, options
    graph.operators = [operator]
    network.subgraphs = [graph]
    builder = flatbuffers.Builder(1024)
    builder.Finish(network.Pack(builder), b"TFL3")
    file.write_bytes(bytes(builder.Output()))
    if labels:
        with zipfile.ZipFile(file, "a") as archive:
            archive.writestr("labels.txt", "\n".join(labels) + "\n")
    return file


def _buffer(schema: Any, content: bytes) -> Any:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(content, np.uint8) if content else None
    return buffer


def _tensor(schema: Any, name: str, shape: tuple[int, ...], index: int) -> Any:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type = name, list(shape), schema.TensorType.FLOAT32
    tensor.buffer = index if name in ("weights", "bias") else 0
    return tensor


def _metadata(mean: float, deviation: float) -> bytes:
    """Metadata as MediaPipe writes them: one graph with one input, whose only process unit is a normalization."""
    import flatbuffers

    builder = flatbuffers.Builder(256)
    vectors = [builder.CreateNumpyVector(np.array([value], np.float32)) for value in (mean, deviation)]
    options = _table(builder, dict(enumerate(vectors)), 2)
    builder.StartObject(2)
    builder.PrependUint8Slot(0, 1, 0)
    builder.PrependUOffsetTRelativeSlot(1, options, 0)
    node = builder.EndObject()
    for field, fields in ((4, 7), (2, 7), (3, 8)):  # of tensor, graph, model
        builder.StartVector(4, 1, 4)
        builder.PrependUOffsetTRelative(node)
        node = _table(builder, {field: builder.EndVector()}, fields)
    builder.Finish(node, b"M001")
    return bytes(builder.Output())


def _table(builder: Any, offsets: dict[int, int], fields: int) -> int:
    builder.StartObject(fields)
    for field, offset in offsets.items():
        builder.PrependUOffsetTRelativeSlot(field, offset, 0)
    return int(builder.EndObject())
