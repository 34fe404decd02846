"""Methods, one file each, readable beside its paper. A new method is a file and a line in ``METHODS``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from torch import nn

    from scgan.config import Config
    from scgan.schema import Schema
    from scgan.training.update import Method

METHODS = {
    "scgan": "scgan.methods.scgan:SCGAN",
    "wgan-gp": "scgan.methods.wgan_gp:WGANGP",
    "acwgan": "scgan.methods.wgan_gp:ACWGAN",
    "pix2pix": "scgan.methods.pix2pix:Pix2Pix",
    "cyclegan": "scgan.methods.cyclegan:CycleGAN",
    "spade": "scgan.methods.spade:SPADE",
}
"""Module and class of each method; names instead of classes, so that a list of methods needs no torch."""


class MethodClass(Protocol):
    """Interface of a method's class.

    Attributes:
        config_class: ``Config``, or a subclass of it with one more group for the method's own settings.
        defaults: settings of the method's paper, by dotted name, which replace those of a recipe.
        unused: optional; names of settings, or of groups of them, that the method does not read. ``scgan train``
            refuses to change them.
    """

    config_class: type[Config]
    defaults: dict[str, Any]

    def __call__(self, schema: Schema, config: Any) -> Method: ...

    def build_generator(self, schema: Schema, config: Config) -> nn.Module:
        """The generator alone, which is all that a model folder needs."""


def load_method(name: str) -> MethodClass:
    """Import the class of a method in ``METHODS``."""
    module, _, class_name = METHODS[name].partition(":")
    return cast(MethodClass, getattr(import_module(module), class_name))
