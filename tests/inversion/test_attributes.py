"""Attributes of a photo: estimates of a grader, and the room that attributes of a group leave each other."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from scgan import UserError
from scgan.inversion.attributes import estimate_attributes, replace_attributes
from scgan.models.attribute_groups import AttributeGroup
from scgan.models.folder import Model, load_model


@pytest.fixture(scope="module")
def model(tiny_model: Path, tiny_graders: Path, tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder = tmp_path_factory.mktemp("graded") / "model"
    shutil.copytree(tiny_model, folder)
    shutil.copytree(tiny_graders / "attribute-grader", folder / "attribute-grader")
    return load_model(folder)


def test_estimates_are_between_0_and_1(model: Model, tiny_model: Path) -> None:
    image = np.full((32, 32, 3), 128, np.uint8)
    encoded = np.full(model.schema.attribute_count, 0.25, np.float32)
    values, source = estimate_attributes(model, image, encoded)
    assert values.shape == (model.schema.attribute_count,) and "grader" in source
    assert ((values > 0) & (values < 1)).any()
    plain = load_model(tiny_model)
    values, source = estimate_attributes(plain, image, encoded)
    assert "encoder" in source
    np.testing.assert_array_equal(values, encoded)
    values, source = estimate_attributes(plain, image, None)
    assert "most frequent" in source and set(values.tolist()) <= {0, 1}


def test_a_group_leaves_room(model: Model) -> None:
    names = ("Black_Hair", "Blond_Hair", "Brown_Hair")
    grouped = model._replace(attribute_groups=(AttributeGroup(names, (0.4, 0.3, 0.3)),))
    schema = model.schema

    def changed(**values: float) -> dict[str, float]:
        start = schema.attribute_vector({"Black_Hair": 0.6, "Brown_Hair": 0.2, "Male": 0.5})
        result = replace_attributes(grouped, start, values)
        return {name: round(float(value), 3) for name, value in zip(schema.attribute_names, result, strict=True)}

    assert changed(Blond_Hair=1.0) | {"Young": 0.0} == {
        "Black_Hair": 0.0,
        "Blond_Hair": 1.0,
        "Brown_Hair": 0.0,
        "Male": 0.5,
        "Young": 0.0,
    }
    half = changed(Blond_Hair=0.6)
    assert (half["Black_Hair"], half["Brown_Hair"]) == (0.3, 0.1)
    assert changed(Male=1.0)["Black_Hair"] == 0.6
    with pytest.raises(UserError, match="unknown attribute 'Blonde'"):
        replace_attributes(grouped, np.zeros(schema.attribute_count, np.float32), {"Blonde": 1})
