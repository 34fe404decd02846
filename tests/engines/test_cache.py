"""Cache of exported generators: used, healed, bounded, safe for several processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

import scgan
from damage import flip_byte
from patience import MAX_SECONDS
from same_images import assert_same_images
from scgan.engines import cache
from scgan.engines.cache import open_cached
from scgan.engines.engine import DIGEST
from scgan.engines.names import load_file_engine
from scgan.models.folder import Model, load_model

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "scgan" / "engines"


@pytest.fixture
def model(tiny_model: Path) -> Model:
    return load_model(tiny_model)


def unpacked(file: Path) -> bytes:
    with ZipFile(file) as archive:
        return archive.read("generator.onnx")


def generate(model: Model) -> np.ndarray:
    engine = open_cached(load_file_engine("onnxruntime"), model)
    latents = np.ones((16, 8), np.float32)[: len(model.examples.segmentations)]
    return engine(model.examples.segmentations, latents, model.examples.attributes)


def test_a_file_is_written_once(model: Model, folder: Path) -> None:
    images = generate(model)
    (file,) = folder.iterdir()
    written = file.stat().st_mtime_ns, file.read_bytes()
    os.utime(file, ns=(1, 1))
    np.testing.assert_array_equal(generate(model), images)
    assert list(folder.iterdir()) == [file] and file.read_bytes() == written[1]
    assert file.stat().st_mtime_ns > 1  # used now, so it is removed last


def test_a_file_without_the_package_that_writes_it(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    images = generate(model)
    monkeypatch.setitem(sys.modules, "onnx", None)
    np.testing.assert_array_equal(generate(model), images)


@pytest.mark.parametrize("damage", ["empty", "truncated", "other model", "newer operators"])
@pytest.mark.parametrize("name", ["onnxruntime", "openvino"])
def test_a_damaged_file_is_named_and_written_again(
    name: str, damage: str, model: Model, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip(name)
    generate(model)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    graph = unpacked(file)
    proto = onnx.load_model_from_string(graph)
    if damage == "other model":
        next(entry for entry in proto.metadata_props if entry.key == DIGEST).value = "0"
    elif damage == "newer operators":
        proto.opset_import[0].version = 99
        proto.ir_version = 99
    broken = {"empty": b"", "truncated": graph[:1000]}.get(damage, proto.SerializeToString())
    with ZipFile(file, "w") as archive:
        archive.writestr("generator.onnx", broken)
    engine = open_cached(load_file_engine(name), model)
    error = capfd.readouterr().err
    if (name, damage) == ("openvino", "newer operators"):
        return  # OpenVINO reads what it knows of it
    other = damage == "other model" or (name, damage) == ("openvino", "empty")
    reason = "is the ONNX file of another model" if other else f"cannot be read by {name}"
    assert str(file) in error and reason in error and error.rstrip().endswith("it is written again.")
    assert error.count("\n") == 1
    assert file.read_bytes() == content
    assert engine.digest == file.name.partition(".")[0]


@pytest.mark.parametrize("place", [0, 0.3, 0.6, 0.9])
def test_a_flipped_byte_is_noticed(place: float, model: Model, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    images = generate(model)
    (file,) = folder.iterdir()
    content = file.read_bytes()
    flip_byte(file, int(place * (len(content) - 40)))
    np.testing.assert_array_equal(generate(model), images)
    assert f"{file} is damaged (" in capfd.readouterr().err
    assert file.read_bytes() == content


def test_other_weights_have_another_file(model: Model, folder: Path) -> None:
    generate(model)
    next(model.generator.parameters()).data += 1
    generate(model)
    assert len(list(folder.iterdir())) == 2


def test_the_number_of_files_is_bounded(model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(parents=True)
    for number in range(cache.MAX_FILES):
        file = folder / f"{number}.onnx.zip"
        file.touch()
        os.utime(file, (number, number))
    generate(model)
    names = {file.name for file in folder.iterdir()}
    assert len(names) == cache.MAX_FILES and "0.onnx.zip" not in names and "1.onnx.zip" in names


def test_a_cache_that_cannot_be_written(model: Model, folder: Path, tiny_model: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file")
    with pytest.raises(scgan.UserError, match=r"the cache .* cannot be written \(.*\): set XDG_CACHE_HOME"):
        generate(model)


def test_two_processes_at_once(tiny_model: Path, folder: Path) -> None:
    code = f"import scgan; print(scgan.load({str(tiny_model)!r}, engine='onnxruntime').generate([[0] * 32] * 32).sum())"
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=MAX_SECONDS) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert len({output for output, _ in outputs}) == 1
    assert [file.suffix for file in folder.iterdir()] == [".zip"]


def test_images_that_are_off_are_refused(model: Model, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Graph of other values than PyTorch's: the tolerance is set below zero in place of breaking a kernel."""
    monkeypatch.setattr("scgan.engines.generator_file.MAX_DIFFERENCE", -1)
    with pytest.raises(scgan.UserError, match=r"onnxruntime generates images of this model that are up to [01] of 255"):
        generate(model)
    assert not list(folder.glob("*"))


def test_commands_give_the_same_images(tiny_model: Path) -> None:
    one, other = (scgan.load(tiny_model, engine=name) for name in ("torch", "onnxruntime"))
    masks = one.examples.segmentations
    assert_same_images(one.generate(masks, seed=3), other.generate(masks, seed=3))
