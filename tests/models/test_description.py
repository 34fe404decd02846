"""Tests of the content of a model.json: the pretrained features that a training used."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from scgan.models.description import About, Origin, read_description, write_description
from scgan.recipes import recipe, with_settings


def test_features_of_the_training_and_of_its_warm_starts(tiny_model: Path, tmp_path: Path) -> None:
    plain = read_description(tiny_model)
    assert plain.features_used() == {}
    spade = replace(plain, config=with_settings(recipe("cpu", method="spade"), {"spade.perceptual": 10.0}))
    assert spade.features_used() == {"efficientnet-lite0": "--spade.perceptual"}
    off = replace(plain, config=with_settings(spade.config, {"spade.perceptual": 0.0}))
    assert off.features_used() == {}
    projected = replace(plain, config=with_settings(plain.config, {"discriminator.features": "efficientnet-lite0"}))
    assert projected.features_used() == {"efficientnet-lite0": "--discriminator.features"}

    origin = Origin("theirs", 8, "0" * 16, "1" * 16, features=("efficientnet-lite0",))
    write_description(tmp_path, replace(plain, about=About(started_from=(origin,))))
    assert read_description(tmp_path).features_used() == {"efficientnet-lite0": "its warm start from theirs"}
