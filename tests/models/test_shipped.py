"""Models that come with scgan: size, files, and scores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from doc_commands import DOCS
from scgan.cli import main
from scgan.evaluation.metrics import confusion_matrices, derangement, pixel_accuracy
from scgan.graders.folder import load_grader_network
from scgan.graders.grader import AttributeGrader, Grader
from scgan.graders.kinds import ATTRIBUTES, MASKS
from scgan.inference.synthesizer import load
from scgan.inversion.invert import InversionSettings
from scgan.models.description import read_description
from scgan.models.find import find_model, shipped_models

SIZES = {"earth": 128, "faces": 128, "fashion": 128}
NAMES = list(SIZES)
MAX_BYTES = 8_000_000


def mask_accuracy(masks: NDArray[np.uint8], segmented: NDArray[np.uint8], class_count: int) -> float:
    return float(pixel_accuracy(confusion_matrices(masks, segmented, class_count).sum(0)))


def test_there_are_three() -> None:
    assert list(shipped_models()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_is_small_and_complete(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = find_model(name)
    files = {file.relative_to(folder).as_posix(): file.stat().st_size for file in folder.rglob("*") if file.is_file()}
    assert {"model.safetensors", "model.json", "examples.npz", "README.md"} <= files.keys()
    assert {"grader/grader.safetensors", "attribute-grader/grader.safetensors"} <= files.keys()
    assert sum(files.values()) <= MAX_BYTES
    description = read_description(folder)
    scores = description.scores
    assert scores is not None and scores["step"] == description.step
    assert {part["data"] for key, part in scores.items() if key != "step"} == {description.fingerprint}
    assert description.schema.image_size == SIZES[name] and description.about.title and description.about.data_note
    assert main(["models", name]) == 0
    assert description.about.title in capsys.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_encoders_start_inversions(name: str) -> None:
    """The guess for a generated image is nearer to it than four random latents, mostly."""
    model = load(name, engine="torch")
    encoder = model.encoder
    assert encoder is not None and encoder.folder == find_model(name) / "encoder"
    masks, attributes, _ = model.examples
    images = model.generate(masks[:3], attributes[:3], seed=5)
    settings = InversionSettings(steps=0, correction_steps=0, candidates=4)
    better = 0
    for image, mask, values in zip(images, masks, attributes, strict=False):
        begin = model.inverter(image, mask, values).begin
        better += begin(settings).distance < begin(replace(settings, encoder=False)).distance
    assert better >= 2


@pytest.mark.parametrize("name", NAMES)
def test_each_follows_its_masks_and_attributes(name: str) -> None:
    model, folder = load(name), find_model(name)
    schema, (masks, attributes, _) = model.schema, model.examples
    images = np.concatenate([model.generate(masks, attributes, seed=100 * turn) for turn in range(4)])
    requested = np.tile(masks, (4, 1, 1))
    grader = Grader(load_grader_network(MASKS, folder / MASKS.name, schema), schema, "shipped")
    segmented = grader.segment(images)
    shuffled = requested[derangement(len(masks), 0)[np.arange(len(requested)) % len(masks)]]
    accuracy = mask_accuracy(requested, segmented, schema.class_count)
    floor = mask_accuracy(shuffled, segmented, schema.class_count)
    assert accuracy > floor + 0.5 * (1 - floor)

    attribute_grader = AttributeGrader(
        load_grader_network(ATTRIBUTES, folder / ATTRIBUTES.name, schema), schema, "shipped"
    )
    means = []
    for attribute in schema.attribute_names:
        probabilities = attribute_grader.probabilities(model.generate(masks, attribute, seed=7))
        means.append(probabilities.mean(0))
    matrix = np.array(means)  # (requested, seen)
    assert np.diag(matrix).mean() > (matrix.sum() - np.trace(matrix)) / (matrix.size - len(matrix)) + 0.2

    first, second = (model.generate(masks, attributes, seed=seed).astype(np.float64) / 255 for seed in (1, 1000))
    assert np.abs(first - second)[masks == 0].mean() > 0.02


@pytest.mark.parametrize("name", NAMES)
def test_shuffled_masks_are_no_better_than_chance(name: str) -> None:
    """A grader that accepts every image would fail here."""
    model, folder = load(name), find_model(name)
    masks, attributes, _ = model.examples
    grader = Grader(load_grader_network(MASKS, folder / MASKS.name, model.schema), model.schema, "shipped")
    scores = model.scores
    assert scores is not None
    shuffled = masks[derangement(len(masks), 0)]
    value = mask_accuracy(shuffled, grader.segment(model.generate(masks, attributes)), model.schema.class_count)
    assert value < scores["spatial"]["pixel_accuracy"]["floor"] + 0.05


def test_the_scores_of_the_card_can_be_measured_again(shared_data: Path, tmp_path: Path) -> None:
    """With the commands of docs/models.md, on the real photos."""
    ccp, data, out = shared_data / "ccp", tmp_path / "data", tmp_path / "scores.json"
    command = ["prepare", "folder", "--images", ccp / "images", "--masks", ccp / "masks"]
    command += ["--classes", ccp / "classes.json", "--table", ccp / "attributes.csv", "--columns", "color"]
    command += ["--merge", DOCS / "ccp-merge.yaml", "--crop", "foreground", "--size", "128", "--out", data]
    assert main([str(argument) for argument in command]) == 0
    assert main(["evaluate", "fashion", "--data", str(data), "--out", str(out)]) == 0
    measured, claimed = json.loads(out.read_text()), read_description(find_model("fashion")).scores
    assert claimed is not None
    for part in ("spatial", "diversity"):
        assert measured[part]["data"] == claimed[part]["data"]
    # The card has scores of full-precision weights; another processor rounds differently.
    for name in ("floor", "model", "ceiling"):
        assert measured["spatial"]["pixel_accuracy"][name] == pytest.approx(
            claimed["spatial"]["pixel_accuracy"][name], abs=0.003
        )
    assert measured["diversity"]["latent_background"] == pytest.approx(
        claimed["diversity"]["latent_background"], abs=0.003
    )
