"""Tests of reading a run folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.runs.folder import read_log
from scgan.utils.errors import UserError


def test_a_damaged_log_names_its_line_but_a_cut_off_end_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert read_log(file) == []
    file.write_text('{"step": 1}\n{"step": 2}\n{"ste')
    assert read_log(file) == [{"step": 1}, {"step": 2}]
    for line in (b"hello", b'"\xff"', b"[" * 99_999, b'{"step": 2, "digest": "0123456789abcdef"}', b"3"):
        file.write_bytes(b'{"step": 1}\n' + line + b'\n{"step": 3}\n')
        with pytest.raises(UserError, match=r"log.jsonl, line 2, is not a line of a log"):
            read_log(file)
