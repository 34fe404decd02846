"""Convert MediaPipe's face models to the ONNX files in ``src/scgan/faces/mediapipe_models``, whose README has details.

Needs tf2onnx and TensorFlow, more than a gigabyte: run it in an environment of its own.

    python tools/mediapipe_models.py face_detection_back.tflite face_landmark.tflite src/scgan/faces/mediapipe_models
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
OUTPUTS = {
    "face_detection": {"regressors": "boxes", "classificators": "scores"},
    "face_landmarks": {"conv2d_21": "points", "conv2d_31": "presence"},
}
# Smaller tensors are not worth a node.
_MIN_VALUES = 32


def rename(model: onnx.ModelProto, names: dict[str, str]) -> None:
    """Rename the outputs, and the input to ``image``."""
    names = {**names, model.graph.input[0].name: "image"}
    for node in model.graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in (*model.graph.input, *model.graph.output):
        value.name = names.get(value.name, value.name)


def store_half(model: onnx.ModelProto) -> None:
    """Store weights as 16-bit floats, which MediaPipe's files hold, and convert them when the model is loaded."""
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _MIN_VALUES:
            continue
        half = values.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), values):
            print(f"{tensor.name} stays at 32 bits: 16 bits would round it")
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def main() -> None:
    """Convert both files."""
    import tf2onnx

    detection, landmarks, folder = map(Path, sys.argv[1:])
    for (name, outputs), file in zip(OUTPUTS.items(), (detection, landmarks), strict=True):
        model, _ = tf2onnx.convert.from_tflite(str(file), opset=OPSET)
        rename(model, outputs)
        store_half(model)
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, folder / f"{name}.onnx")


if __name__ == "__main__":
    main()
