"""Choice of an engine."""

from __future__ import annotations

from functools import cache

from scgan.engines.cache import open_cached
from scgan.engines.engine import Engine
from scgan.engines.names import AUTO, ENGINES, TORCH, installed_file_engines, load_file_engine
from scgan.models.folder import Model
from scgan.utils.devices import CPU
from scgan.utils.errors import UserError
from scgan.utils.progress import say
from scgan.utils.text import join_names


def make_engine(name: str, model: Model, device: str) -> Engine:
    """Make the engine for a model.

    Args:
        name: one of ``ENGINES``. ``auto`` takes PyTorch on a GPU; on a CPU the fastest engine that is installed, or
            PyTorch if that cannot compute the model. It says which it takes.
        model: the model; its generator is copied.
        device: where PyTorch computes, as ``usable_device`` names it; the other engines compute on the CPU.

    Raises:
        UserError: no such engine, it is not installed, does not compute on the device, or cannot compute the model.
    """
    if name not in ENGINES:
        raise UserError(f"there is no engine {name!r}: choose one of {join_names(ENGINES)}.")
    if name == AUTO:
        return _fastest(model, device)
    if name == TORCH:
        return _pytorch(model, device)
    if device != CPU:
        raise UserError(
            f"the engine {name} computes on the CPU, not on {device}: leave the device out, or use the engine torch."
        )
    return open_cached(load_file_engine(name), model)


def _fastest(model: Model, device: str) -> Engine:
    if device == CPU:
        for name in installed_file_engines():
            try:
                engine = make_engine(name, model, device)
            except UserError as error:
                model.networks.require_generator()  # a damaged model is no fault of the engine
                say(f"engine {name} is left out: {error}")
            else:
                _report(f"engine: {name}")
                return engine
    _report(f"engine: {TORCH}")
    return _pytorch(model, device)


def _pytorch(model: Model, device: str) -> Engine:
    from scgan.engines.pytorch import PyTorchEngine  # imports torch

    return PyTorchEngine(model.generator, model.schema.class_count, device)


@cache
def _report(text: str) -> None:
    """Print a remark once in a process."""
    say(text)
