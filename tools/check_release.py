"""Build wheel and sdist, and check them as a stranger would use them.

    python tools/check_release.py                 # into build/release/dist
    python tools/check_release.py --tag v0.1.0    # also checks that tag and changelog name the version

It builds a copy of the tracked files, so that nothing else gets in. Checked are: metadata (twine), contents (every
file of the package and no other), that sdist and checkout build the same wheel byte for byte, and that the wheel,
installed by its name into a new environment from a folder, shows the models, generates images and explains the studio
without the repository. Environments are made with pip: torch comes from where pip finds it. Exits with 1 at the first
fault.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import tomllib
import venv
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SDIST_EXTRAS = ("LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "pyproject.toml", "constraints.txt")
"""Files beside the package that the sdist must hold."""


class Fault(Exception):
    """A sentence that says what is wrong with the release."""


def version() -> str:
    """Version in pyproject.toml, the only place that holds it."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def check_tag(tag: str, changelog: str) -> None:
    """Compare a tag with the version, and look for the version in the changelog."""
    if tag != f"v{version()}":
        raise Fault(f"the tag is {tag}, pyproject.toml has version {version()}: the tag must be v{version()}.")
    if f"\n## {version()}" not in changelog:
        raise Fault(f"CHANGELOG.md has no section {version()}: rename its section Unreleased.")


def tracked_files() -> list[str]:
    """Files that git knows and that exist."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def copy_checkout(files: Sequence[str], to: Path) -> None:
    """Copy files of the checkout, without build/ and *.egg-info, from which setuptools takes files that are gone."""
    shutil.rmtree(to, ignore_errors=True)
    for name in files:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)


def package_files(files: Sequence[str]) -> set[str]:
    """Files of the package as they are called in a wheel."""
    return {name.removeprefix("src/") for name in files if name.startswith("src/scgan/")}


def check_wheel(wheel: Path, files: Sequence[str]) -> None:
    """Compare the contents of a wheel with the files of the package."""
    names = set(zipfile.ZipFile(wheel).namelist())
    _require_same(
        f"{wheel.name} lacks", package_files(files) - names, "package-data in pyproject.toml decides what comes along"
    )
    others = {name for name in names - package_files(files) if ".dist-info/" not in name}
    _require_same(f"{wheel.name} holds foreign files", others, "find out how they got in")


def check_sdist(sdist: Path, files: Sequence[str]) -> None:
    """Compare the contents of an sdist with the files of the package and ``SDIST_EXTRAS``."""
    top = sdist.name.removesuffix(".tar.gz")
    with tarfile.open(sdist) as archive:
        names = {member.name.removeprefix(f"{top}/") for member in archive.getmembers() if member.isfile()}
    wanted = {name for name in files if name.startswith("src/scgan/")} | set(SDIST_EXTRAS)
    _require_same(f"{sdist.name} lacks", wanted - names, "MANIFEST.in decides what comes along")
    others = {name for name in names - wanted if "egg-info" not in name} - {"PKG-INFO", "setup.cfg", "MANIFEST.in"}
    _require_same(f"{sdist.name} holds foreign files", others, "MANIFEST.in decides what comes along")


def _require_same(what: str, names: set[str], cure: str) -> None:
    if names:
        raise Fault(f"{what} {', '.join(sorted(names)[:5])} ({len(names)} in all): {cure}.")


class Environment:
    """A new virtual environment."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        self.bin = folder / "bin"

    def install(self, *words: str | Path) -> None:
        """Run ``pip install`` with the pinned versions."""
        constraints = ROOT / "constraints.txt"
        self.run("python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c", constraints, *words)

    def run(self, program: str, *words: str | Path, cwd: Path | None = None, **variables: str) -> str:
        """Run a program of the environment; returns what it printed."""
        command = [str(self.bin / program), *map(str, words)]
        outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        path = f"{self.bin}{os.pathsep}{os.environ.get('PATH', '')}"
        done = subprocess.run(
            command, cwd=cwd, env={**outside, "PATH": path, **variables}, capture_output=True, text=True
        )
        if done.returncode:
            raise Fault(f"`{program} {' '.join(map(str, words))}` ended with {done.returncode}: {done.stderr[-1500:]}")
        return done.stdout


def build(tools: Environment, work: Path, dist: Path) -> tuple[Path, Path]:
    """Build the sdist and the wheel from it; returns both. Refuses if the checkout gives another wheel."""
    files = tracked_files()
    copy_checkout(files, work / "checkout")
    commit_time = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    for folder, words in ((dist, ()), (work / "direct", ("--wheel",))):
        shutil.rmtree(folder, ignore_errors=True)
        words = ("-m", "build", *words, "--outdir", str(folder), str(work / "checkout"))
        tools.run("python", *words, SOURCE_DATE_EPOCH=commit_time)
    name = f"scgan-{version()}"
    sdist, wheel = dist / f"{name}.tar.gz", dist / f"{name}-py3-none-any.whl"
    check_sdist(sdist, files)
    check_wheel(wheel, files)
    if wheel.read_bytes() != (work / "direct" / wheel.name).read_bytes():
        raise Fault(f"{sdist.name} and the checkout build different wheels: compare {dist} with {work / 'direct'}.")
    tools.run("twine", "check", "--strict", sdist, wheel)
    return sdist, wheel


def use(user: Environment, dist: Path, folder: Path) -> None:
    """Install the wheel by its name from ``dist`` and use it in an empty folder."""
    user.install("torch")
    user.install("--no-index", "--no-deps", "--find-links", dist, f"scgan=={version()}")
    user.install("scgan[studio,onnx]")  # is installed: brings what it needs
    user.run("python", "-m", "pip", "check")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cache = {"XDG_CACHE_HOME": str(folder / "cache")}
    if (said := user.run("scgan", "--version", cwd=folder).strip()) != f"scgan {version()}":
        raise Fault(f"`scgan --version` says {said!r} instead of scgan {version()}.")
    place = user.run("python", "-c", "import scgan; print(scgan.__file__)", cwd=folder).strip()
    if Path(place).is_relative_to(ROOT / "src"):
        raise Fault(f"{place} is the checkout's: the environment does not use the wheel.")
    user.run("scgan", "show", "--out", "page.html", cwd=folder, **cache)
    user.run("scgan", "generate", "faces", "--per-mask", "1", "--out", "images", cwd=folder, **cache)
    manifest = json.loads((folder / "images" / "manifest.json").read_text(encoding="utf-8"))
    if not manifest or not list((folder / "images" / "images").iterdir()):
        raise Fault(f"`scgan generate` left no images in {folder / 'images'}.")
    user.run("scgan", "studio", "--help", cwd=folder)


def report(files: Mapping[str, Path], began: float) -> None:
    """Print the sizes of the files."""
    for name, file in files.items():
        print(f"{name}: {file} ({file.stat().st_size:,} bytes)")
    print(f"the release is good ({time.monotonic() - began:.0f} s); upload: twine upload {files['wheel'].parent}/*")


def main() -> int:
    """Check everything; 1 at the first fault."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tag", help="tag of the release, like v0.1.0")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "release", help="folder for all that is written")
    options = parser.parse_args()
    began, work = time.monotonic(), options.work.resolve()
    try:
        if options.tag:
            check_tag(options.tag, (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
        tools = Environment(work / "tools")
        tools.install("build", "twine")
        sdist, wheel = build(tools, work, work / "dist")
        use(Environment(work / "user"), work / "dist", work / "used")
    except Fault as fault:
        print(f"not ready: {fault}", file=sys.stderr)
        return 1
    report({"sdist": sdist, "wheel": wheel}, began)
    return 0


if __name__ == "__main__":
    sys.exit(main())
