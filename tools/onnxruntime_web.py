"""Fetch ONNX Runtime Web, which ``scgan export --format web`` copies, into ``src/scgan/exports/static/onnxruntime``.

    python tools/onnxruntime_web.py

It needs npm. For another version, change ``VERSION`` and ``INTEGRITY`` (``npm view onnxruntime-web@VERSION
dist.integrity``), and the version in LICENSE.txt.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

VERSION = "1.30.0"
INTEGRITY = "q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ=="
"""SHA-512 of the package, as the registry states it."""

TARGET = Path(__file__).resolve().parents[1] / "src" / "scgan" / "exports" / "static" / "onnxruntime"

# The smallest files that run on a CPU. Some hosts send .mjs with a type that browsers refuse, so it becomes .js.
SCRIPT = ("ort.wasm.bundle.min.mjs", "ort.wasm.bundle.min.js")
RUNTIME = ("ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.wasm.gz")


def main() -> None:
    with TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"onnxruntime-web@{VERSION}"], cwd=folder, check=True)
        (package,) = Path(folder).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
        if digest != INTEGRITY:
            sys.exit(f"{package.name} has the SHA-512 {digest}, not {INTEGRITY}: nothing was changed.")
        with tarfile.open(package) as archive:
            (TARGET / SCRIPT[1]).write_bytes(_read(archive, SCRIPT[0]))
            (TARGET / RUNTIME[1]).write_bytes(gzip.compress(_read(archive, RUNTIME[0]), mtime=0))


def _read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(f"package/dist/{name}")
    assert file is not None, name
    return file.read()


if __name__ == "__main__":
    main()
