"""SCGAN with an encoder that finds the latents of photos: which fakes it makes, its loss, its gradients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from scgan.config import Config
from scgan.data.prepared import PreparedDataset
from scgan.losses import reconstruction_loss
from scgan.methods.scgan import SCGAN
from scgan.networks.latent_encoder import LatentEncoder
from scgan.recipes import cpu, with_settings
from scgan.runs.train import train
from scgan.training.batches import Batch, Batches
from scgan.training.step_rng import StepRng
from scgan.utils.errors import UserError

COUNT = 8
EVERY = slice(0, COUNT)
CPU = torch.device("cpu")


def config(**changes: object) -> Config:
    tiny = {f"{network}.width": 4 for network in ("generator", "discriminator", "segmentor")}
    tiny |= {"generator.latent_size": 8, "training.batch_size": COUNT, "training.accelerator": "cpu"}
    return with_settings(cpu(), {**tiny, "segmentor.pretrain_steps": 0, "loss.reconstruction": 2.0, **changes})


@pytest.fixture
def batch(toy_data: Path) -> Batch:
    data = PreparedDataset.open(toy_data)
    return Batches(data, data.split("train"), COUNT, seed=0, flip=False).read(1, EVERY, CPU, torch.float32)


def rng() -> StepRng:
    return StepRng(0, 1, COUNT, EVERY, CPU, torch.float32)


def test_the_second_half_has_mask_attributes_and_latents_of_its_own_photos(toy_data: Path, batch: Batch) -> None:
    torch.manual_seed(0)
    method = SCGAN(PreparedDataset.open(toy_data).schema, config())
    seen: list[torch.Tensor] = []
    method.generator.register_forward_pre_hook(lambda module, inputs: seen.extend(inputs))
    method.discriminator_loss(batch, rng(), 1)
    masks, latent, attributes = seen[0].argmax(1), seen[1], seen[2]
    assert torch.equal(masks[4:], batch.segmentation[4:]) and torch.equal(attributes[4:], batch.attributes[4:])
    assert torch.equal(masks[0:4:2], masks[1:4:2]) and torch.equal(masks[0:4:2], batch.shuffled_segmentation[0:4:2])
    normal = rng().normal("latent", 8)
    assert torch.equal(latent[:4], normal[:4])
    assert method.encoder is not None
    expected = method.encoder(batch.image[4:]) + 0.5 * normal[4:]
    torch.testing.assert_close(latent[4:], expected / expected.square().mean(1, keepdim=True).sqrt())


def test_the_generators_update_trains_the_encoder_and_reuses_the_fakes(toy_data: Path, batch: Batch) -> None:
    method = SCGAN(PreparedDataset.open(toy_data).schema, config())
    (stage,) = method.stages()
    assert [len(update.networks) for update in stage.updates] == [1, 2]
    method.discriminator_loss(batch, rng(), 1)
    terms = method.generator_loss(batch, rng(), 1)
    again = method.generator_loss(batch, rng(), 1)  # without the discriminator's update before it
    assert set(terms) == {"adversarial", "classification", "segmentation", "mode_seeking", "reconstruction"}
    for name, term in terms.items():
        torch.testing.assert_close(term, again[name], msg=name)
    assert method.encoder is not None
    terms["reconstruction"].backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in method.encoder.parameters())


def test_the_loss_by_hand() -> None:
    """Pixels differ by 1/2, patches too; features are at right angles in one of two places: mean of 2 and 0."""
    image, target = torch.full((1, 3, 8, 8), 0.75), torch.full((1, 3, 8, 8), 0.25)
    one = torch.tensor([[[[2.0, 0.0]], [[0.0, 3.0]]]])
    other = torch.tensor([[[[5.0, 1.0]], [[0.0, 0.0]]]])
    assert reconstruction_loss(image, target).item() == pytest.approx(1.0)
    assert reconstruction_loss(image, target, [one], [other]).item() == pytest.approx(2.0)
    assert reconstruction_loss(target, target, [one], [one]).item() == 0


def test_latents_have_the_length_of_normal_ones() -> None:
    torch.manual_seed(0)
    for size in (32, 128):
        latent = LatentEncoder(size, 16, 4)(torch.rand(3, 3, size, size) * 2 - 1)
        assert latent.shape == (3, 16)
        torch.testing.assert_close(latent.square().mean(1), torch.ones(3))


def test_it_learns_to_reconstruct_and_resumes(toy_data: Path, tmp_path: Path) -> None:
    """Pixels alone, so that a few steps show it; the encoder is in the checkpoints, the model has none."""
    weights = {"loss.segmentation": 0, "loss.classification": 0, "loss.mode_seeking": 0, "loss.reconstruction": 100}
    settings = config(**weights, **{"training.steps": 150, "log.scalars_every": 1})
    assert train(toy_data, tmp_path / "run", settings)
    log = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    values = [float(line.split('"generator/reconstruction": ')[1].split(",")[0]) for line in log]
    assert np.mean(values[-20:]) < 0.9 * np.mean(values[:5])
    (checkpoint,) = (tmp_path / "run" / "checkpoints").iterdir()
    state = torch.load(checkpoint / "state.pt", weights_only=True)
    assert set(state["networks"]) == {"generator", "discriminator", "encoder"}
    assert train(toy_data, tmp_path / "run", with_settings(settings, {"training.steps": 151}), resume=True)
    assert {file.name for file in (tmp_path / "run" / "model").iterdir()} >= {"model.json", "model.safetensors"}


def test_pairs_need_an_even_half() -> None:
    with pytest.raises(UserError, match=r"must be even in each process, and with loss\.reconstruction divisible by 4"):
        config(**{"training.batch_size": 6})
