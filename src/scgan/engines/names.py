"""Names of the engines, the fastest first. Imports none of them, so that the command line needs none."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import shorten

if TYPE_CHECKING:
    from scgan.engines.engine import FileEngine

AUTO, TORCH = "auto", "torch"

FILE_ENGINES = {
    "openvino": ("openvino", "scgan.engines.openvino:OpenVinoEngine"),
    "onnxruntime": ("onnx", "scgan.engines.onnxruntime:OnnxRuntimeEngine"),
}
"""Extra and class of each engine that reads an ONNX file; the name is also that of the package that it needs."""

ENGINES = (AUTO, TORCH, *FILE_ENGINES)


def installed_file_engines() -> list[str]:
    """Names of the engines whose package is installed, the fastest first."""
    return [name for name in FILE_ENGINES if find_spec(name) is not None]


def load_file_engine(name: str) -> type[FileEngine]:
    """Import the class of an engine in ``FILE_ENGINES`` and its package.

    Raises:
        UserError: the package is not installed, or cannot be imported.
    """
    extra, path = FILE_ENGINES[name]
    require_packages(f"the engine {name}", extra, name)
    module, _, class_name = path.partition(":")
    engine = getattr(import_module(module), class_name)
    try:
        engine.import_package()
    except ImportError as error:
        raise UserError(
            f"the engine {name} is installed, but cannot be imported ({shorten(error)}): install it again, or use the "
            "engine torch."
        ) from error
    return cast("type[FileEngine]", engine)
