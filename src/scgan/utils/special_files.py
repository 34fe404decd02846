"""Pipes, devices and sockets in the place of files. Reading one may wait for ever, or never end."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from scgan.utils.errors import UserError


def require_regular(file: Path) -> None:
    """Check, before it is opened, that a path is a file or a folder.

    Raises:
        OSError: it is a pipe, a device or a socket, or there is nothing.
    """
    if is_special(file):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(file))


def is_special(file: Path) -> bool:
    """Tell if a path that exists is neither a file nor a folder.

    Raises:
        OSError: there is nothing.
    """
    mode = file.stat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def refuse_special(paths: Iterable[str | Path]) -> None:
    """Refuse inputs of a command that are no files; paths that do not exist are left to the command.

    Raises:
        UserError: one is a pipe, a device or a socket, or a link to itself.
    """
    for path in paths:
        try:
            if is_special(Path(path)):
                raise UserError(f"{path} is a pipe or a device: save its content as a file, and name that.")
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise UserError(f"{path} is a link that leads to itself: name another file or folder.") from error
        except ValueError:  # text that is no path
            continue


def refuse_dead_link(path: Path) -> None:
    """Refuse an output that is a link to nothing.

    Raises:
        UserError: it is.
    """
    if path.is_symlink() and not os.path.exists(path):
        raise UserError(f"{path} is a link to something that does not exist: remove it, or choose another --out.")
