"""Fields of settings: names, bounds, markers and descriptions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scgan.config import OPTIONAL_NETWORK, RESUMABLE, SHAPING, Config, LossSettings, OptimizerSettings, fields, marked


def test_every_setting_has_a_description() -> None:
    assert len(fields(Config)) > 40
    for name, field in fields(Config).items():
        assert field.description and field.description.endswith("."), name


def test_values_are_checked_where_they_are_made() -> None:
    with pytest.raises(ValidationError):
        OptimizerSettings(beta1=1.0)
    with pytest.raises(ValidationError):
        LossSettings(gradient_penalty=float("inf"))
    with pytest.raises(ValidationError):
        LossSettings().segmentation = 2.0  # type: ignore[misc]


def test_markers() -> None:
    resumable = marked(Config, RESUMABLE)
    assert {name for name in fields(Config) if name.startswith("log.")} <= set(resumable)
    assert "segmentor.optimizer.learning_rate" in resumable and "training.steps" in resumable
    assert not {"training.seed", "training.batch_size", "training.precision", "generator.width"} & set(resumable)
    assert marked(Config, SHAPING) == [
        "generator.width",
        "generator.order",
        "generator.latent_size",
        "generator.latent_channels",
        "generator.join_size",
        "generator.modulation",
        "discriminator.width",
        "discriminator.features",
        "segmentor.width",
    ]
    assert marked(Config, OPTIONAL_NETWORK) == ["loss.classification"]
