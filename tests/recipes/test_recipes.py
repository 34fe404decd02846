"""Recipes: the paper's numbers, names, and values that are refused."""

from __future__ import annotations

from typing import Any

import pytest

from scgan.config import flat
from scgan.recipes import RECIPES, paper, read_config, recipe, with_settings
from scgan.utils.errors import UserError


def test_the_paper_recipe_has_the_numbers_of_algorithm_1_and_section_5_2() -> None:
    settings = flat(paper())
    assert settings["loss.classification"] == 5
    assert settings["loss.segmentation"] == 1
    assert settings["loss.gradient_penalty"] == 10 and settings["loss.gradient_penalty_every"] == 1
    assert settings["loss.adversarial"] == "wasserstein" and settings["loss.mode_seeking"] == 0
    assert settings["generator.update_every"] == 5
    assert settings["training.batch_size"] == 16
    assert settings["generator.latent_size"] == 512
    assert settings["generator.ema_decay"] == 0
    assert settings["segmentor.joint"] and not settings["segmentor.pretrain_steps"]
    assert settings["segmentor.input_noise"] == 0 and not settings["training.flip"]
    for network in ("generator", "discriminator", "segmentor"):
        assert settings[f"{network}.width"] == 64
        assert settings[f"{network}.optimizer.learning_rate"] == 1e-4
        assert settings[f"{network}.optimizer.beta1"] == 0.5
        assert settings[f"{network}.optimizer.beta2"] == 0.999


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_can_be_used_and_knows_its_name(name: str) -> None:
    config = recipe(name)
    assert config.recipe == name


def test_an_unknown_recipe_is_refused() -> None:
    with pytest.raises(UserError, match="unknown recipe 'papre': did you mean paper\\? Choose paper or cpu"):
        recipe("papre")


@pytest.mark.parametrize("name", RECIPES)
def test_json_there_and_back(name: str) -> None:
    config = recipe(name)
    assert read_config(config.model_dump(), "here") == config


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda values: values.pop("loss"), "loss is missing"),
        (lambda values: values["loss"].update(penlaty=3), "penlaty"),
        (lambda values: values.update(color="red"), "color"),
        (lambda values: values.update(generator=None), "generator is None, not a group"),
        (lambda values: values["generator"].pop("optimizer"), "optimizer"),
    ],
)
def test_other_json_is_refused(spoil: Any, named: str) -> None:
    values = paper().model_dump()
    spoil(values)
    with pytest.raises(UserError, match=rf"^somewhere does not hold a configuration .*{named}"):
        read_config(values, "somewhere")


def test_settings_are_replaced_by_name_and_nothing_else_changes() -> None:
    config = paper()
    changed = with_settings(config, {"loss.gradient_penalty": 3.0, "generator.optimizer.beta1": 0.0})
    differences = {name: value for name, value in flat(changed).items() if value != flat(config)[name]}
    assert differences == {"loss.gradient_penalty": 3.0, "generator.optimizer.beta1": 0.0}
    assert flat(config) == flat(paper())


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("generator.width", 0, "--generator.width is 0: it must be a whole number from 1 to 1024"),
        ("training.steps", -5, "--training.steps is -5"),
        ("log.keep_checkpoints", 0, "--log.keep_checkpoints is 0"),
        ("training.devices", 3, "--training.batch_size 16 cannot be divided among 3 processes"),
        ("generator.ema_decay", 1.0, r"--generator.ema_decay is 1.0: it must be a number in \[0, 1\)"),
        ("segmentor.width", 1, "--segmentor.width is 1: it must be a whole number from 2 to 1024"),
        (
            "segmentor.pretrain_steps",
            -1,
            "--segmentor.pretrain_steps is -1: it must be a whole number from 0 to 49999999",
        ),
        ("segmentor.input_noise", -0.1, "--segmentor.input_noise is -0.1: it must be a number of at least 0"),
        ("loss.gradient_penalty", -10.0, "--loss.gradient_penalty is -10.0: it must be a number of at least 0"),
        ("loss.mode_seeking", float("nan"), "--loss.mode_seeking is nan: it must be a number of at least 0"),
        (
            "discriminator.optimizer.learning_rate",
            -1.0,
            "--discriminator.optimizer.learning_rate is -1.0: it must be a number",
        ),
        ("segmentor.optimizer.beta1", 1.0, r"--segmentor.optimizer.beta1 is 1.0: it must be a number in \[0, 1\)"),
        ("generator.optimizer.beta2", -0.5, r"--generator.optimizer.beta2 is -0.5: it must be a number in \[0, 1\)"),
    ],
)
def test_settings_that_cannot_work(name: str, value: Any, message: str) -> None:
    with pytest.raises(UserError, match=message):
        with_settings(paper(), {name: value})


def test_mode_seeking_needs_pairs_in_each_process() -> None:
    settings = {"loss.mode_seeking": 0.1, "training.batch_size": 6}
    with_settings(paper(), settings)
    with pytest.raises(UserError, match="must be even in each process"):
        with_settings(paper(), settings | {"training.devices": 2})
