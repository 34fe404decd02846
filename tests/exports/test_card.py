"""Tests of the model card."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from scgan.exports.card import model_card
from scgan.models.description import read_description


def row(model: float, normalised: float) -> dict[str, Any]:
    return {"floor": 0.1, "model": model, "ceiling": 0.9, "normalised": normalised, "interval": {}}


def test_the_card_names_the_weakest_class(tiny_model: Path) -> None:
    classes = {"skin": row(0.8, 0.7), "eyes": row(0.4, 0.2), "nose": {**row(0.1, 0), "normalised": None}}
    about = {"images": 4, "split": "test", "grader": "unet", "data": "other"}
    scores = {"spatial": {"pixel_accuracy": row(0.8, 0.7), "per_class_iou": classes, **about}}
    description = replace(read_description(tiny_model), scores=scores)
    card = model_card("toys", description, [("model.json", 1234)], None)
    assert "- The class that it follows least: IoU of eyes 0.40, where real images reach 0.90." in card
    assert "Measured on other data, `other`." in card and "| `model.json` | 1,234 |" in card
