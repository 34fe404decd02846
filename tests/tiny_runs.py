"""Fixtures of tiny trainings: one thread, a few steps."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from scgan.config import Config
from scgan.recipes import paper, with_settings
from scgan.runs.train import train

TINY: dict[str, Any] = {
    "generator.width": 4,
    "generator.latent_size": 8,
    "generator.update_every": 2,
    "generator.ema_decay": 0.9,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "segmentor.pretrain_steps": 2,
    "segmentor.input_blur": True,
    "segmentor.input_noise": 0.1,
    "loss.gradient_penalty_every": 3,
    "loss.class_balance": 0.5,
    "loss.mode_seeking": 0.1,
    "training.steps": 6,
    "training.batch_size": 4,
    "training.flip": True,
    "training.accelerator": "cpu",
    "log.scalars_every": 1,
    "log.samples_every": 4,
    "log.checkpoint_every": 2,
}
"""Settings of two stages, with updates and terms that do not run at every step."""


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> Iterator[None]:
    """Sums are ordered by the number of threads: equal bits need an equal number."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def tiny() -> Config:
    return with_settings(paper(), TINY)


@pytest.fixture
def run(toy_data: Path, tmp_path: Path, tiny: Config) -> Callable[..., Path]:
    """``run(name, resume, **settings)`` trains on the toy faces and returns the run folder; ``__`` stands for a dot."""

    def call(name: str = "run", resume: bool = False, **settings: Any) -> Path:
        config = with_settings(tiny, {name.replace("__", "."): value for name, value in settings.items()})
        assert train(toy_data, tmp_path / name, config, resume=resume)
        return tmp_path / name

    return call


@pytest.fixture(scope="session")
def whole(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Finished run of ``TINY``, with all of its checkpoints; tests must not change it."""
    folder = tmp_path_factory.mktemp("runs") / "whole"
    assert train(toy_data, folder, with_settings(paper(), {**TINY, "log.keep_checkpoints": 9}))
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    """Copy of ``whole``, which ``run(resume=True)`` resumes."""
    return Path(shutil.copytree(whole, tmp_path / "run"))


@pytest.fixture(scope="session")
def arguments() -> list[str]:
    """Options of the command line for ``TINY``, after a recipe."""
    return ["--recipe", "paper", *(f"--{name}={str(value).lower()}" for name, value in TINY.items())]
