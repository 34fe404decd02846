"""Memory that is returned to the system."""

import subprocess
import sys
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


LARGE_BLOCKS = """
from scgan.utils.memory import keep_little_memory, resident_bytes
keep_little_memory()
first = bytearray(b"x" * 20_000_000)
del first  # by default, blocks up to this size are kept from now on
blocks = [bytearray(b"x" * 5_000_000) for _ in range(20)]
last = bytearray(50_000)
full = resident_bytes()
del blocks[1::2]
print(full - resident_bytes())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc has this setting")
def test_large_blocks_are_returned_at_once() -> None:
    words = [sys.executable, "-c", LARGE_BLOCKS]  # a process of its own: the setting stays
    returned = int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    assert returned > 45_000_000
