"""Data sources that ``scgan prepare`` can read.

To add one, write a module with a ``Source`` (see ``scgan.data.prepare.source``) and a function that opens it, and name
that function in ``SOURCES``. Its parameters and docstring become the options and help of ``scgan prepare NAME``. A
source with many options has a class for them, whose method ``open`` returns the source.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

SOURCES = {
    "celeba": "scgan.data.sources.celeba:open_celeba",
    "celebamask-hq": "scgan.data.sources.celebamask_hq:open_celebamask_hq",
    "deepfashion": "scgan.data.sources.deepfashion:open_deepfashion",
    "earth": "scgan.data.sources.earth:open_earth",
    "folder": "scgan.data.sources.folder:FolderOptions",
    "toyfaces": "scgan.data.sources.toyfaces:open_toyfaces",
}


def import_opener(name: str) -> Callable[..., Any]:
    """The function that opens the source ``name``, one of ``SOURCES``, or the class of its options."""
    module, function = SOURCES[name].split(":")
    opener: Callable[..., Any] = getattr(import_module(module), function)
    return opener
