"""Merged classes and values."""

from __future__ import annotations

import numpy as np
import pytest

from photo_folder import PhotoFolder
from scgan.utils.errors import UserError


def test_merged_classes(data: PhotoFolder) -> None:
    data.write("merge.yaml", "classes:\n  arms: [left arm, right arm]\n")
    source = data.open()
    assert source.schema.class_names == ("background", "arms")
    assert any("does not name joined the background: hair" in warning for warning in source.notes.assumptions)
    np.testing.assert_array_equal(source.read(0).segmentation[0, [5, 10, 15, 20]], [0, 1, 0, 1])
    data.write("merge.yaml", "classes: {arms: [left arm, wing]}")
    with pytest.raises(UserError, match=r"merge\.yaml: unknown class 'wing'"):
        data.open()
    data.write("merge.yaml", "classes: {arms: [hair], hair: [hair]}")
    with pytest.raises(UserError, match="'hair' occurs 2 times"):
        data.open()
    data.write("merge.yaml", "arms: [hair]")
    with pytest.raises(UserError, match="expected are the keys classes and attributes"):
        data.open()
    data.write("merge.yaml", "classes: [}")
    with pytest.raises(UserError, match="is not YAML"):
        data.open()


def test_a_class_called_null(data: PhotoFolder) -> None:
    data.write("classes.json", ["null", "no", "left arm", "right arm"])
    data.write("merge.yaml", "classes: {background: [null], hair: [no], arms: [left arm, right arm]}")
    assert data.open().schema.class_names == ("background", "hair", "arms")


def test_merged_values(data: PhotoFolder) -> None:
    data.write("table.csv", "name;color\np0;red\np1;navy\np2;black\np3;green\n")
    data.write("merge.yaml", "attributes: {color: {dark: [navy, black], warm: [red]}}")
    source = data.open()
    assert source.schema.attribute_names == ("color=dark", "color=warm")
    np.testing.assert_array_equal(source.attributes, [[0, 1], [1, 0], [1, 0], [0, 0]])
    assert any("does not name are taken as zeros: green" in warning for warning in source.notes.assumptions)
    data.write("merge.yaml", "attributes: {colour: {dark: [navy]}}")
    with pytest.raises(UserError, match="has no column 'colour'; it has color"):
        data.open()
