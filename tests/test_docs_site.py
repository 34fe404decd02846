"""The documentation site builds without warnings and loads nothing from other hosts."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from doc_commands import ROOT


def test_site_builds_and_loads_nothing_from_other_hosts(tmp_path: Path) -> None:
    pytest.importorskip("mkdocs")
    site = tmp_path / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(ROOT / "mkdocs.yml")]
    process = subprocess.run([*command, "-d", str(site)], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    pages = list(site.rglob("*.html"))
    assert len(pages) > 10
    for page in pages:
        assert not re.search(r'<(?!a\b)[^>]+(?:src|href)="(?:https?:)?//', page.read_text(encoding="utf-8")), page
