"""Small untrained models. Their images have no meaning, but they depend on the inputs."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from running_studio import Studio

from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.rasterize import rasterize
from scgan.methods import load_method
from scgan.models.folder import Conditions, Model, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.networks.segmentor import Segmentor
from scgan.recipes import cpu, with_settings
from scgan.schema import Schema

SIZE = 32


def write_model(folder: Path, schema: Schema, examples: Conditions, segmentor: bool) -> Path:
    config = with_settings(cpu(), {"generator.width": 8, "generator.latent_size": 16, "segmentor.width": 8})
    torch.manual_seed(0)
    generator = load_method("scgan").build_generator(schema, config)
    network = Segmentor(schema.class_count, 8) if segmentor else None
    save_model(folder, Model(TrainedNetworks(generator, network), schema, config, 7, "0123456789abcdef", examples))
    return folder


@pytest.fixture(scope="session")
def face_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model whose masks are drawn from landmarks, with a group of attributes."""
    colors = ("hair=black", "hair=blond", "hair=grey")
    schema = Schema(SIZE, FACE_CLASSES, FACE_COLORS, ("Male", "Young", *colors), (colors,), landmarks=True)
    points = np.stack([toy_landmarks(yaw=yaw) for yaw in (-10, 0, 15)])
    masks = np.stack([rasterize(face, SIZE) for face in points])
    examples = Conditions(masks, np.eye(5, dtype=np.float32)[[0, 2, 3]], points)
    return write_model(tmp_path_factory.mktemp("models") / "faces", schema, examples, segmentor=True)


def write_figures(folder: Path, segmentor: bool) -> Path:
    names = ("background", "body", "left arm", "right arm")
    schema = Schema(
        SIZE, names, ((0, 0, 0), (200, 80, 80), (80, 200, 80), (80, 80, 200)), mirrored_classes=(names[2:],)
    )
    mask = np.zeros((1, SIZE, SIZE), np.uint8)
    mask[0, 8:28, 12:20], mask[0, 10:20, 6:12], mask[0, 10:20, 20:26] = 1, 2, 3
    examples = Conditions(mask, np.zeros((1, 0), np.float32), None)
    return write_model(folder, schema, examples, segmentor)


@pytest.fixture(scope="session")
def figure_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model without landmarks, attributes and segmentor, with classes for left and right."""
    return write_figures(tmp_path_factory.mktemp("models") / "figures", segmentor=False)


@pytest.fixture(scope="session")
def segmenting_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Model as the one of figures, with a segmentor."""
    return write_figures(tmp_path_factory.mktemp("models") / "street", segmentor=True)


@pytest.fixture(scope="module")
def studio(face_model: Path, figure_model: Path) -> Iterator[Studio]:
    studio = Studio([face_model, figure_model])
    studio.start()
    yield studio
    studio.stop()
