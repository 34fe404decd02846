"""Edits: what is not asked to change stays the photo's, to the pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan import Synthesizer, UserError
from scgan.editing.edits import Edit, Editor
from scgan.editing.project import Project
from scgan.faces.expression import measure


@pytest.fixture(scope="module")
def editor(model: Synthesizer, project: Project) -> Editor:
    return Editor(model, project)


def test_without_changes_the_photo_stays(editor: Editor, photo_files: tuple[Path, Path]) -> None:
    np.testing.assert_array_equal(editor.edited(Edit()), editor.project.image)
    photo = np.asarray(Image.open(photo_files[0]))
    np.testing.assert_array_equal(editor.edited_photo(Edit(), photo, "photo"), photo)


def test_a_turn_keeps_each_pixel_of_the_background(editor: Editor) -> None:
    edit = Edit(turn=12, smile=0.5, keep_background=True)
    before, after = editor.project.inversion.segmentation, editor.mask(edit)
    changed = (editor.edited(edit) != editor.project.image).any(axis=2)
    assert changed.any() and not changed[(before == 0) & (after == 0)].any()
    landmarks = editor._landmarks(edit)
    assert landmarks is not None and editor.project.landmarks is not None
    assert measure(landmarks).yaw - measure(editor.project.landmarks).yaw == pytest.approx(12, abs=0.5)
    generated = editor.edited(edit._replace(keep_background=False))
    assert (generated != editor.project.image).any(axis=2)[(before == 0) & (after == 0)].mean() > 0.5


def test_new_landmarks_are_a_turn(editor: Editor) -> None:
    turn = Edit(turn=12, keep_background=True)
    landmarks = editor._landmarks(turn)
    moved = Edit(landmarks=landmarks, keep_background=True)
    np.testing.assert_array_equal(editor.mask(moved), editor.mask(turn))
    np.testing.assert_array_equal(editor.edited(moved), editor.edited(turn))
    with pytest.raises(UserError, match="exclude each other"):
        editor.mask(moved._replace(mask=editor.mask(turn)))


def test_a_new_mask_changes_its_classes_only(editor: Editor) -> None:
    mask = editor.project.inversion.segmentation.copy()
    rows, columns = np.nonzero(mask == 5)
    mask[rows, columns] = 1  # no lips
    changed = (editor.edited(Edit(mask=mask)) != editor.project.image).any(axis=2)
    assert changed[rows, columns].mean() > 0.5
    distance = np.abs(np.argwhere(changed)[:, None] - np.argwhere(editor.project.inversion.segmentation == 5)[None])
    assert distance.max(axis=2).min(axis=1).max() <= 2  # a rim around them


def test_attributes_are_added_to_the_photo(editor: Editor) -> None:
    edit = Edit(attributes={"Blond_Hair": 1.0})
    image = editor.edited(edit).astype(int)
    mask, attributes = editor.mask(edit), editor._attributes(edit)
    difference = editor._generate(mask, attributes).astype(int) - editor.reconstruction()
    expected = editor.project.image + difference
    strong = np.abs(difference).min(axis=2) > 40
    if strong.any():
        np.testing.assert_allclose(image[strong], expected[strong].clip(0, 255), atol=1)
    kept = editor.edited(edit._replace(keep_background=True))
    np.testing.assert_array_equal(kept[mask == 0], editor.project.image[mask == 0])


def test_strength_goes_beyond_the_values(editor: Editor) -> None:
    before = editor.project.inversion.attributes
    male = editor.synthesizer.schema.attribute_names.index("Male")
    vectors = [editor._attributes(Edit(attributes={"Male": 1}, strength=strength)) for strength in (0.5, 1, 1.5)]
    expected = before[male] + np.array([0.5, 1, 1.5]) * (1 - before[male])
    np.testing.assert_allclose([vector[male] for vector in vectors], expected, atol=1e-6)
    np.testing.assert_allclose(np.delete(vectors, male, axis=1), [np.delete(before, male)] * 3, atol=1e-6)
    assert Edit().strength == 1.5
    assert editor.generated(Edit(attributes={"Male": 1}, strength=2)).shape == (32, 32, 3)


def test_edits_go_back_into_the_photo(editor: Editor, photo_files: tuple[Path, Path]) -> None:
    photo = np.asarray(Image.open(photo_files[0]))
    edit = Edit(turn=10, attributes={"Blond_Hair": 1})
    result = editor.edited_photo(edit, photo, "photo")
    changed = (result != photo).any(axis=2)
    assert result.shape == photo.shape and changed[20:100, 45:115].any()
    rows, columns = np.mgrid[:120, :160] + 0.5
    seen = editor.project.placement.to_square((columns + 1j * rows) / 160)
    outside = (np.minimum(seen.real, seen.imag) < 0) | (np.maximum(seen.real, seen.imag) > 1)
    assert outside.any() and not changed[outside].any()
    large = np.asarray(Image.fromarray(photo).resize((320, 240), Image.Resampling.BICUBIC))
    larger = editor.edited_photo(edit, large, "photo")
    assert np.abs(larger.reshape(120, 2, 160, 2, 3).mean((1, 3)) - result).mean() < 4
    with pytest.raises(UserError, match=r"^other is not the photo of this project \(photo.png\)"):
        editor.edited_photo(edit, 255 - photo, "other")


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (Edit(turn=80), "would be turned by 8.°; at most 40° can be drawn"),
        (Edit(smile=5), "--smile 5: it lies between -2 and 2"),
        (Edit(open_mouth=-3), "--open-mouth -3"),
        (Edit(open_mouth=-1.25), "the edit leaves no lips in the mask"),
        (Edit(raise_eyebrows=1), "--raise-eyebrows 1"),
        (Edit(turn=1, strength=9), "--strength 9: it lies above 0, up to 2"),
        (Edit(attributes={"Blonde": 1}), "unknown attribute 'Blonde'"),
        (Edit(attributes={"Male": 2}), "has value 2"),
        (Edit(attributes={"Male": 1}, strength=3), "--strength 3: it lies above 0, up to 2"),
        (Edit(attributes={"Male": 1}, strength=0), "--strength 0"),
        (Edit(mask=np.zeros((8, 8), np.uint8)), "the new mask has shape"),
        (Edit(mask=np.full((32, 32), 40, np.uint8)), "class index 40"),
        (Edit(turn=3, mask=np.zeros((32, 32), np.uint8)), "exclude each other"),
    ],
)
def test_impossible_edits(editor: Editor, edit: Edit, message: str) -> None:
    with pytest.raises(UserError, match=message):
        editor.edited(edit)


def test_a_face_without_landmarks_cannot_turn(model: Synthesizer, project: Project) -> None:
    from dataclasses import replace

    editor = Editor(model, replace(project, landmarks=None))
    with pytest.raises(UserError, match="this project has no landmarks"):
        editor.edited(Edit(turn=3))
    assert editor.edited(Edit(attributes={"Male": 1})).shape == (32, 32, 3)
