"""Translation of a network to an ONNX graph, by one call with tensors that record what is done with them.

``torch.onnx.export`` took 13 seconds for a generator of 58 nodes, too long for a file that is written for every model
that somebody opens. A recorded call takes as long as the call itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from scgan.onnx.operators import OPERATORS
from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

OPSET = 17
"""Version of the operators: read by every ONNX Runtime since 1.12 and every OpenVINO since 2022.3."""

BATCH = "batch"
"""Name of the first dimension of every input and output; its size is free."""

# Properties of tensors that do not depend on their values; anything else that leaves the graph would become a constant.
_PROPERTIES = {"__get__", "dim", "size", "numel", "__len__", "ndimension", "is_floating_point", "is_complex"}


class Graph:
    """ONNX graph under construction.

    Args:
        names: names of constants by the id of the tensor, for weights; others get numbers.
    """

    def __init__(self, names: dict[int, str]) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, np.ndarray[Any, Any]] = {}
        self._names = names
        self._kept_alive: list[Tensor] = []  # ids are unique among living objects only

    def node(self, operator: str, *inputs: str, outputs: int = 1, **attributes: Any) -> Any:
        """Add a node; returns the name of its output, or a list of the names of several."""
        from onnx.helper import make_node

        name = f"{operator}_{len(self.nodes)}"
        names = [name] if outputs == 1 else [f"{name}_{index}" for index in range(outputs)]
        self.nodes.append(make_node(operator, list(inputs), names, name, **attributes))
        return names[0] if outputs == 1 else names

    def constant(self, value: Any, dtype: Any = np.float32, name: str | None = None) -> str:
        """Add a constant, unless an equal one without a name of its own is there already; returns its name."""
        array = np.array(value, dtype)
        if name is None:
            for other, existing in self.constants.items():
                if other.startswith("constant_") and existing.dtype == array.dtype and np.array_equal(existing, array):
                    return other
            name = f"constant_{len(self.constants)}"
        self.constants[name] = array
        return name

    def value(self, value: Tensor | float) -> str:
        """Name of a recorded tensor, of a weight, or of a number (as float32)."""
        if isinstance(value, Recorded):
            return value.name_in_graph
        if not isinstance(value, Tensor):
            return self.constant(value)
        return self.weight(value, tuple(value.shape))

    def weight(self, value: Tensor, shape: tuple[int, ...]) -> str:
        """Add a tensor of the network as a constant of this shape; returns its name."""
        self._kept_alive.append(value)
        name = self._names.get(id(value))
        if name in self.constants:
            return str(name)
        array = value.detach().numpy().reshape(shape)
        return self.constant(array, array.dtype, name)


class Recorded(Tensor):
    """Tensor that adds each operation on it to a graph, and computes it as well."""

    graph: Graph
    name_in_graph: str

    @staticmethod
    def wrap(tensor: Tensor, graph: Graph, name: str) -> Recorded:
        """Let ``tensor`` stand for the value ``name`` of the graph."""
        with torch._C.DisableTorchFunctionSubclass():
            recorded = tensor if isinstance(tensor, Recorded) else tensor.as_subclass(Recorded)
        recorded.graph, recorded.name_in_graph = graph, name
        return recorded

    @classmethod
    def __torch_function__(
        cls, function: Any, types: Any, args: Sequence[Any] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Compute ``function`` and add it to the graph.

        Raises:
            UserError: there is no translation of it.
        """
        kwargs = kwargs or {}
        name = function.__name__.strip("_") if function.__name__ not in _PROPERTIES else function.__name__
        with torch._C.DisableTorchFunctionSubclass():
            if name in _PROPERTIES:
                return function(*args, **kwargs)
            if name not in OPERATORS:
                raise UserError(
                    f"the network cannot be exported to ONNX: it uses {name!r} of torch, which "
                    "scgan/onnx/operators.py does not translate."
                )
            result = function(*args, **kwargs)
        graph = _graph_of(args)
        names = OPERATORS[name](graph, result, args, kwargs)
        if isinstance(result, Tensor):
            return cls.wrap(result, graph, names)
        return tuple(cls.wrap(part, graph, each) for part, each in zip(result, names, strict=True))


def trace(network: nn.Module, inputs: dict[str, Tensor], output: str) -> GraphProto:
    """Translate the call ``network(*inputs.values())``.

    Args:
        network: in evaluation mode, on the CPU; returns one tensor.
        inputs: examples by name; their first dimension is the batch and may have any size in the graph.
        output: name of the result.

    Raises:
        UserError: the network does something for which there is no translation.
    """
    from onnx.helper import make_graph, make_node, make_tensor_value_info, np_dtype_to_tensor_dtype
    from onnx.numpy_helper import from_array

    graph = Graph({id(value): name for name, value in network.state_dict(keep_vars=True).items()})
    recorded = [Recorded.wrap(value.clone(), graph, name) for name, value in inputs.items()]
    with torch.no_grad():
        result = network(*recorded)
    if not isinstance(result, Recorded):
        raise UserError("the network's output does not depend on its inputs: it cannot be exported to ONNX.")
    graph.nodes.append(make_node("Identity", [result.name_in_graph], [output], output))

    def describe(name: str, tensor: Tensor) -> Any:
        with torch._C.DisableTorchFunctionSubclass():
            array = tensor.numpy()
        return make_tensor_value_info(name, np_dtype_to_tensor_dtype(array.dtype), [BATCH, *array.shape[1:]])

    return make_graph(
        graph.nodes,
        "scgan",
        [describe(name, value) for name, value in inputs.items()],
        [describe(output, result)],
        [from_array(array, name) for name, array in graph.constants.items()],
    )


def _graph_of(values: Any) -> Graph:
    """Find the graph of the first recorded tensor among arguments."""
    for value in values:
        if isinstance(value, Recorded):
            return value.graph
        if isinstance(value, list | tuple) and any(isinstance(part, Recorded) for part in value):
            return _graph_of(value)
    raise AssertionError("a recorded tensor was passed by keyword")
