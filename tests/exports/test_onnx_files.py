"""ONNX files: complete or absent, equal to PyTorch, described by their metadata, at home without scgan."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import scgan
from doc_commands import DOCS, blocks
from quick_graders import cache_quick_graders
from same_images import assert_same_images
from scgan.cli import main
from scgan.exports import onnx_files
from scgan.models.folder import load_model, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.networks.segmentor import Segmentor

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

OPTIONS = ["--format", "onnx", "--out", "my-onnx", "--title", "Toys", "--license", "cc0-1.0", "--data-note", "Drawn."]


@pytest.fixture(scope="module")
def model(tiny_model: Path, toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model folder with a segmentor; graders of its data are in the cache beside it."""
    folder = tmp_path_factory.mktemp("onnx") / "model"
    torch.manual_seed(1)
    model = load_model(tiny_model)
    segmentor = Segmentor(model.schema.class_count, model.config.segmentor.width)
    save_model(folder, model._replace(networks=TrainedNetworks(model.generator, segmentor)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        cache_quick_graders(toy_data)
    return folder


@pytest.fixture(autouse=True)
def home(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(model.parent / "cache"))
    monkeypatch.chdir(tmp_path)


def test_the_files(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(model), *OPTIONS]) == 0
    files = {path.name for path in Path("my-onnx").iterdir()}
    assert files == {"generator.onnx", "segmentor.onnx", "grader.onnx", "attribute-grader.onnx", "mask.png"}
    lines = capsys.readouterr().out.splitlines()
    assert "docs/export.md" in lines[-1] and len(lines) == len(files) + 2
    schema = load_model(model).schema
    for file in Path("my-onnx").glob("*.onnx"):
        proto = onnx.load(file)
        onnx.checker.check_model(proto, full_check=True)
        about = {entry.key: entry.value for entry in proto.metadata_props}
        assert (about["title"], about["license"], about["data_note"]) == ("Toys", "cc0-1.0", "Drawn.")
        assert about["network"] == file.stem
        assert json.loads(about["schema"]) == json.loads(json.dumps(schema.to_json()))
        shapes = [value.type.tensor_type.shape.dim[0].dim_param for value in [*proto.graph.input, *proto.graph.output]]
        assert set(shapes) == {"batch"}
    with Image.open("my-onnx/mask.png") as mask:
        np.testing.assert_array_equal(np.asarray(mask), load_model(model).examples.segmentations[0])


def test_the_files_compute_what_pytorch_computes(model: Path) -> None:
    assert main(["export", str(model), *OPTIONS]) == 0
    synthesizer = scgan.load(model, engine="torch")
    masks, attributes, _ = synthesizer.examples
    latents = synthesizer.sample_latent(len(masks), 5)
    run = {file.stem: onnxruntime.InferenceSession(file).run for file in Path("my-onnx").glob("*.onnx")}
    inputs = {"segmentation": masks, "latent": latents, "attributes": attributes}
    (images,) = run["generator"](None, inputs)
    assert_same_images(images, synthesizer.generate(masks, attributes, latents))
    (classes,) = run["segmentor"](None, {"images": images})
    expected = np.stack([synthesizer.segment(image) for image in images])
    assert classes.dtype == np.uint8 and (classes == expected).mean() > 0.999
    assert run["grader"](None, {"images": images})[0].shape == masks.shape
    (probabilities,) = run["attribute-grader"](None, {"images": images})
    assert probabilities.shape == attributes.shape and 0 <= probabilities.min() <= probabilities.max() <= 1


def test_the_script_of_the_documentation(model: Path) -> None:
    """Run it as written, in a process that may import neither scgan nor torch."""
    assert main(["export", str(model), *OPTIONS]) == 0
    (script,) = blocks(DOCS / "export.md", "python")
    assert len(script.strip().splitlines()) <= 20
    refused = "import sys; sys.modules['scgan'] = sys.modules['torch'] = None\n"
    process = subprocess.run([sys.executable, "-c", refused + script], capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert "Toys cc0-1.0" in process.stdout
    with Image.open("four.png") as image:
        assert image.size == (128, 32)


def test_files_that_are_off_leave_nothing(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Files are refused by a tolerance below zero, in place of a broken kernel."""
    for name, message in (
        ("scgan.engines.generator_file.MAX_DIFFERENCE", "onnxruntime generates images of this model that are up to"),
        ("scgan.exports.onnx_files.MAX_OTHER_PIXELS", "the exported segmentor finds another class than PyTorch in"),
        ("scgan.exports.onnx_files.MAX_PROBABILITY_DIFFERENCE", "probabilities of the exported attribute-grader are"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(name, -1.0)
            assert main(["export", str(model), *OPTIONS]) == 2
        assert message in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []


def test_refusals(model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(model), *OPTIONS, "--data", "toys"]) == 2
    assert "--data describes the data in a model card: leave it out with --format onnx" in capsys.readouterr().err
    Path("my-onnx").mkdir()
    assert main(["export", str(model), *OPTIONS]) == 2
    assert "my-onnx exists already" in capsys.readouterr().err
    Path("my-onnx").rmdir()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert main(["export", str(model), *OPTIONS]) == 2
    assert "--format onnx needs onnxruntime: pip install 'scgan[onnx]'" in capsys.readouterr().err
    assert not Path("my-onnx").exists()


def test_files_are_replaced_on_request(model: Path) -> None:
    for overwrite in ([], ["--overwrite"]):
        assert main(["export", str(model), *OPTIONS, *overwrite]) == 0
    assert (Path("my-onnx") / onnx_files.GENERATOR).is_file()
