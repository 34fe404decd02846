"""Kinds of errors."""

from __future__ import annotations

import errno

import numpy as np
import pytest
import torch

from scgan.utils.errors import is_out_of_memory, is_system_fault


def test_errors_of_memory() -> None:
    for make in (lambda: np.empty(2**50), lambda: torch.empty(2**50)):
        with pytest.raises((MemoryError, RuntimeError)) as raised:
            make()
        assert is_out_of_memory(raised.value)
    assert is_out_of_memory(torch.cuda.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError("a loss is NaN"))


def test_what_the_system_refuses_is_no_damage() -> None:
    faults = [PermissionError(errno.EACCES, "denied"), OSError(errno.EMFILE, "too many"), MemoryError()]
    assert all(map(is_system_fault, faults))
    assert is_system_fault(RuntimeError("Exception during loading: std::bad_alloc"))
    damages = [FileNotFoundError(errno.ENOENT, "missing"), OSError(errno.EIO, "sector"), ValueError("digest")]
    assert not any(map(is_system_fault, damages))
