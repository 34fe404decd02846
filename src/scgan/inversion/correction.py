"""Correction of a generator's weights for one photo (pivotal tuning, Roich et al. 2021), of low rank.

A correction is a dictionary of tensors. Each weight of two or more dimensions, as a matrix with a row for each output,
gets the product of ``NAME.left`` (outputs, rank) and ``NAME.right`` (rank, inputs); each other parameter gets
``NAME.shift``.
"""

from __future__ import annotations

import copy
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from scgan.utils.errors import UserError, is_system_fault
from scgan.utils.random import generator_for

RANK = 8

Correction = dict[str, Tensor]


def new_correction(generator: nn.Module, seed: int) -> Correction:
    """Make a correction that changes nothing yet, drawn from a seed, on the generator's device."""
    rng = generator_for("correction", seed)
    correction: Correction = {}
    for name, weight in generator.named_parameters():
        if weight.ndim < 2:
            correction[f"{name}.shift"] = torch.zeros_like(weight)
            continue
        rows, columns = len(weight), weight[0].numel()
        rank = min(RANK, rows, columns)
        correction[f"{name}.left"] = weight.new_zeros(rows, rank)
        correction[f"{name}.right"] = (torch.randn(rank, columns, generator=rng) * columns**-0.5).to(weight)
    return {name: value.detach() for name, value in correction.items()}


def corrected_weights(generator: nn.Module, correction: Correction) -> dict[str, Tensor]:
    """Add a correction to the parameters of its generator; differentiable."""
    weights = {}
    for name, weight in generator.named_parameters():
        if weight.ndim < 2:
            weights[name] = weight + correction[f"{name}.shift"]
        else:
            change = correction[f"{name}.left"] @ correction[f"{name}.right"]
            weights[name] = weight + change.view_as(weight)
    return weights


def corrected_generator(generator: nn.Module, correction: Correction) -> nn.Module:
    """Copy a generator with a correction in its weights."""
    corrected = copy.deepcopy(generator)
    with torch.no_grad():
        weights = corrected_weights(corrected, {name: value.float() for name, value in correction.items()})
        for name, parameter in corrected.named_parameters():
            parameter.copy_(weights[name])
    return corrected.requires_grad_(False).eval()


def encode_correction(correction: Correction) -> bytes:
    """Encode a correction as safetensors of half precision."""
    return save({name: value.detach().to("cpu", torch.float16).contiguous() for name, value in correction.items()})


def read_correction(file: Path, generator: nn.Module) -> Correction:
    """Read a correction, in float32 on the CPU.

    Raises:
        UserError: the file is missing, damaged, or for another generator.
    """
    try:
        correction = {name: value.float() for name, value in load(file.read_bytes()).items()}
    except (OSError, SafetensorError, ValueError) as error:
        if is_system_fault(error):
            raise
        raise UserError(
            f"{file} is missing or damaged ({error}): run `scgan invert` again with --overwrite."
        ) from error
    expected = {name: value.shape for name, value in new_correction(generator, 0).items()}
    if {name: value.shape for name, value in correction.items()} != expected:
        raise UserError(f"{file} is the correction of another model: run `scgan invert` again with --overwrite.")
    return correction
