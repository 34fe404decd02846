"""Inversion: distances by hand, an image of the model is found again, stopping, continuing, seeds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import scgan
from scgan import Synthesizer, UserError
from scgan.inversion.distance import ImageDistance, class_weights
from scgan.inversion.invert import Inversion, InversionSettings, InversionStep
from scgan.utils.tensors import images_to_tensor

SHORT = InversionSettings(steps=12, correction_steps=12, candidates=4)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Synthesizer:
    return scgan.load(tiny_model, engine="torch")


@pytest.fixture(scope="module")
def image(model: Synthesizer) -> np.ndarray:
    """A toy face: what an untrained model cannot make."""
    from scgan.data.sources.toyfaces import ToyFaces

    return ToyFaces(1, 32).read(0).image


@pytest.fixture(scope="module")
def inversion(model: Synthesizer, image: np.ndarray) -> Inversion:
    return invert(model, image)


def invert(model: Synthesizer, image: np.ndarray, settings: InversionSettings = SHORT, **options: object) -> Inversion:
    return model.invert(image, model.examples.segmentations[0], "Young", settings=settings, **options)  # type: ignore[arg-type]


def test_class_weights_by_hand() -> None:
    mask = np.zeros((4, 4), np.uint8)
    mask[0, :4], mask[1, 0] = 1, 2
    weights = class_weights(mask)
    assert weights.mean() == pytest.approx(1)
    totals = [weights[mask == index].sum() / 16 for index in range(3)]
    assert totals == pytest.approx([0.3, 0.7 * 2 / 3, 0.7 / 3])
    np.testing.assert_allclose(class_weights(np.zeros((2, 2), np.uint8)), 1)
    np.testing.assert_allclose(class_weights(np.ones((2, 2), np.uint8)), 1)


def test_distance_of_pixels_by_hand() -> None:
    photo, weights = torch.zeros(1, 3, 16, 16), torch.ones(16, 16)
    distance = ImageDistance(photo, weights, None)
    images = torch.cat([photo, photo + 0.5])
    torch.testing.assert_close(distance(images), torch.tensor([0.0, 0.5]))
    checkered = photo.clone()
    checkered[..., ::2, ::2], checkered[..., 1::2, ::2] = 1, -1  # its means over 2×2 are 0
    torch.testing.assert_close(distance(checkered), torch.tensor([0.5 / 4]))


def test_latent_and_correction_come_nearer_to_the_photo(model: Synthesizer, image: np.ndarray) -> None:
    watched: list[InversionStep] = []
    settings = InversionSettings(steps=12, correction_steps=40, candidates=4)
    result = invert(model, image, settings, watch=lambda step: not watched.append(step))
    steps = [(step.stage, step.step, step.total) for step in watched]
    assert steps == [("latent", n, 12) for n in range(12)] + [("correction", n, 40) for n in range(40)]
    assert watched[0].inversion.distance <= result.random_distance
    assert result.distance < watched[11].inversion.distance <= watched[0].inversion.distance
    photo = images_to_tensor(image[None], torch.device("cpu"), torch.float32)[0]
    first, last = ((step.image - photo).abs().mean() for step in (watched[0], watched[-1]))
    assert last < first
    assert (result.steps, result.correction_steps) == (12, 40)
    made = model.corrected(result.correction).generate(result.segmentation, result.attributes, result.latent)
    plain = model.generate(result.segmentation, result.attributes, result.latent)
    assert np.abs(made - image.astype(float)).mean() < np.abs(plain - image.astype(float)).mean()


def test_latent_stays_near_the_normal_distribution(inversion: Inversion) -> None:
    assert 0.6 < np.square(inversion.latent).mean() < 1.5


def test_the_same_seed_gives_the_same_inversion(model: Synthesizer, image: np.ndarray, inversion: Inversion) -> None:
    again = invert(model, image)
    np.testing.assert_array_equal(again.latent, inversion.latent)
    other = invert(model, image, InversionSettings(steps=0, correction_steps=0, candidates=1, seed=1))
    assert np.abs(other.latent - inversion.latent).max() > 0.1 and other.correction is None


def test_stopped_and_continued(model: Synthesizer, image: np.ndarray) -> None:
    calls = iter([True] * 5 + [False])
    first = invert(model, image, watch=lambda step: next(calls))
    assert (first.steps, first.correction_steps, first.correction) == (5, 0, None)
    calls = iter([True] * 10 + [False])
    second = invert(model, image, start=first, watch=lambda step: next(calls))
    assert (second.steps, second.correction_steps) == (12, 3)
    third = invert(model, image, start=second)
    assert (third.steps, third.correction_steps) == (12, 12)
    assert third.distance <= second.distance + 1e-4
    assert first.distance <= first.random_distance


def test_bad_inputs(model: Synthesizer, image: np.ndarray) -> None:
    with pytest.raises(UserError, match=r"image has shape \(16, 16, 3\)"):
        invert(model, image[:16, :16])
    with pytest.raises(UserError, match=r"type float32; expected \(32, 32, 3\), uint8"):
        invert(model, image.astype(np.float32) / 255)
    with pytest.raises(UserError, match="type float64"):
        model.find_mask(image / 255)
    with pytest.raises(UserError, match="expected those of one image"):
        model.invert(image, model.examples.segmentations[0], np.zeros((1, model.schema.attribute_count)))
    with pytest.raises(UserError, match="class index 9"):
        model.invert(image, np.full((32, 32), 9, np.uint8))
    with pytest.raises(UserError, match="attributes has shape"):
        model.invert(image, model.examples.segmentations[0], np.zeros(3))
