"""Cache of generators as ONNX files, so that a model is exported once."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from scgan.engines.engine import FileEngine
from scgan.models.digest import model_digest
from scgan.models.folder import Model
from scgan.utils.cache import cache_folder
from scgan.utils.devices import thread_count
from scgan.utils.errors import FULL_DISK, UserError, is_system_fault
from scgan.utils.files import atomic_file
from scgan.utils.progress import say
from scgan.utils.text import shorten

MAX_FILES = 16
"""Number of files in the cache; the ones that were not used for longest go."""

_CHECKED_EXAMPLES = 2
_MEMBER = "generator.onnx"


def open_cached(kind: type[FileEngine], model: Model) -> FileEngine:
    """Open a model's generator in an engine, from the cache or after writing it there.

    Args:
        kind: class of the engine.
        model: with its generator on the CPU.

    Raises:
        UserError: the model is damaged; the generator cannot be written as an ONNX file, the cache cannot be written,
            or the engine cannot read the file or computes other images than PyTorch.
    """
    digest = model_digest(model)
    file = cache_folder("engines") / f"{digest}.onnx.zip"
    try:
        content = _read(file)
        os.utime(file)
        return _open(kind, content, file, digest)
    except OSError:
        return _write_and_open(kind, model, file)
    except UserError as error:
        say(f"{str(error).rstrip('.')}; it is written again.")
        return _write_and_open(kind, model, file)


def _read(file: Path) -> bytes:
    """Content of the ONNX file in a ZIP file, which has its checksum."""
    try:
        with ZipFile(file) as archive:
            return archive.read(_MEMBER)
    except OSError:
        raise
    except Exception as error:  # zipfile raises many kinds for damaged files
        if is_system_fault(error):
            raise
        raise UserError(f"{file} is damaged ({shorten(error)}).") from error


def _open(kind: type[FileEngine], content: bytes, file: Path, digest: str) -> FileEngine:
    engine = kind.open(content, str(file), thread_count())
    if engine.digest != digest:
        raise UserError(f"{file} is the ONNX file of another model.")
    return engine


def _write_and_open(kind: type[FileEngine], model: Model, file: Path) -> FileEngine:
    """Write the file, check it, and move it into place; processes that do it at the same time wait for each other."""
    # Imported when needed: it needs PyTorch, which a cached file does not.
    from scgan.engines.generator_file import require_same_images, write_generator

    try:
        with atomic_file(file) as partial:
            write_generator(partial, model, {})
            content = partial.read_bytes()
            engine = _open(kind, content, file, model_digest(model))
            require_same_images(engine, model, _CHECKED_EXAMPLES)
            with ZipFile(partial, "w") as archive:
                archive.writestr(ZipInfo(_MEMBER), content)
        _remove_oldest(file.parent)
    except OSError as error:
        if error.errno in FULL_DISK:
            raise
        raise UserError(
            f"the cache {file.parent} cannot be written ({error.strerror}): set XDG_CACHE_HOME to another folder, or "
            "use the engine torch."
        ) from error
    return engine


def _remove_oldest(folder: Path) -> None:
    times = {}
    for file in folder.glob("*.onnx.zip"):
        try:
            times[file] = file.stat().st_mtime
        except FileNotFoundError:  # another process removed it
            continue
    for file in sorted(times, key=times.__getitem__)[:-MAX_FILES]:
        file.unlink(missing_ok=True)
