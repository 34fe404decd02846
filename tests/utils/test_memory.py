"""Memory that is returned to the system."""

from pathlib import Path

import pytest

from scgan.utils.memory import release_memory, resident_bytes


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system has no /proc")
def test_freed_memory_is_returned() -> None:
    blocks = [bytearray(b"x" * 50_000) for _ in range(2000)]  # 100 MB in parts below the threshold of mmap
    last = bytearray(50_000)  # stands above them, so that they cannot simply be cut off
    full = resident_bytes()
    del blocks
    release_memory()
    assert resident_bytes() < full - 50_000_000
    assert len(last) == 50_000
