"""Image formats that Pillow reads with a package beside it, or in some of its builds."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from PIL import Image

SUFFIXES = (".avif", ".heic", ".heif", ".jxl")
"""Suffixes of photos of these formats."""

# Names of ``scgan.data.file_kinds``, the modules that make Pillow read them, and Pillow's names of the formats.
_PLUGINS = {"a HEIC photo": ("pillow_heif", "HEIF"), "a JPEG XL image": ("pillow_jxl", "JXL")}


def register(kind: str) -> bool:
    """Make Pillow read a kind of files; true if it reads them from now on, and did not before."""
    name, pillow_name = _PLUGINS.get(kind, ("", ""))
    if not name or pillow_name in Image.OPEN:
        return False
    with suppress(ImportError):
        module = import_module(name)  # pillow_jxl registers itself
        if hasattr(module, "register_heif_opener"):
            module.register_heif_opener()
    return pillow_name in Image.OPEN
