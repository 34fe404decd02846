"""Release: one version, all files of the package, and the faults that tools/check_release.py finds."""

from __future__ import annotations

import re
import tarfile
import zipfile
from importlib.metadata import version as installed_version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))


def test_version_stands_in_one_place() -> None:
    from check_release import version

    assert re.fullmatch(r"\d+\.\d+\.\d+", version()) and installed_version("scgan") == version()
    assert "\nversion:" not in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    sources = [path for path in (ROOT / "src").rglob("*.py") if f'"{version()}"' in path.read_text(encoding="utf-8")]
    assert sources == []


def test_tag_and_changelog_name_the_version() -> None:
    from check_release import Fault, check_tag, version

    changelog = f"# Changelog\n\n## {version()} (2026-12-01)\n"
    check_tag(f"v{version()}", changelog)
    with pytest.raises(Fault, match=f"the tag must be v{version()}"):
        check_tag("v9.9.9", changelog)
    with pytest.raises(Fault, match=r"CHANGELOG\.md has no section"):
        check_tag(f"v{version()}", "# Changelog\n\n## Unreleased\n")


def test_every_file_of_the_package_is_package_data() -> None:
    """A file that setuptools leaves out is missing in the wheel only, which no other test sees."""
    from setuptools.config.pyprojecttoml import read_configuration

    settings = read_configuration(ROOT / "pyproject.toml", expand=False)["tool"]["setuptools"]
    packaged = set()
    for package, patterns in settings["package-data"].items():
        folder = ROOT / "src" / package.replace(".", "/")
        packaged |= {path for pattern in patterns for path in folder.glob(pattern)}
    files = {path for path in (ROOT / "src" / "scgan").rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert {path for path in files - packaged if path.suffix != ".py"} == set()
    assert all((path.parent / "__init__.py").is_file() for path in files if path.suffix == ".py")


def test_contents_of_wheel_and_sdist(tmp_path: Path) -> None:
    from check_release import SDIST_EXTRAS, Fault, check_sdist, check_wheel

    files = ["src/scgan/__init__.py", "src/scgan/studio/page/index.html", "tests/test_api.py", *SDIST_EXTRAS]
    wheel, sdist = tmp_path / "scgan-1.0.0-py3-none-any.whl", tmp_path / "scgan-1.0.0.tar.gz"

    def write(names: list[str]) -> None:
        with zipfile.ZipFile(wheel, "w") as archive:
            for name in [*names, "scgan-1.0.0.dist-info/METADATA"]:
                archive.writestr(name, "")
        with tarfile.open(sdist, "w:gz") as archive:
            for name in [*(f"src/{name}" for name in names), *SDIST_EXTRAS, "PKG-INFO"]:
                archive.addfile(tarfile.TarInfo(f"scgan-1.0.0/{name}"))

    write(["scgan/__init__.py", "scgan/studio/page/index.html"])
    check_wheel(wheel, files)
    check_sdist(sdist, files)
    write(["scgan/__init__.py"])
    with pytest.raises(Fault, match=r"whl lacks scgan/studio/page/index\.html \(1 in all\)"):
        check_wheel(wheel, files)
    with pytest.raises(Fault, match=r"tar\.gz lacks src/scgan/studio/page/index\.html"):
        check_sdist(sdist, files)
    write(["scgan/__init__.py", "scgan/studio/page/index.html", "scgan/old.py"])
    with pytest.raises(Fault, match=r"whl holds foreign files scgan/old\.py"):
        check_wheel(wheel, files)
    with pytest.raises(Fault, match=r"tar\.gz holds foreign files src/scgan/old\.py"):
        check_sdist(sdist, files)


def test_interpreters_are_found_and_missing_ones_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from check_pythons import check, find_interpreter

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert find_interpreter("3.11") is None
    assert check("3.11", tmp_path, []) == (
        "not tested: no interpreter (install one, or uv, which downloads one from GitHub)",
        False,
    )
    program = tmp_path / "pyenv" / "versions" / "3.11.7" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\necho 3.11\n")
    program.chmod(0o755)
    assert find_interpreter("3.11") == program
    program.write_text("#!/bin/sh\necho 'pyenv: not installed' >&2; exit 127\n")  # pyenv's placeholders
    assert find_interpreter("3.11") is None
