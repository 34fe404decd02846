"""A model folder as a function: shapes, ranges, seeds; errors of damaged folders."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import scgan
from damage import reseal_model
from same_images import assert_same_images
from scgan import Synthesizer, UserError
from scgan.cli import main
from scgan.models.folder import load_model, save_model


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Synthesizer:
    return scgan.load(tiny_model)


@pytest.fixture
def copy(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "model"))


def some_masks(count: int = 3) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 7, (count, 4, 4), np.uint8).repeat(8, 1).repeat(8, 2)


def test_shapes_and_types(model: Synthesizer) -> None:
    masks = some_masks()
    images = model.generate(masks, np.zeros((3, 5)), np.zeros((3, 8)))
    assert images.shape == (3, 32, 32, 3) and images.dtype == np.uint8
    assert model.generate(masks[0]).shape == (32, 32, 3)
    assert model.generate(masks[0], latent=np.zeros((4, 8))).shape == (4, 32, 32, 3)
    assert model.generate(masks[0], np.zeros((2, 5))).shape == (2, 32, 32, 3)
    assert model.generate(masks[:1]).shape == (1, 32, 32, 3)
    assert model.generate(masks[:0]).shape == (0, 32, 32, 3)
    assert model.generate(masks.astype(np.int64)[0]).dtype == np.uint8


def test_a_single_input_is_used_for_all_images(model: Synthesizer) -> None:
    masks, attributes, latent = some_masks(), np.array([1, 0, 0, 1, 0]), np.linspace(-1, 1, 8)
    assert_same_images(
        model.generate(masks, attributes, latent),
        model.generate(masks, np.stack([attributes] * 3), np.stack([latent] * 3)),
    )


def test_attributes_by_name(model: Synthesizer) -> None:
    masks = some_masks()
    by_name = model.generate(masks, "Blond_Hair,Male=0.5", seed=3)
    assert_same_images(by_name, model.generate(masks, np.array([0, 1, 0, 0.5, 0]), seed=3))
    assert (by_name != model.generate(masks, "", seed=3)).any()


def test_row_i_depends_on_seed_plus_i_alone(model: Synthesizer) -> None:
    latents = model.sample_latent(5, seed=10)
    assert latents.shape == (5, 8) and latents.dtype == np.float32
    for row in range(5):
        np.testing.assert_array_equal(latents[row], model.sample_latent(1, seed=10 + row)[0])
    assert len(np.unique(latents)) == 40
    mask = some_masks()[0]
    many = model.generate(np.stack([mask] * 4), seed=6)
    for row in range(4):
        assert_same_images(many[row], model.generate(mask, seed=6 + row))


def test_latents_are_standard_normal(model: Synthesizer) -> None:
    latents = model.sample_latent(2000, seed=0)
    assert abs(latents.mean()) < 0.03 and latents.std() == pytest.approx(1, abs=0.03)


def test_many_images_are_generated_in_batches(model: Synthesizer) -> None:
    mask = some_masks()[0]
    images = model.generate(np.stack([mask] * 40), seed=0)  # more than one batch
    assert_same_images(images[39], model.generate(mask, seed=39))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"segmentation": np.zeros((16, 16), int)}, r"segmentation has shape \(16, 16\); expected \(32, 32\) or \(N,"),
        ({"segmentation": np.zeros((2, 2, 32, 32), int)}, r"segmentation has shape \(2, 2, 32, 32\)"),
        ({"segmentation": np.zeros((32, 32))}, r"holds class indices \(integers\), not float64"),
        ({"segmentation": np.full((32, 32), 7)}, r"class index 7 is out of range, there are 7 classes \(0…6\)"),
        ({"segmentation": np.full((32, 32), -1)}, r"class index -1 is out of range"),
        ({"attributes": "Bald"}, r"unknown attribute 'Bald'; known are Black_Hair, Blond_Hair"),
        ({"attributes": "Male,Male=0.5"}, r"^attribute 'Male' is given twice\.$"),
        ({"attributes": "Male=half"}, r"^attribute 'Male' has value 'half', which is not a number\.$"),
        ({"attributes": "Male=2"}, r"attribute 'Male' has value 2, which is not between 0 and 1"),
        ({"attributes": "Black_Hair,Blond_Hair"}, r"exclude each other, but their sum is 2"),
        ({"attributes": np.zeros(4)}, r"attributes has shape \(4,\); expected \(5,\) or \(N, 5\)"),
        ({"attributes": np.full(5, 2.5)}, r"attributes reach from 2.5 to 2.5; they must lie in \[-1, 2\]"),
        ({"attributes": np.full(5, np.nan)}, r"attributes must be finite numbers"),
        ({"attributes": np.array(["a"] * 5)}, r"attributes must be finite numbers"),
        ({"latent": np.zeros(9)}, r"latent has shape \(9,\); expected \(8,\) or \(N, 8\)"),
        ({"latent": np.full(8, np.inf)}, r"latent must be finite numbers"),
        ({"segmentation": some_masks(3), "latent": np.zeros((2, 8))}, r"different numbers of images: \[2, 3\]"),
        ({"attributes": np.zeros((2, 5)), "latent": np.zeros((4, 8))}, r"different numbers of images: \[2, 4\]"),
    ],
)
def test_bad_input(model: Synthesizer, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        model.generate(**{"segmentation": some_masks()[0], **arguments})


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_an_unknown_device(tiny_model: Path, device: str) -> None:
    with pytest.raises(UserError, match=rf"device '{device}' cannot be used here"):
        scgan.load(tiny_model, device)


def test_a_folder_is_complete(model: Synthesizer, toy_data: Path) -> None:
    assert model.schema.class_names[:3] == ("background", "skin", "eyebrows")
    assert model.schema.attribute_names[3] == "Male"
    assert model.model.step == 7 and model.latent_size == 8
    assert len(model.fingerprint) == 16
    assert model.examples.segmentations.shape == (6, 32, 32)  # all of the test split
    assert model.examples.landmarks is not None and model.examples.landmarks.shape == (6, 68, 2)
    rows = np.load(toy_data / "split_rows.npy")[-6:]
    np.testing.assert_array_equal(model.examples.segmentations, np.load(toy_data / "segmentations.npy")[rows])


def test_half_precision_takes_half_the_space_and_changes_little(tiny_model: Path, tmp_path: Path) -> None:
    save_model(tmp_path / "half", load_model(tiny_model), half=True)
    sizes = [(folder / "model.safetensors").stat().st_size for folder in (tiny_model, tmp_path / "half")]
    assert sizes[1] < 0.7 * sizes[0]
    whole, half = (scgan.load(folder).generate(some_masks(), seed=1) for folder in (tiny_model, tmp_path / "half"))
    assert np.abs(whole.astype(int) - half).max() <= 4


def test_a_run_folder_is_read_as_its_model(tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "run" / "model")
    assert scgan.load(tmp_path / "run").model.step == 7
    assert scgan.load(str(tmp_path / "run")).model.step == 7


def change_json(**changes: Any) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        values = json.loads((folder / "model.json").read_text())
        for name, value in changes.items():
            *path, last = name.split("__")
            part = values
            for key in path:
                part = part[key]
            part[last] = value
        (folder / "model.json").write_text(json.dumps(values))
        reseal_model(folder)

    return change


def change_weights(change: Callable[[dict[str, torch.Tensor]], object]) -> Callable[[Path], object]:
    def spoil(folder: Path) -> None:
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors")
        reseal_model(folder)

    return spoil


def change_examples(**changes: np.ndarray) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        with np.load(folder / "examples.npz") as arrays:
            values = dict(arrays)
        np.savez(folder / "examples.npz", **values | changes)
        reseal_model(folder)

    return change


def forge(name: str, content: bytes) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)
        reseal_model(folder)

    return change


def cut(name: str) -> Callable[[Path], object]:
    return lambda folder: os.truncate(folder / name, (folder / name).stat().st_size // 2)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "model.json").unlink(), "has no model.json: it is neither a model folder nor"),
        (lambda folder: (folder / "model.json").write_text("{"), "model.json is damaged or was not written by scgan"),
        (lambda folder: (folder / "model.json").write_bytes(b"\xff\xfe"), "model.json is damaged"),
        (lambda folder: (folder / "model.json").write_text("[]"), "model.json is damaged"),
        (change_json(format=99), "has format 99, this version of scgan reads 2"),
        (change_json(step="many"), "model.json is damaged"),
        (change_json(config__method="gan"), "method is 'gan': it must be scgan"),
        (change_json(config__generator__width=0), "generator.width is 0: it must be a whole number from 1 to 1024"),
        (change_json(config__generator__width="wide"), "generator.width is wide: it must be a whole number"),
        (change_json(config__generator__color="red"), "does not hold a configuration of this version"),
        (change_json(schema__class_names=3), "does not hold a readable schema"),
        (
            change_json(config__generator__width=4096),
            "generator.width is 4096: it must be a whole number from",
        ),
        (change_json(config__generator__width=1000), r"model.safetensors is damaged or does not fit .*size mismatch"),
        (
            change_json(config__generator__latent_size=10**9),
            "latent_size is 1000000000: it must be a whole number",
        ),
        (change_json(config__method="x" * 9999), r"method is 'x{70,90}…: it must be"),
        (
            change_json(schema__attribute_names=[str(n) for n in range(10_001)]),
            "at most 10000 attributes",
        ),
        (
            change_json(schema__class_colors=[[0, 0, 999]] * 7),
            "a class colour has a value that is not between",
        ),
        (change_json(about={"title": "\ud800"}), "a text in it holds half a character"),
        (lambda folder: (folder / "model.json").write_text("[" * 100_000), "is damaged .*nested too deeply"),
        (change_examples(segmentations=np.zeros((70_000, 32, 32), np.uint8)), "its arrays have .* bytes, more than"),
        (change_json(config__generator__width=6), r"model.safetensors is damaged or does not fit .*size mismatch"),
        (lambda folder: (folder / "model.safetensors").unlink(), r"model.safetensors is damaged \(No such file"),
        (cut("model.safetensors"), r"model.safetensors is damaged \(it is not the file that model.json describes\)"),
        (forge("model.safetensors", b"nothing"), "model.safetensors is damaged or does not fit"),
        (change_weights(lambda weights: weights.popitem()), "model.safetensors is damaged .*Missing key"),
        (change_weights(lambda weights: weights.update(more=torch.ones(1))), "model.safetensors .*Unexpected key"),
        (lambda folder: (folder / "examples.npz").unlink(), "examples.npz is damaged"),
        (forge("examples.npz", b""), "examples.npz is damaged"),
        (forge("examples.npz", b"text"), r"is damaged \(it is no archive\)\."),
        (cut("examples.npz"), "examples.npz is damaged"),
        (change_examples(attributes=np.zeros((6, 4), np.float32)), "examples.npz does not fit model.json"),
        (change_examples(segmentations=np.full((6, 32, 32), 9, np.uint8)), "examples.npz: class index 9 is out of"),
    ],
)
def test_damaged_folders(copy: Path, spoil: Callable[[Path], object], message: str) -> None:
    spoil(copy)
    with pytest.raises(UserError, match=message):
        scgan.load(copy)


def test_folders_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nowhere does not exist: give a model folder or the folder of a training run"):
        scgan.load(tmp_path / "nowhere")
    (tmp_path / "config.yaml").touch()
    with pytest.raises(UserError, match="is a training run that has not written a model yet"):
        scgan.load(tmp_path)


@pytest.mark.parametrize("file", ["model.safetensors", "examples.npz"])
def test_nothing_in_a_folder_is_executed(copy: Path, tmp_path: Path, file: str) -> None:
    """Pickles run code when they are read; one in place of the weights or examples is refused unread."""

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "executed"),)

    (copy / file).write_bytes(pickle.dumps(Evil()))
    reseal_model(copy)
    with pytest.raises(UserError, match=f"{file} is damaged"):
        scgan.load(copy)
    if file == "examples.npz":
        np.savez(copy / file, segmentations=np.array([Evil()]), attributes=np.zeros((1, 5), np.float32))
        reseal_model(copy)
        with pytest.raises(UserError, match=f"{file} is damaged"):
            scgan.load(copy)
    assert not (tmp_path / "executed").exists()


def test_a_generator_that_was_never_updated_is_refused(tiny_model: Path, tmp_path: Path, capfd: Any) -> None:
    model = load_model(tiny_model)
    save_model(tmp_path / "untrained", model._replace(generator_updates=0))
    save_model(tmp_path / "trained", model._replace(generator_updates=1))
    assert main(["generate", str(tmp_path / "untrained"), "--out", str(tmp_path / "images")]) == 2
    assert "was not trained yet, its images would be noise: resume the run with more" in capfd.readouterr().err
    assert not (tmp_path / "images").exists()
    assert main(["generate", str(tmp_path / "trained"), "--out", str(tmp_path / "images")]) == 0
