"""Kinds of errors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scgan.utils.errors import is_out_of_memory


def test_errors_of_memory() -> None:
    for make in (lambda: np.empty(2**50), lambda: torch.empty(2**50)):
        with pytest.raises((MemoryError, RuntimeError)) as raised:
            make()
        assert is_out_of_memory(raised.value)
    assert is_out_of_memory(torch.cuda.OutOfMemoryError("CUDA out of memory"))
    assert not is_out_of_memory(RuntimeError("a loss is NaN"))
