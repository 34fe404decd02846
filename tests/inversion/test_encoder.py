"""Folder of an encoder: beside the model and in the cache, damage, other models, the start of inversions."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

import scgan
from scgan import UserError
from scgan.inversion.encoder import NAME, build_encoder, encoder_cache, find_encoder, load_encoder, write_encoder
from scgan.inversion.invert import InversionSettings
from scgan.models.folder import Model, load_model


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Model:
    """A copy of the tiny model, in a folder of its own, with an untrained encoder beside it."""
    shutil.copytree(tiny_model, tmp_path / "model")
    model = load_model(tmp_path / "model")
    (tmp_path / "model" / NAME).mkdir()
    torch.manual_seed(0)
    write_encoder(tmp_path / "model" / NAME, model, build_encoder(model), 3)
    return model


def beside(model: Model) -> Path:
    assert model.folder is not None
    return model.folder / NAME


def test_beside_the_model_or_in_the_cache(model: Model) -> None:
    assert find_encoder(model) == beside(model)
    cached = encoder_cache(model)
    shutil.copytree(beside(model), cached)
    try:
        shutil.rmtree(beside(model))
        assert find_encoder(model) == cached
        encoder = load_encoder(model)
        assert encoder is not None
        estimate = encoder(np.zeros((32, 32, 3), np.uint8), model.examples.segmentations[0])
        assert estimate.latent.shape == (8,) and ((estimate.attributes >= 0) & (estimate.attributes <= 1)).all()
    finally:
        shutil.rmtree(cached)
    assert load_encoder(model) is None


def test_damage_is_refused(model: Model) -> None:
    weights = beside(model) / "encoder.safetensors"
    content = weights.read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(UserError, match=r"is damaged or not an encoder's folder .*: remove it, or train it again"):
        load_encoder(model)
    weights.unlink()
    with pytest.raises(UserError, match="is damaged or not an encoder's folder"):
        load_encoder(model)
    (beside(model) / "encoder.json").write_text("{}")
    with pytest.raises(UserError, match="is damaged or not an encoder's folder"):
        load_encoder(model)


def test_the_encoder_of_another_model_is_not_used(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    with torch.no_grad():
        next(model.generator.parameters()).add_(1)
    assert load_encoder(model) is None
    assert "was trained for another model and is not used" in capsys.readouterr().err


def test_inversions_start_from_a_good_guess(model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    """A photo that the guess makes exactly: no random latent is nearer."""
    synthesizer = scgan.Synthesizer(model)
    mask, attributes = model.examples.segmentations[0], model.examples.attributes[0]
    assert synthesizer.encoder is not None
    image = np.full((32, 32, 3), 90, np.uint8)
    for _ in range(30):  # the untrained encoder's estimate of the image that its own estimate makes
        image = synthesizer.generate(mask, attributes, synthesizer.encoder(image, mask).latent)
    settings = InversionSettings(steps=0, correction_steps=0, candidates=4)
    guessed = synthesizer.invert(image, mask, attributes, settings=settings)
    assert "guesses the start" in capsys.readouterr().err
    np.testing.assert_array_equal(guessed.latent, synthesizer.encoder(image, mask).latent)
    settings = InversionSettings(steps=0, correction_steps=0, candidates=4, encoder=False)
    random = synthesizer.invert(image, mask, attributes, settings=settings)
    assert guessed.distance < random.distance and guessed.random_distance == pytest.approx(random.random_distance)
    assert "guesses" not in capsys.readouterr().err
