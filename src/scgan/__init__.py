"""scgan: image synthesis from a segmentation mask, attributes and a latent.

``scgan.load(path).generate(segmentation, attributes, latent)`` generates images. ``prepare``, ``inspect``, ``train``,
``evaluate``, ``compare``, ``export`` and ``export_data`` do what the commands of these names do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from scgan.api.functions import compare, evaluate, export, export_data, inspect, prepare, train
    from scgan.data.prepared import PreparedDataset
    from scgan.editing.edits import open_project
    from scgan.inference.synthesizer import Synthesizer, load
    from scgan.recipes import recipe, with_settings

__all__ = [
    "Edit",
    "PreparedDataset",
    "Synthesizer",
    "UserError",
    "compare",
    "evaluate",
    "export",
    "export_data",
    "inspect",
    "load",
    "open_project",
    "prepare",
    "recipe",
    "train",
    "with_settings",
]

# torch takes seconds to import, so modules wait until they are needed.
_MODULES = {
    **dict.fromkeys(
        ("compare", "evaluate", "export", "export_data", "inspect", "prepare", "train"), "scgan.api.functions"
    ),
    "Edit": "scgan.editing.edits",
    "PreparedDataset": "scgan.data.prepared",
    "Synthesizer": "scgan.inference.synthesizer",
    "load": "scgan.inference.synthesizer",
    "open_project": "scgan.editing.edits",
    "recipe": "scgan.recipes",
    "with_settings": "scgan.recipes",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(import_module(_MODULES[name]), name)
    raise AttributeError(f"module 'scgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
