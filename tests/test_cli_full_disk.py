"""Commands on a full disk: a sentence, exit code 1, nothing half-written, and the next run gives the whole result."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from quick_graders import cache_quick_graders
from scgan.cli import main
from tiny_runs import *  # noqa: F403

resource = pytest.importorskip("resource")

Run = Callable[..., int]


@contextmanager
def small_files(size: int) -> Iterator[None]:
    """Limit the size of files, which stands for a full disk: the system's calls fail at the same places."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture(scope="module", autouse=True)
def graders(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        cache_quick_graders(toy_data)
        yield


COMMANDS = {
    "prepare": "prepare toyfaces --count 40 --size 32 --processes 1 --out out",
    "inspect": "inspect {data} --sheet out",
    "generate": "generate {model} --per-mask 4 --engine torch --out out",
    "synthesize": "synthesize {model} --data {data} --count 40 --min-mask-iou 0 --engine torch --out out",
    "interpolate": "interpolate {model} --along latent --steps 4 --engine torch --out out.png",
    "interpolate gif": "interpolate {model} --along latent --steps 4 --engine torch --out out.gif",
    "interpolate mp4": "interpolate {model} --along latent --steps 12 --engine torch --out out.mp4",
    "grid": "grid {model} --count 2 --latents 2 --formats png --engine torch --out out",
    "evaluate": "evaluate {model} --data {data} --engine torch --out out",
    "export": "export {model} --out out",
    "onnx": "export {model} --format onnx --out out",
    "show": "show {model} --engine torch --out out",
    "report": "report {model} --data {data} --no-photos --out out",
    "cache": "generate {model} --engine onnxruntime --out out",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_full_disk(
    name: str,
    toy_data: Path,
    tiny_model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if name == "cache":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    command = [word.format(data=toy_data, model=tiny_model) for word in COMMANDS[name].split()]
    with small_files(300):
        code = main(command)
    said = capfd.readouterr().err
    assert code == 1, said
    assert said.count("cannot be written (") == 1 and "make room and run the same command again" in said
    assert "Traceback" not in said
    resumed = {"prepare": {"out.partial"}, "synthesize": set(), "cache": {"cache"}}.get(name, set())
    assert {path.name for path in tmp_path.iterdir()} <= resumed
    assert main(command) == 0
    assert not list(tmp_path.rglob("*.partial*")) + list(tmp_path.rglob(".*"))
    shutil.rmtree(tmp_path)


def test_training_on_a_full_disk(
    toy_data: Path,
    tmp_path: Path,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ["train", "--data", str(toy_data), "--out", "run", *arguments]
    for size in (300, 4000):  # no room for the first files, none for a checkpoint
        with small_files(size):
            assert main(command) == 1
        assert capfd.readouterr().err.count("cannot be written (") == 1
        shutil.rmtree("run", ignore_errors=True)
    with small_files(4000):
        assert main(command) == 1
    assert "make room, then resume with: scgan train --out run --resume" in capfd.readouterr().err
    assert main(["train", "--out", "run", "--resume"]) == 0
    assert (tmp_path / "run" / "model" / "model.json").is_file() and not list(tmp_path.rglob("*.partial*"))
