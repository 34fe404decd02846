"""Run the tests on several versions of Python.

    python tools/check_pythons.py                              # 3.11 to 3.14, the whole suite on each
    python tools/check_pythons.py --versions 3.12 -- -k schema

An interpreter is looked for on PATH, then in pyenv's folder; uv, where it is installed, downloads missing ones if it
can. Each version gets an environment in build/pythons/, which is used again. A version without an interpreter, or
without wheels of what the tests need, is listed with the reason and is no fault. Exits with 1 if tests failed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = (
    "landmarks,eval,video,studio,plots,onnx,openvino,hub,deepfashion,earth,annotations,tensorboard,cluster,parser,datasets,"
    "webdataset,dev"
)
SOURCE_ONLY = "efficientnet-lite-pytorch,face-recognition-models,docopt"
"""Dependencies without wheels: plain Python, which pip builds anywhere."""


def find_interpreter(version: str) -> Path | None:
    """Find a working interpreter: on PATH, in pyenv's folder, or by uv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{version}"), *sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)]
    for candidate in candidates:
        if candidate and _version_of(Path(candidate)) == version:
            return Path(candidate)
    return _from_uv(version)


def _version_of(interpreter: Path) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        return subprocess.run([interpreter, "-c", code], capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def _from_uv(version: str) -> Path | None:
    """Ask uv for an interpreter, which it downloads if need be."""
    uv = shutil.which("uv")
    if uv is None or subprocess.run([uv, "python", "install", version], capture_output=True).returncode:
        return None
    found = subprocess.run([uv, "python", "find", version], capture_output=True, text=True)
    return Path(found.stdout.strip()) if found.returncode == 0 else None


def prepare_environment(interpreter: Path, folder: Path) -> str:
    """Install scgan and what its tests need, torch first; returns the reason if that is impossible."""
    if (folder / "complete").is_file():
        return ""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([interpreter, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check", "-c"]
    only = ["--only-binary", ":all:", "--no-binary", SOURCE_ONLY]
    for words in (["setuptools"], ["torch"], ["--no-build-isolation", "-e", f"{ROOT}[{EXTRAS}]"]):
        done = subprocess.run([*pip, ROOT / "constraints.txt", *only, *words], capture_output=True, text=True)
        if done.returncode:
            errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or [done.stderr[-300:]]
            return f"no wheels: {errors[0]}"
    (folder / "complete").touch()
    return ""


def check(version: str, work: Path, words: Sequence[str]) -> tuple[str, bool]:
    """Run the tests on one version; returns a sentence, and whether tests failed."""
    interpreter = find_interpreter(version)
    if interpreter is None:
        return "not tested: no interpreter (install one, or uv, which downloads one from GitHub)", False
    reason = prepare_environment(interpreter, work / version)
    if reason:
        return f"not tested: {reason}", False
    log = work / f"{version}.txt"
    with log.open("w", encoding="utf-8") as file:
        command = [work / version / "bin" / "python", "-m", "pytest", "-q", *words]
        code = subprocess.run(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT).returncode
    last = (log.read_text(encoding="utf-8").splitlines() or ["no output"])[-1]
    return f"{last} ({log})", code != 0


def main() -> int:
    """Run the tests on each version and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--versions", nargs="+", default=VERSIONS)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "pythons", help="folder of the environments")
    parser.add_argument("words", nargs="*", help="arguments of pytest, behind --")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    failures = 0
    for version in options.versions:
        sentence, failed = check(version, options.work.resolve(), options.words or ["-n", "2", "--dist", "loadfile"])
        failures += failed
        print(f"Python {version}: {sentence}", flush=True)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
