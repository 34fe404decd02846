"""Translations of torch's functions to ONNX operators.

Each translation takes the graph and the recorded call; it returns the name of the value in the graph, or a list of
names. Dimension 0 is the batch: shapes in the graph leave it open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

    from scgan.onnx.trace import Graph


@dataclass(frozen=True)
class Call:
    """Recorded call of a function.

    Attributes:
        result: one tensor or a tuple of tensors.
        arguments: by their names; those that were left out are missing.
        rest: further arguments by position.
    """

    result: Any
    arguments: dict[str, Any]
    rest: Sequence[Any] = ()

    def __getattr__(self, name: str) -> Any:
        """Argument ``name``; None if it was left out."""
        return self.arguments.get(name)


class Operator(NamedTuple):
    """Translation of a function.

    Attributes:
        translate: adds nodes to the graph.
        parameters: names of the function's parameters by position, with spaces between them.
    """

    translate: Callable[[Graph, Call], Any]
    parameters: str

    def __call__(self, graph: Graph, result: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Add a call to the graph; returns the name of its result, or the names of several."""
        names = self.parameters.split()
        named = {**dict(zip(names, args, strict=False)), **kwargs}
        return self.translate(graph, Call(result, named, args[len(names) :]))


def _pair(value: int | Sequence[int] | None, default: int = 0) -> list[int]:
    value = default if value is None else value
    return [value, value] if isinstance(value, int) else list(value)


def _weighted(operator: str, **attributes: Any) -> Callable[[Graph, Call], Any]:
    """Translate a convolution."""

    def translate(graph: Graph, call: Call) -> str:
        values = [graph.value(value) for value in (call.input, call.weight, call.bias) if value is not None]
        sizes: dict[str, Any] = {
            "kernel_shape": list(call.weight.shape[2:]),
            "strides": _pair(call.stride, 1),
            "pads": _pair(call.padding) * 2,
            "dilations": _pair(call.dilation, 1),
            "group": call.groups or 1,
        }
        if operator == "ConvTranspose":
            sizes["output_padding"] = _pair(call.output_padding)
        return graph.node(operator, *values, **sizes)

    return translate


def _linear(graph: Graph, call: Call) -> str:
    values = [graph.value(value) for value in (call.input, call.weight, call.bias) if value is not None]
    return graph.node("Gemm", *values, transB=1)


def _group_norm(graph: Graph, call: Call) -> str:
    """Write instance norm, which is group norm with one channel a group, as means of row means.

    Engines add all values of a map one after the other in float32. On a mask's flat regions the variance is near zero,
    and the norm enlarges the rounding of such a sum up to 300 times: at 256×256, images were 5 of 255 off.
    """
    channels = call.input.shape[1]
    if call.num_groups not in (None, channels):
        raise UserError("a group norm of several channels cannot be exported to ONNX.")
    value, shape = graph.value(call.input), (1, channels, 1, 1)
    in_one_row = graph.constant([0, channels, 1, call.input.shape[2]], np.int64)

    def mean(name: str) -> str:
        # The reshaping keeps OpenVINO from merging the two means into one.
        rows = graph.node("Reshape", graph.node("ReduceMean", name, axes=[3]), in_one_row)
        return graph.node("ReduceMean", rows, axes=[3])

    centered = graph.node("Sub", value, mean(value))
    variance = mean(graph.node("Mul", centered, centered))
    deviation = graph.node("Sqrt", graph.node("Add", variance, graph.constant(call.eps or 1e-5)))
    if call.weight is None:
        return graph.node("Div", centered, deviation)
    scale = graph.node("Div", graph.weight(call.weight, shape), deviation)
    return graph.node("Add", graph.node("Mul", centered, scale), graph.weight(call.bias, shape))


def _batch_norm(graph: Graph, call: Call) -> str:
    if call.training:
        raise UserError("a batch norm in training mode cannot be exported to ONNX.")
    channels = call.input.shape[1]
    scale = graph.constant(np.ones(channels)) if call.weight is None else graph.value(call.weight)
    shift = graph.constant(np.zeros(channels)) if call.bias is None else graph.value(call.bias)
    statistics = graph.value(call.running_mean), graph.value(call.running_var)
    epsilon = call.eps or 1e-5
    return graph.node("BatchNormalization", graph.value(call.input), scale, shift, *statistics, epsilon=epsilon)


def _leaky_relu(graph: Graph, call: Call) -> str:
    slope = 0.01 if call.negative_slope is None else call.negative_slope
    return graph.node("LeakyRelu", graph.value(call.input), alpha=slope)


def _unary(operator: str) -> Operator:
    """Translate a function of one tensor that has an operator of its own; in place or not makes no difference."""
    return Operator(lambda graph, call: graph.node(operator, graph.value(call.input)), "input")


def _binary(operator: str, reverse: bool = False) -> Operator:
    def translate(graph: Graph, call: Call) -> str:
        if call.alpha not in (None, 1):
            raise UserError("a sum with a factor (alpha) cannot be exported to ONNX.")
        values = [graph.value(call.input), graph.value(call.other)]
        return graph.node(operator, *(values[::-1] if reverse else values))

    return Operator(translate, "input other")


def _clamp(graph: Graph, call: Call) -> str:
    return graph.node("Clip", graph.value(call.input), graph.constant(call.min), graph.constant(call.max))


def _cat(graph: Graph, call: Call) -> str:
    dim = call.dim or 0
    values = [graph.value(tensor) for tensor in call.tensors if tensor.shape[dim]]  # engines may refuse empty ones
    return values[0] if len(values) == 1 else graph.node("Concat", *values, axis=dim)


def _chunk(graph: Graph, call: Call) -> list[str]:
    dim = call.dim or 0
    sizes = graph.constant([part.shape[dim] for part in call.result], np.int64)
    names = graph.node("Split", graph.value(call.input), sizes, axis=dim, outputs=len(call.result))
    return list(names)


def _interpolate(graph: Graph, call: Call) -> str:
    if call.mode not in (None, "nearest"):
        raise UserError(f"interpolation of mode {call.mode!r} cannot be exported to ONNX: only nearest can.")
    scales = [1, 1, *(new / old for new, old in zip(call.result.shape[2:], call.input.shape[2:], strict=True))]
    if scales == [1, 1, 1, 1]:
        return graph.value(call.input)
    return _resize(graph, call.input, scales)


def _add_upsampled(graph: Graph, call: Call) -> str:
    return graph.node("Add", graph.value(call.input), _resize(graph, call.half_size, [1, 1, 2, 2]))


def _resize(graph: Graph, tensor: Tensor, scales: Sequence[float]) -> str:
    rounding: Any = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    return graph.node("Resize", graph.value(tensor), "", graph.constant(scales), mode="nearest", **rounding)


def _max_pool(graph: Graph, call: Call) -> str:
    return graph.node(
        "MaxPool",
        graph.value(call.input),
        kernel_shape=_pair(call.kernel_size),
        strides=_pair(call.stride or call.kernel_size),
        pads=_pair(call.padding) * 2,
        dilations=_pair(call.dilation, 1),
        ceil_mode=int(call.ceil_mode or False),
    )


def _global_average(graph: Graph, call: Call) -> str:
    if _pair(call.output_size) != [1, 1]:
        raise UserError("adaptive pooling to more than one value cannot be exported to ONNX.")
    return graph.node("GlobalAveragePool", graph.value(call.input))


def _pad(graph: Graph, call: Call) -> str:
    """Translate padding: torch lists (before, after) from the last dimension on, ONNX all befores, then all afters."""
    unpadded = [0] * (call.input.dim() - len(call.pad) // 2)
    befores, afters = [*unpadded, *call.pad[-2::-2]], [*unpadded, *call.pad[::-2]]
    amounts = graph.constant([*befores, *afters], np.int64)
    mode = call.mode or "constant"
    filling = [graph.constant(call.value or 0.0)] if mode == "constant" else []
    return graph.node("Pad", graph.value(call.input), amounts, *filling, mode=mode)


def _reshape(graph: Graph, call: Call) -> str:
    _require_batch(call)
    return graph.node("Reshape", graph.value(call.input), graph.constant([0, *call.result.shape[1:]], np.int64))


def _expand(graph: Graph, call: Call) -> str:
    _require_batch(call)
    return graph.node("Expand", graph.value(call.input), graph.constant([1, *call.result.shape[1:]], np.int64))


def _require_batch(call: Call) -> None:
    if call.result.shape[:1] != call.input.shape[:1]:
        raise UserError("a network that reshapes its batch cannot be exported to ONNX.")


def _getitem(graph: Graph, call: Call) -> str:
    """Translate an index of slices with step 1 and of new axes."""
    items = call.index if isinstance(call.index, tuple) else (call.index,)
    if not all(item is None or (isinstance(item, slice) and item.step in (None, 1)) for item in items):
        raise UserError(f"the index {call.index} cannot be exported to ONNX: only slices and new axes can.")
    value = graph.value(call.input)
    for axis, item in enumerate(item for item in items if item is not None):
        start, stop, _ = item.indices(call.input.shape[axis])
        if (start, stop) != (0, call.input.shape[axis]):
            bounds = [graph.constant([number], np.int64) for number in (start, stop, axis)]
            value = graph.node("Slice", value, *bounds)
    axes = [axis for axis, item in enumerate(items) if item is None]
    return graph.node("Unsqueeze", value, graph.constant(axes, np.int64)) if axes else value


def _permute(graph: Graph, call: Call) -> str:
    dims = call.rest[0] if isinstance(call.rest[0], tuple | list) else call.rest
    return graph.node("Transpose", graph.value(call.input), perm=list(dims))


def _cast(graph: Graph, call: Call) -> str:
    """Translate a change of type; one of the device alone changes nothing."""
    from onnx.helper import np_dtype_to_tensor_dtype

    if call.result.dtype == call.input.dtype:
        return graph.value(call.input)
    name = str(call.result.dtype).removeprefix("torch.")
    return graph.node("Cast", graph.value(call.input), to=np_dtype_to_tensor_dtype(np.dtype(name)))


def _einsum(graph: Graph, call: Call) -> str:
    return graph.node("Einsum", *(graph.value(tensor) for tensor in call.rest), equation=call.equation)


def _argmax(graph: Graph, call: Call) -> str:
    return graph.node("ArgMax", graph.value(call.input), axis=call.dim, keepdims=0)


OPERATORS = {
    "conv2d": Operator(_weighted("Conv"), "input weight bias stride padding dilation groups"),
    "conv_transpose2d": Operator(
        _weighted("ConvTranspose"), "input weight bias stride padding output_padding groups dilation"
    ),
    "linear": Operator(_linear, "input weight bias"),
    "group_norm": Operator(_group_norm, "input num_groups weight bias eps"),
    "batch_norm": Operator(_batch_norm, "input running_mean running_var weight bias training momentum eps"),
    "relu": _unary("Relu"),
    "leaky_relu": Operator(_leaky_relu, "input negative_slope"),
    "tanh": _unary("Tanh"),
    "sigmoid": _unary("Sigmoid"),
    "round": _unary("Round"),
    "add": _binary("Add"),
    "radd": _binary("Add"),
    "sub": _binary("Sub"),
    "rsub": _binary("Sub", reverse=True),
    "mul": _binary("Mul"),
    "rmul": _binary("Mul"),
    "div": _binary("Div"),
    "truediv": _binary("Div"),
    "eq": _binary("Equal"),
    "clamp": Operator(_clamp, "input min max"),
    "cat": Operator(_cat, "tensors dim"),
    "chunk": Operator(_chunk, "input chunks dim"),
    "add_upsampled": Operator(_add_upsampled, "input half_size"),
    "interpolate": Operator(_interpolate, "input size scale_factor mode"),
    "max_pool2d": Operator(_max_pool, "input kernel_size stride padding dilation ceil_mode"),
    "adaptive_avg_pool2d": Operator(_global_average, "input output_size"),
    "pad": Operator(_pad, "input pad mode value"),
    "flatten": Operator(_reshape, "input"),
    "unflatten": Operator(_reshape, "input"),
    "expand": Operator(_expand, "input"),
    "getitem": Operator(_getitem, "input index"),
    "permute": Operator(_permute, "input"),
    "to": Operator(_cast, "input"),
    "float": Operator(_cast, "input"),
    "einsum": Operator(_einsum, "equation"),
    "argmax": Operator(_argmax, "input dim"),
}
"""Translations by the name of torch's function, without underscores at its ends."""
