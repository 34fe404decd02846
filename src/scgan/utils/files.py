"""Output files and folders: checks before any work, locks, and atomic writes.

Outputs are written under a temporary name and renamed, so an incomplete one never has the final name.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scgan.utils.errors import UserError
from scgan.utils.exchange import exchange
from scgan.utils.interrupts import cleanup_on_exit
from scgan.utils.locks import clear_lock, output_lock
from scgan.utils.special_files import refuse_dead_link

MAX_NAME_BYTES = 220
"""Longest name of an output: most file systems allow 255 bytes, and temporary names are longer than the final one."""

_MAX_POSSIBLE_BYTES, _MAX_PATH = 255, 4000

PARTIAL = ".partial"
"""Part of the names of unfinished outputs."""

# A command that writes a folder would call it so without a word; whoever types such a name expects one file.
_FILE_SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg", ".pdf"),
        *(".mp4", ".webm", ".mov", ".avi", ".html", ".htm", ".md", ".txt", ".csv", ".tsv"),
        *(".json", ".jsonl", ".yaml", ".yml", ".xml", ".zip", ".tar", ".gz", ".npy", ".npz"),
        *(".h5", ".hdf5", ".mat", ".onnx", ".safetensors", ".pt", ".pth", ".ckpt"),
    )
)

# Each folder that a command writes has one of these files; a folder without any was not written by scgan.
_MARKERS = (
    *("dataset.json", "config.yaml", "model.json", "manifest.json", "manifest.jsonl", "index.html", "generator.onnx"),
    *("encoder.json",),
)


def user_path(text: str | os.PathLike[str]) -> Path:
    """Path as a person types it: ``~`` and ``~user`` stand for home folders.

    Raises:
        UserError: the text is empty or holds a zero byte, or there is no such user.
        TypeError: it is neither text nor a path.
    """
    name = os.fspath(text)
    if not isinstance(name, str):
        raise TypeError(f"a path is text, not {name!r}")
    if not name:
        raise UserError("the path is empty: name a file or folder.")
    if "\0" in name:
        raise UserError(f"{name!r} holds a zero byte, which no path can: name another file or folder.")
    _require_possible(name)
    path = Path(os.path.expanduser(name))
    if not str(path).startswith("~"):
        return path
    if name.startswith("~"):
        user = name.split("/")[0]
        raise UserError(
            f"{name} begins in the home folder of a user who does not exist: write ./{name} for a folder called {user}."
        )
    return path.absolute()  # ./~, which pathlib shortens to ~; it must not be expanded later


def _require_possible(name: str) -> None:
    """Refuse text that no file system takes as a path: half a character, or names or paths that are too long."""
    try:
        length = max(len(os.fsencode(part)) for part in name.split(os.sep))
    except UnicodeEncodeError as error:
        raise UserError(f"{name!r} holds half a character, which no path can: name another file or folder.") from error
    if length > _MAX_POSSIBLE_BYTES or len(name) > _MAX_PATH:
        raise UserError(f"{name[:40]}… is too long for a path (a name of {length} bytes): name another file or folder.")


def refuse_existing_file(path: Path, overwrite: bool) -> None:
    """Check, before any work, that an output file can be written.

    Raises:
        UserError: ``path`` exists and ``overwrite`` is false, it is a folder or a device, or it cannot be created.
    """
    _require_short_name(path)
    if path.name in ("", "..") or (path.exists() and not path.is_file()):
        raise UserError(f"{path} is not a file that can be replaced: choose another --out.")
    _refuse_existing(path, overwrite)


def refuse_other_suffix(path: Path, *suffixes: str) -> None:
    """Check, before any work, that the name of an output file does not promise another kind of file.

    Raises:
        UserError: the name ends in the suffix of a kind of file other than ``suffixes``, like ``".html"``.
    """
    if path.suffix.lower() in _FILE_SUFFIXES - {*suffixes}:
        raise UserError(
            f"{path} ends in {path.suffix}, but the file that is written there is a {suffixes[0]}: name it "
            f"{path.with_suffix(suffixes[0])}."
        )


def refuse_existing_folder(path: Path, overwrite: bool) -> None:
    """Check, before any work, that an output folder can be written and that scgan wrote what it would replace.

    Raises:
        UserError: ``path`` exists and ``overwrite`` is false, it is a file or has the name of one, it is not empty and
            scgan did not write it, it is or contains the current folder, or it cannot be created.
    """
    _require_short_name(path)
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is a file: choose another --out.")
    if Path.cwd().is_relative_to(path.resolve()):
        raise UserError(f"{path} is the current folder or contains it: choose another --out.")
    if path.name == "..":
        raise UserError(f"{path} ends in ..: write the folder's own name, {path.resolve()}.")
    _require_folder_name(path)
    _refuse_existing(path, overwrite)
    if path.exists() and any(path.iterdir()) and not any((path / marker).is_file() for marker in _MARKERS):
        raise UserError(f"{path} was not written by scgan: remove it yourself, or choose another --out.")


def refuse_unwritable_folder(path: Path) -> None:
    """Check, before any work, that files can be added to an output folder, which may exist.

    Raises:
        UserError: it is a file or has the name of one, or it cannot be created or written to.
    """
    if path.exists() and not path.is_dir():
        raise UserError(f"{path} is a file: choose another --out.")
    _require_folder_name(path)
    if path.exists() and not os.access(path, os.W_OK):
        raise UserError(f"{path} is not writable: choose another --out.")
    _refuse_existing(path, overwrite=True)


def refuse_overwriting_inputs(out: Path, inputs: Iterable[Path], option: str = "--out") -> None:
    """Check that an output to be replaced, named by an option, is not an input and does not contain one.

    Raises:
        UserError: one of ``inputs`` is ``out`` or inside of it.
    """
    for path in inputs:
        # os.path.exists() is false for text that is no path; path.exists() raises for very long text.
        if os.path.exists(path) and path.resolve().is_relative_to(out.resolve()):
            verb = "is" if path.resolve() == out.resolve() else "contains"
            raise UserError(f"{out} {verb} an input ({path}): choose another {option}.")


def _require_short_name(path: Path) -> None:
    for part in path.parts:
        if len(os.fsencode(part)) > MAX_NAME_BYTES:
            raise UserError(
                f"{part[:40]}… is a name of {len(os.fsencode(part))} bytes, at most {MAX_NAME_BYTES} are possible: "
                "choose a shorter --out."
            )


def _require_folder_name(path: Path) -> None:
    if path.suffix.lower() in _FILE_SUFFIXES:
        raise UserError(f"{path} is the name of a file, but this command writes a folder: leave out {path.suffix}.")


@contextmanager
def claimed_file(path: Path | None, overwrite: bool, suffixes: Sequence[str] = ()) -> Iterator[None]:
    """Check an output file and hold its lock; without effect for None.

    Args:
        path: the file.
        overwrite: as for ``refuse_existing_file``.
        suffixes: of the kind of file, as for ``refuse_other_suffix``; none allow every name.
    """
    if path is None:
        yield
        return
    if suffixes:
        refuse_other_suffix(path, *suffixes)
    refuse_existing_file(path, overwrite)
    with output_lock(path):
        refuse_existing_file(path, overwrite)  # again: the command that held the lock may have written it
        yield


@contextmanager
def claimed_folder(path: Path, overwrite: bool) -> Iterator[None]:
    """Check an output folder as ``refuse_existing_folder`` does, and hold its lock.

    Raises:
        UserError: the check fails, another command holds the lock, or the unfinished folder is a link.
    """
    refuse_existing_folder(path, overwrite)
    with output_lock(path):
        _refuse_link(path.with_name(f"{path.name}{PARTIAL}"))
        refuse_existing_folder(path, overwrite)
        yield


def _refuse_existing(path: Path, overwrite: bool) -> None:
    refuse_dead_link(path)
    if path.exists() and not overwrite:
        clear_lock(path)
        raise UserError(f"{path} exists already: choose another --out, or replace it with --overwrite.")
    parent = next(parent for parent in path.absolute().parents if parent.exists())
    if not parent.is_dir():
        raise UserError(f"{path} cannot be created, {parent} is a file: choose another --out.")
    if not os.access(parent, os.W_OK):
        raise UserError(f"{path} cannot be created, {parent} is not writable: choose another --out.")


@contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path to write to; rename it to ``path`` on success, remove it on failure.

    Raises:
        UserError: ``path`` is a folder or a device.
    """
    if path.name in ("", "..") or (path.exists() and not path.is_file()):
        raise UserError(f"{path} is not a file that can be replaced: choose another --out.")
    partial = path.with_name(f"{path.name}{PARTIAL}{path.suffix}")
    with output_lock(path, wait=True), cleanup_on_exit(lambda: partial.unlink(missing_ok=True)):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)  # left by a kill, or a link that leads out of the folder
        try:
            yield partial
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield an empty temporary folder to fill; it replaces ``path`` on success and is removed on failure."""
    partial = path.with_name(f"{path.name}{PARTIAL}")

    def remove() -> None:
        _remove(partial)

    with output_lock(path, wait=True), cleanup_on_exit(remove):
        remove()  # left by a kill
        partial.mkdir(parents=True)
        try:
            yield partial
            replace_folder(partial, path)
        finally:
            remove()


def replace_folder(new: Path, path: Path) -> None:
    """Rename the folder ``new`` to ``path``; a folder that had this name is removed.

    A kill at any moment leaves one of them at ``path``, where the file system can exchange two names in one step.
    """
    if path.exists():
        exchange(new, path)
        shutil.rmtree(new)
    else:
        new.rename(path)


def remove_partial(folder: Path) -> None:
    """Remove the temporary files and folders that a kill left anywhere in ``folder``."""
    for path in sorted(folder.rglob(f"*{PARTIAL}*")):
        _remove(path)


def _refuse_link(partial: Path) -> None:
    """Refuse a link in the place of an unfinished folder: what it leads to would be taken for it, and written to.

    Raises:
        UserError: it is a link.
    """
    if partial.is_symlink():
        raise UserError(f"{partial} is a link, where this command keeps an unfinished folder: remove the link.")


def _remove(path: Path) -> None:
    """Remove a file, a folder or a link, never what the link leads to."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
