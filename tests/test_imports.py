"""Directions of imports, and late imports of heavy packages."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from patience import MAX_SECONDS
from scgan.cli import COMMANDS

SOURCE = Path(__file__).resolve().parents[1] / "src" / "scgan"

LAYERS = [
    ["__main__"],
    ["cli"],
    ["commands"],
    ["api"],
    ["synthesis", "exports", "comparison"],
    ["studio"],
    ["reports"],
    ["runs", "evaluation", "interpolation", "editing"],
    ["inference"],
    ["engines"],
    ["inversion"],
    ["graders"],
    ["models"],
    ["recipes"],
    ["methods"],
    ["training", "networks", "losses", "onnx"],
    ["data"],
    ["faces"],
    ["config"],
    ["schema"],
    ["utils"],
]
"""Layers from top to bottom: a part imports only parts of lower lines, none of its own line."""

# Slow to import, and needed only by generation and training.
HEAVY = {"torch", "lightning_fabric", "dlib", "h5py", "scipy", "tensorboard", "safetensors"} | {
    *("onnx", "onnxruntime", "openvino", "dask", "distributed", "ai_edge_litert"),
}


def layer_of(part: str) -> int:
    layers = [number for number, names in enumerate(LAYERS) if part in names]
    assert layers, f"{part} is in no layer: add it to LAYERS"
    return layers[0]


def module_of(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imported(file: Path) -> list[tuple[str, bool]]:
    """Imports of a file, each with True if it runs when the file is imported, False if it is in a function."""
    return list(_imported(file))


def _imported(file: Path) -> Iterator[tuple[str, bool]]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    in_functions = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) not in in_functions) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}: a relative import"
            for alias in node.names:
                # "from scgan import losses" names a module, "from scgan.utils.errors import UserError" what is in one.
                name = f"{node.module}.{alias.name}" if node.module == "scgan" else str(node.module)
                yield name, id(node) not in in_functions


FILES = sorted(SOURCE.rglob("*.py"))


def test_imports_point_down() -> None:
    for file in FILES:
        if module_of(file) == "scgan":
            continue
        mine = module_of(file).split(".")[1]
        for name, _ in imported(file):
            package, *rest = name.split(".")
            if package == "scgan" and rest[:1] != [mine]:
                assert rest, f"{file} imports the public names instead of where they are"
                assert layer_of(rest[0]) > layer_of(mine), f"{file} imports {name}"


def test_the_metrics_import_nothing_of_ours() -> None:
    assert not [name for name, _ in imported(SOURCE / "evaluation" / "metrics.py") if name.startswith("scgan")]


@pytest.mark.parametrize("file", sorted((SOURCE / "data").glob("*.py")), ids=module_of)
def test_the_data_layer_knows_no_torch(file: Path) -> None:
    assert not {name.split(".")[0] for name, _ in imported(file)} & {"torch", "lightning_fabric"}


@pytest.mark.parametrize("name", COMMANDS)
def test_commands_import_nothing_heavy_at_once(name: str) -> None:
    """Read from the source, so that one command's imports cannot hide those of another."""
    seen: set[Path] = set()

    def heavy(file: Path) -> set[str]:
        seen.add(file)
        packages = set()
        for name, at_once in imported(file):
            if not at_once:
                continue
            if name.split(".")[0] != "scgan":
                packages |= {name.split(".")[0]} & HEAVY
                continue
            path = SOURCE.parent.joinpath(*name.split("."))
            for next_file in (path.with_suffix(".py"), path / "__init__.py"):
                if next_file.exists() and next_file not in seen:
                    packages |= heavy(next_file)
        return packages

    assert not heavy(SOURCE / "commands" / f"{name.replace('-', '_')}.py")


def test_help_comes_without_torch() -> None:
    """Runs in a new process, because other tests have imported torch in this one."""
    code = f"""
import sys
from importlib import import_module
from scgan.cli import main
assert main(["--help"]) == 0
for name in {list(COMMANDS)}:
    import_module(f"scgan.commands.{{name.replace('-', '_')}}")
print(sorted({HEAVY} & set(sys.modules)))
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=MAX_SECONDS)
    assert process.returncode == 0, process.stderr
    assert process.stdout.splitlines()[-1] == "[]"
