"""Fixtures that more than one test file uses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

if "PYTEST_XDIST_WORKER" in os.environ:  # before anything imports torch
    # Test processes share the processors; threads that wait for a taken processor use up time.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

SLOW_FILES = (
    "test_docs.py",
    "studio/page/test_accessibility.py",
    "test_examples.py",
    "training/test_trainer_resume.py",
    "export/test_web.py",
    "training/test_processes.py",
    "comparison/test_compare.py",
    "test_extending.py",
    "models/test_shipped.py",
    "training/test_gradients.py",
)
"""Files that take longest. They run first: a long file at the end would leave one of two processes without work."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order of the files, which pytest-xdist sorts by their number of tests otherwise."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {Path(__file__).parent / name: place for place, name in enumerate(SLOW_FILES)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(autouse=True)
def own_environment() -> Iterator[None]:
    """Take back the environment variables that a test's code sets, as Fabric sets ``MASTER_ADDR`` for its processes."""
    with mock.patch.dict(os.environ):
        yield


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the exported models of the tests out of the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="session")
def light_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Processes that tests start find no torchmetrics, as without the extra fid: lightning-fabric would import it."""
    folder = tmp_path_factory.mktemp("light")
    (folder / "torchmetrics.py").write_text("raise ImportError('it takes three seconds')", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)
        yield


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real photos next to the repository; tests that need it are skipped if it is missing."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real photos are not there ({folder})")
    return folder


@pytest.fixture(scope="session")
def toy_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared folder of 60 toy faces at 32×32: 48 for training, 6 for validation, 6 for the test."""
    from scgan.data.prepare.prepare import prepare
    from scgan.data.sources.toyfaces import ToyFaces

    folder = tmp_path_factory.mktemp("data") / "toys"
    prepare(ToyFaces(60, 32), folder, processes=1)
    return folder


@pytest.fixture(scope="session")
def tiny_model(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder for the toy faces, saved from untrained networks of width 4 with 8 latent numbers."""
    import torch

    from scgan.data.prepared import PreparedDataset
    from scgan.methods import load_method
    from scgan.models.folder import Model, example_conditions, save_model
    from scgan.models.trained_networks import TrainedNetworks
    from scgan.recipes import paper, with_settings

    dataset = PreparedDataset.open(toy_data)
    config = with_settings(paper(), {"generator.width": 4, "generator.latent_size": 8})
    torch.manual_seed(0)
    generator = load_method(config.method).build_generator(dataset.schema, config)
    folder = tmp_path_factory.mktemp("model") / "tiny"
    examples = example_conditions(dataset)
    save_model(folder, Model(TrainedNetworks(generator), dataset.schema, config, 7, dataset.fingerprint, examples))
    return folder


@pytest.fixture(scope="session")
def tiny_graders(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with untrained graders of the toy faces: ``grader`` and ``attribute-grader``."""
    import torch

    from scgan.data.prepared import PreparedDataset
    from scgan.graders.folder import GraderDescription, write_grader
    from scgan.graders.kinds import KINDS

    dataset = PreparedDataset.open(toy_data)
    folder = tmp_path_factory.mktemp("graders")
    torch.manual_seed(0)
    for kind in KINDS:
        (folder / kind.name).mkdir()
        description = GraderDescription(dataset.schema, dataset.fingerprint, 0)
        write_grader(folder / kind.name, kind.build(dataset.schema), description, half=False)
    return folder
