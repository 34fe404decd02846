"""Memory of a training, before any is taken."""

from __future__ import annotations

import os

import torch

from scgan.config import Config
from scgan.methods import load_method
from scgan.schema import Schema
from scgan.utils.errors import UserError

_USUAL_WIDTH = 256
_COPIES = 4  # weights, gradients, and two moments of each
_BYTES = 4


def require_memory(config: Config, schema: Schema, memory: int | None = None) -> None:
    """Refuse networks that this machine cannot hold: a run folder of somebody else may ask for any width.

    Unusually wide networks only are counted, because building them without memory takes as long as building them.

    Args:
        config: of the training.
        schema: of its data.
        memory: bytes; by default those of this machine. 0 accepts everything.

    Raises:
        UserError: weights, gradients and the optimizers' state are larger than the memory of the machine.
    """
    if max(config.generator.width, config.discriminator.width, config.segmentor.width) <= _USUAL_WIDTH:
        return
    with torch.device("meta"):
        networks = load_method(config.method)(schema, config).networks.values()
    count = sum(parameter.numel() for network in networks for parameter in network.parameters())
    needed, memory = count * _COPIES * _BYTES, _memory() if memory is None else memory
    gigabytes, available = f"{needed / 2**30:,.0f} GB", f"{memory / 2**30:,.0f} GB"
    if 0 < memory < needed:
        raise UserError(
            f"the networks have {count:,} weights, whose training takes {gigabytes} of memory at least, and there are "
            f"{available}: choose a smaller --generator.width, --discriminator.width or --segmentor.width."
        )


def _memory() -> int:
    """Memory of this machine in bytes; 0 where the system does not say it."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 0
