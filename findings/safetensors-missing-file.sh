#!/usr/bin/env bash
# safetensors 0.8.0: safe_open says "No such file or directory" of a file that is there, whatever kept it from being opened.
#
# Good guess: it raises what Python's open() raises: PermissionError for a file without read permission, OSError with EMFILE when
# no more files may be opened, with ELOOP for a link to itself; errno tells them apart.
# What happens: all of them are FileNotFoundError with the text "No such file or directory: PATH", and errno is None.
# Output seen: limit of open files: open() OSError 24, safe_open FileNotFoundError None · link to itself: open() OSError 40,
# safe_open FileNotFoundError None · (without root) no permission: open() PermissionError 13, safe_open FileNotFoundError None.
# Why it matters: a program that downloads or retrains what "does not exist" throws away a good model, because of a limit or a
# permission. Opening the file with open() first tells the truth.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q safetensors==0.8.0 numpy==2.4.6
cd "$dir"
"$dir/venv/bin/python" - <<'PY'
import os
import resource
import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

save_file({"weight": np.zeros(3, np.float32)}, "model.safetensors")
os.symlink("loop.safetensors", "loop.safetensors")


def seen(file: str) -> list[tuple[str, int | None]]:
    results = []
    for opening in (lambda: open(file, "rb"), lambda: safe_open(file, "numpy")):
        try:
            opening()
            results.append(("opened", None))
        except OSError as error:
            results.append((type(error).__name__, error.errno))
    return results


assert seen("model.safetensors") == [("opened", None)] * 2
outcomes = {"link to itself": seen("loop.safetensors")}
os.chmod("model.safetensors", 0)
if os.geteuid():
    outcomes["no permission"] = seen("model.safetensors")
os.chmod("model.safetensors", 0o600)
limits = resource.getrlimit(resource.RLIMIT_NOFILE)
os.close(free := os.dup(0))  # the next file would get this number
resource.setrlimit(resource.RLIMIT_NOFILE, (free, limits[1]))
outcomes["limit of open files"] = seen("model.safetensors")
resource.setrlimit(resource.RLIMIT_NOFILE, limits)
print(outcomes)
for name, (python, tensors) in outcomes.items():
    assert python[0] in ("OSError", "PermissionError") and python[1], (name, python)
    assert tensors == ("FileNotFoundError", None), (name, tensors)
PY
