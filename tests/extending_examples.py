"""Examples of docs/extending.md: their blocks, their application to a copy of the package, and commands of copies."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from doc_commands import DOCS
from patience import MAX_SECONDS

SECTIONS = dict(
    section.split("\n", 1) for section in (DOCS / "extending.md").read_text(encoding="utf-8").split("\n## ")[1:]
)


def file_blocks(section: str) -> list[tuple[str, Path, str]]:
    """Language, file and content of each block with a file name."""
    blocks = re.findall(r'```(\w+) title="([^"]+)"\n(.*?)```', section, re.DOTALL)
    return [(language, Path(file), content) for language, file, content in blocks]


def copy_package(root: Path) -> None:
    """Copy the package, without the shipped models, to ``root``/src/scgan."""
    ignored = shutil.ignore_patterns("shipped", "__pycache__", "*.egg-info")
    shutil.copytree(DOCS.parent / "src", root / "src", ignore=ignored)


def apply_example(title: str, root: Path) -> None:
    """Apply the blocks of a section to the package in ``root``."""
    for language, name, content in file_blocks(SECTIONS[title]):
        file = root / name
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if language == "diff":
            lines = content.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if not line.startswith("+"))
            new = "".join(line[1:] for line in lines if not line.startswith("-"))
            assert text.count(old) == 1, f"{name} holds {text.count(old)} times:\n{old}"
            text = text.replace(old, new)
        else:
            text += f"\n\n{content}" if text else content
        file.write_text(text, encoding="utf-8")


class Job(NamedTuple):
    """Commands to run in a folder by the package in ``source``; their output goes to the file ``said``."""

    source: Path
    folder: Path
    commands: list[list[str]]


# One process imports what takes seconds; its child for each copy of the package imports that copy.
_PROGRAM = """
import json, os, sys, traceback
import lightning_fabric, scipy.ndimage, torch

def run(source, folder, commands):
    os.chdir(folder)
    said = os.open("said", os.O_WRONLY | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    sys.path.insert(0, source)
    import scgan.cli
    assert scgan.cli.__file__.startswith(source)
    for words in commands:
        try:
            code = scgan.cli.main(words)
        except SystemExit as end:
            code = end.code
        if code:
            return 1
    return 0

failed = []
for job in json.load(sys.stdin):
    child = os.fork()
    if not child:
        code = 1
        try:
            code = run(*job)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    if os.waitpid(child, 0)[1]:
        failed.append(job[1])
print(json.dumps(failed))
"""


def run_jobs(jobs: list[Job]) -> None:
    """Run jobs, each in a process of its own, and check that all commands succeed."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps([[str(job.source), str(job.folder), job.commands] for job in jobs]),
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    assert not json.loads(done.stdout), {
        folder: (Path(folder) / "said").read_text() for folder in json.loads(done.stdout)
    }
