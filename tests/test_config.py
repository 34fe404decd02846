"""Fields of settings: names, bounds, markers and descriptions."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from scgan.config import OPTIONAL_NETWORK, RESUMABLE, SHAPING, Config, LossSettings, OptimizerSettings, fields, marked
from scgan.recipes import cpu, with_settings
from scgan.utils.errors import UserError


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


def test_the_image_is_seen_beside_features_only() -> None:
    features = {"discriminator.features": "efficientnet-lite0", "discriminator.sees_image": True}
    assert with_settings(cpu(), features).discriminator.sees_image
    with pytest.raises(UserError, match=r"sees_image adds the image to discriminator\.features, which are none"):
        with_settings(cpu(), {"discriminator.sees_image": True})


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
        "discriminator.sees_image",
        "segmentor.width",
    ]
    assert marked(Config, OPTIONAL_NETWORK) == ["loss.classification"]
