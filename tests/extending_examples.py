"""Examples of docs/extending.md: their blocks, and how they are applied to a copy of the package."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from doc_commands import DOCS

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
