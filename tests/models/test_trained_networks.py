"""Networks that are built when they are first used."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from scgan import UserError
from scgan.models.digest import model_digest
from scgan.models.folder import load_model
from scgan.models.trained_networks import StoredNetworks, TrainedNetworks, read_networks


def read(folder: Path) -> StoredNetworks:
    model = load_model(folder)
    return read_networks(folder, model.schema, model.config)


def test_weights_by_numpy_are_those_of_the_network(tiny_model: Path) -> None:
    networks = read(tiny_model)
    weights = networks.generator_weights()
    state = networks.generator.state_dict()
    assert weights.keys() == state.keys()
    for name, value in state.items():
        np.testing.assert_array_equal(weights[name], value.numpy())


def test_a_replaced_folder_changes_nothing(tiny_model: Path, tmp_path: Path) -> None:
    """A training replaces its model folder at each checkpoint."""
    folder = tmp_path / "model"
    folder.symlink_to(tiny_model)
    networks = read(folder)
    folder.unlink()
    assert sum(parameter.numel() for parameter in networks.generator.parameters()) > 0
    assert networks.segmentor is None and not networks.has_segmentor


def test_changed_weights_have_another_digest(tiny_model: Path) -> None:
    model = load_model(tiny_model)
    digest = model_digest(model)
    assert model_digest(model._replace(networks=TrainedNetworks(model.generator))) == digest
    with torch.no_grad():
        next(model.generator.parameters()).add_(1)
    assert model_digest(model) != digest


def test_networks_in_another_process(tiny_model: Path) -> None:
    model = load_model(tiny_model)
    stored = model.networks.stored(model.schema, model.config)
    assert stored is model.networks  # nothing was built
    with torch.no_grad():
        next(model.generator.parameters()).add_(1)
    again = pickle.loads(pickle.dumps(model.networks.stored(model.schema, model.config)))
    for mine, other in zip(model.generator.parameters(), again.generator.parameters(), strict=True):
        torch.testing.assert_close(other, mine)


def test_damaged_weights_get_a_sentence(tiny_model: Path) -> None:
    model = load_model(tiny_model)
    networks = StoredNetworks(b"\x00" * 40, None, model.schema, model.config, Path("here"))
    for ask in (networks.generator_weights, networks.require_generator):
        with pytest.raises(UserError, match=r"here/model\.safetensors is damaged or does not fit model\.json"):
            ask()
    generator = model.config.generator.model_copy(update={"width": 1024})
    wide = model.config.model_copy(update={"generator": generator})
    content = (tiny_model / "model.safetensors").read_bytes()
    with pytest.raises(UserError, match=r"does not fit model\.json"):
        StoredNetworks(content, None, model.schema, wide, tiny_model).require_generator()
