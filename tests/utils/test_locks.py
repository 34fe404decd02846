"""Locks of outputs: two commands never write one output at once, and a kill leaves no lock."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file, atomic_folder, claimed_folder, refuse_existing_folder
from scgan.utils.locks import output_lock, wait_until_free


def in_another_thread(work: Callable[[], object]) -> None:
    """Locks belong to threads, so another thread stands for another command."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def claim(path: Path) -> None:
    with output_lock(path):
        pass


def test_the_second_command_says_who_works_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "out"
    with output_lock(path), pytest.raises(UserError) as caught:
        in_another_thread(lambda: claim(path))
    assert re.search(
        rf"out is being written by another command \(process {os.getpid()} on .+, since \d{{4}}-", str(caught.value)
    )
    in_another_thread(lambda: claim(path))
    assert not list(tmp_path.iterdir())


def test_a_lock_covers_what_belongs_to_the_output(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with output_lock(path):
        for part in (path, path / "runs" / "one", tmp_path / "out.partial" / "images"):
            with output_lock(part):
                pass
        with atomic_folder(path):
            pass
        with output_lock(tmp_path / "outer"):
            assert sorted(file.name for file in tmp_path.iterdir()) == [".out.lock", ".outer.lock", "out"]
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_the_lock_of_a_long_name(tmp_path: Path) -> None:
    path = tmp_path / ("ö" * 120)
    with output_lock(path), pytest.raises(UserError, match="is being written by"):
        in_another_thread(lambda: claim(path))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_appeared_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with claimed_folder(path, overwrite=False):
        path.mkdir()
    with pytest.raises(UserError, match="exists already"), claimed_folder(path, overwrite=False):
        pass


def test_writers_of_one_file_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"

    def write(text: str) -> None:
        with atomic_file(path) as partial:
            partial.write_text(text)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, ["x" * 1000, "y" * 1000, "z" * 1000] * 3))
    assert set(path.read_text()) < {"x", "y", "z"} and len(path.read_text()) == 1000
    assert [file.name for file in tmp_path.iterdir()] == ["file.txt"]


def test_a_killed_command_loses_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "out"
    code = f"""
from pathlib import Path
from scgan.utils.locks import output_lock
with output_lock(Path({str(path)!r})):
    print("locked", flush=True)
    input()
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout and process.stdout.readline() == "locked\n"
        with pytest.raises(UserError, match=rf"out is being written by another command \(process {process.pid} on"):
            claim(path)
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until_free(path)
        claim(path)
    assert not list(tmp_path.iterdir())


def test_the_lock_file_of_a_killed_command_goes_with_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / ".out.lock").touch()
    with pytest.raises(UserError, match="out exists already"):
        refuse_existing_folder(tmp_path / "out", overwrite=False)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    with output_lock(tmp_path / "out"):
        with pytest.raises(UserError, match="out exists already"):
            refuse_existing_folder(tmp_path / "out", overwrite=False)
        assert (tmp_path / ".out.lock").exists()  # of a command that works


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder of the system that takes no new file")
def test_a_folder_that_takes_no_file_is_not_said_to_be_locked() -> None:
    with pytest.raises(UserError, match=r"/proc/out cannot be created \(.+\): choose another --out"):
        claim(Path("/proc/out"))
