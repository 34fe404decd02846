"""Closed standard streams."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys
import scgan.__main__
with open("out", "w") as file:
    file.write(f"{file.fileno()}\\n")
print("a result")
print("a message", file=sys.stderr)
sys.exit(scgan.__main__.main())
"""


@pytest.mark.parametrize("closed", ["<&- >&- 2>&-", ">&-", "2>&-"])
def test_messages_do_not_get_into_files_and_the_exit_code_stays(closed: str, tmp_path: Path) -> None:
    for word, code in (("--help", 0), ("trian", 2)):
        shell = f'exec "$0" -c "$1" {word} {closed}'
        done = subprocess.run(["sh", "-c", shell, sys.executable, CODE], cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode, "Traceback" in done.stderr) == (code, False)
        number, *rest = (tmp_path / "out").read_text().splitlines()
        assert int(number) > 2 and not rest
