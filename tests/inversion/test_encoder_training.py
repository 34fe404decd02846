"""Training of encoders: latents of generated images are found again, stop and resume, data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from scgan import UserError
from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.inversion.encoder import build_encoder
from scgan.inversion.encoder_training import train_encoder
from scgan.models.folder import Conditions, Model, load_model
from scgan.models.network_folder import load_network, read_values
from scgan.models.trained_networks import TrainedNetworks
from scgan.schema import Schema
from scgan.utils.tensors import one_hot


class Paint(torch.nn.Module):
    """Generator whose first latent numbers are the color of class 1."""

    def forward(self, mask: torch.Tensor, latent: torch.Tensor, attributes: torch.Tensor) -> torch.Tensor:
        return latent[:, :3, None, None].clamp(-1.5, 1.5) / 1.5 * mask[:, 1:2]


@pytest.fixture
def painter(tiny_model: Path) -> Model:
    schema = Schema(32, ("background", "thing"), ((0, 0, 0), (255, 0, 0)))
    masks = np.zeros((4, 32, 32), np.uint8)
    masks[:, 6:26, 6:26] = 1
    model = load_model(tiny_model)
    examples = Conditions(masks, np.zeros((4, 0), np.float32), None)
    return model._replace(networks=TrainedNetworks(Paint()), schema=schema, examples=examples, folder=None)


def test_latents_of_generated_images_are_found(painter: Model, tmp_path: Path) -> None:
    assert train_encoder(painter, tmp_path / "encoder", steps=60)
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]
    values = read_values(tmp_path / "encoder", "encoder")
    assert values["step"] == 60
    encoder = load_network(tmp_path / "encoder", "encoder", build_encoder(painter), values["weights"])
    latents = torch.randn(64, 8, generator=torch.Generator().manual_seed(0))
    mask = one_hot(torch.from_numpy(painter.examples.segmentations[:1].astype(np.int64)), 2, torch.float32)
    mask = mask.expand(64, -1, -1, -1)
    estimate, _ = encoder(painter.generator(mask, latents, latents[:, :0]), mask)
    colors = np.corrcoef(estimate[:, :3].detach().numpy().ravel(), latents[:, :3].numpy().ravel())[0, 1]
    assert colors > 0.8


def test_data_must_fit(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    model, data = load_model(tiny_model), PreparedDataset.open(toy_data)
    few = replace(data, splits=ItemSplits.of(("train",) * 15 + ("test",) * 45))
    with pytest.raises(UserError, match="has 15 training items, but an encoder needs at least 16: prepare more, or le"):
        train_encoder(model, tmp_path / "encoder", dataset=few, steps=1)
    other = replace(data, schema=replace(data.schema, attribute_names=(*data.schema.attribute_names[:-1], "x")))
    with pytest.raises(UserError, match="the model has"):
        train_encoder(model, tmp_path / "encoder", dataset=other, steps=1)
    assert not list(tmp_path.iterdir())


def test_data_give_masks(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    model = load_model(tiny_model)
    for name, dataset in (("own", None), ("data", PreparedDataset.open(toy_data))):
        assert train_encoder(model, tmp_path / name, dataset=dataset, steps=1)
    one, other = (load_file(tmp_path / name / "encoder.safetensors") for name in ("own", "data"))
    assert any(not torch.equal(value, other[name]) for name, value in one.items())


def test_photos_are_made_again(painter: Model, toy_data: Path, tmp_path: Path) -> None:
    """Photos in colors that are known to no latent of the training: with them the estimates are nearer."""
    generator = np.random.default_rng(0)
    colors = generator.uniform(-1, 1, (48, 3)).astype(np.float32)
    mask = painter.examples.segmentations[0]
    images = np.where(mask[None, :, :, None] == 1, np.rint((colors + 1) * 127.5)[:, None, None], 255).astype(np.uint8)
    data = replace(
        PreparedDataset.open(toy_data),
        schema=painter.schema,
        images=images,
        segmentations=np.tile(mask, (48, 1, 1)),
        attributes=np.zeros((48, 0), np.float32),
        landmarks=None,
        names=tuple(map(str, range(48))),
        splits=ItemSplits.of(("train",) * 48),
    )
    one_mask = one_hot(torch.from_numpy(mask[None].astype(np.int64)), 2, torch.float32).expand(48, -1, -1, -1)
    photos = torch.from_numpy(images).permute(0, 3, 1, 2) / 127.5 - 1
    distances = []
    for name, dataset in (("own", None), ("photos", data)):
        assert train_encoder(painter, tmp_path / name, dataset=dataset, steps=40)
        digest = read_values(tmp_path / name, "encoder")["weights"]
        encoder = load_network(tmp_path / name, "encoder", build_encoder(painter), digest)
        latents = encoder(photos, one_mask)[0].detach()
        again = painter.generator(one_mask, latents, latents[:, :0])
        distances.append(float(((again - photos) * one_mask[:, 1:2]).abs().mean()))
    assert distances[1] < 0.8 * distances[0]


def test_trainings_on_photos_and_on_examples_have_folders_of_their_own(
    tiny_model: Path, toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one must not resume the other, even where the data are those that the model was trained on."""
    works: list[Path] = []
    monkeypatch.setattr(
        "scgan.inversion.encoder_training.train_folder", lambda folder, work, *others: not works.append(work)
    )
    model, data = load_model(tiny_model), PreparedDataset.open(toy_data)
    assert model.fingerprint == data.fingerprint
    for dataset in (None, data):
        assert train_encoder(model, tmp_path / "encoder", dataset=dataset)
    assert works[0] != works[1]
