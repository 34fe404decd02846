"""Sizes and shapes of networks, to compare them with the papers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

from scgan.utils.tensors import one_hot

PAPER_PAGE = Path(__file__).resolve().parents[1] / "docs" / "paper.md"


def random_masks(count: int, classes: int, size: int) -> Tensor:
    """Draw one-hot masks of 4×4 squares, float (count, classes, size, size)."""
    coarse = torch.randint(classes, (count, 4, 4))
    fine = coarse.repeat_interleave(size // 4, 1).repeat_interleave(size // 4, 2)
    return one_hot(fine, classes, torch.float32)


def parameter_count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolution_size(inputs: int, outputs: int, kernel: int, bias: bool = False) -> int:
    """Number of parameters of a convolution."""
    return inputs * outputs * kernel**2 + bias * outputs


@contextmanager
def output_shapes(**modules: nn.Module) -> Iterator[dict[str, tuple[int, ...]]]:
    """Record the output shape of each module's last call, without the batch; "… in" is its input."""
    shapes: dict[str, tuple[int, ...]] = {}

    def recorder(name: str) -> object:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            shapes[f"{name} in"], shapes[name] = tuple(inputs[0].shape[1:]), tuple(output.shape[1:])

        return hook

    handles = [module.register_forward_hook(recorder(name)) for name, module in modules.items()]  # type: ignore[arg-type]
    yield shapes
    for handle in handles:
        handle.remove()
