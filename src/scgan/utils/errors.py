"""Errors for users; every other exception is a bug and keeps its traceback."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


FULL_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of the system that stand for a full disk, a user's quota, or a limit of a file's size."""

USED_UP = (errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM)
"""Errors of the system that stand for a limit of open files, processes or memory."""


class UserError(Exception):
    """Bad input or misuse. The message is one sentence: what is wrong, where, and what to do. The CLI exits with 2."""


class RunError(RuntimeError):
    """Failure during the work, not by misuse. The message is one sentence; the CLI exits with 1."""


class ItemError(Exception):
    """One item of a source cannot be used. The message is the reason that goes into ``skipped.csv``."""


def is_out_of_memory(error: Exception) -> bool:
    """Tell if an error says that memory ran out: NumPy's and Python's, and torch's, which are RuntimeErrors."""
    text = str(error)
    allocators = "DefaultCPUAllocator", "bad_alloc"  # of torch; of C++, so ONNX Runtime's
    is_kind = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return is_kind or any(name in text for name in allocators)


def is_system_fault(error: Exception) -> bool:
    """Tell if a file could not be read because of permissions, limits or memory: that does not mean it is damaged."""
    refused = (errno.EACCES, errno.EPERM, *USED_UP)
    return is_out_of_memory(error) or (isinstance(error, OSError) and error.errno in refused)


def describe_error(error: ValidationError) -> str:
    """Place and reason of the first of pydantic's errors: ``"about.seconds: Input should be a valid number"``."""
    first = error.errors(include_url=False)[0]
    return ": ".join(filter(None, [".".join(map(str, first["loc"])), first["msg"]]))
