"""Inversion of a photo into a project: stopped, continued, refused for another photo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from scgan import Synthesizer, UserError
from scgan.editing.photo_inversion import InversionRequest, invert_photo
from scgan.editing.project import Project, read_project

Requests = Callable[..., InversionRequest]


def test_project_holds_the_photo_as_the_model_sees_it(project: Project, model: Synthesizer) -> None:
    assert project.image.shape == (32, 32, 3)
    assert project.landmarks is not None
    mean_face = model.examples.landmarks.mean(axis=0)  # type: ignore[union-attr]
    eyes = slice(36, 48)
    np.testing.assert_allclose(project.landmarks[eyes].mean(0), mean_face[eyes].mean(0), atol=0.03)
    assert (project.image[16, 16] == (200, 150, 120)).all()  # the face is in the middle
    assert (project.inversion.steps, project.inversion.correction_steps) == (2, 2)


def test_stopped_and_continued(
    model: Synthesizer, request_of: Requests, project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "face.json"
    answers = iter([False, True])
    stopped = invert_photo(model, request_of(), file, stopped=lambda: next(answers))
    assert (stopped.inversion.steps, stopped.inversion.correction) == (1, None)
    assert not list(tmp_path.glob("*.safetensors"))
    first = read_project(file, model)
    np.testing.assert_array_equal(first.inversion.latent, stopped.inversion.latent)
    whole = invert_photo(model, request_of(), file)
    assert (whole.inversion.steps, whole.inversion.correction_steps) == (2, 2)
    assert len(list(tmp_path.glob("face.*.safetensors"))) == 1
    again = invert_photo(model, request_of(), file)  # nothing is left to do
    np.testing.assert_array_equal(again.inversion.latent, whole.inversion.latent)
    more = invert_photo(model, request_of(correction_steps=3), file)
    assert more.inversion.correction_steps == 3
    assert len(list(tmp_path.glob("face.*.safetensors"))) == 1  # the old one is removed


def test_time_limit_writes_what_there_is(model: Synthesizer, request_of: Requests, tmp_path: Path) -> None:
    result = invert_photo(model, request_of(steps=1000, seconds=1e-9), tmp_path / "face.json")
    assert result.inversion.steps == 0 and result.inversion.latent.size
    assert read_project(tmp_path / "face.json", model).inversion.steps == 0


def test_another_request_needs_overwrite(
    model: Synthesizer, request_of: Requests, project_file: Path, tmp_path: Path
) -> None:
    for path in project_file.parent.iterdir():
        shutil.copy(path, tmp_path)
    file = tmp_path / project_file.name
    with pytest.raises(UserError, match="exists already, for another photo, mask, seed or other attributes"):
        invert_photo(model, request_of(attributes="Male=0.5"), file)
    result = invert_photo(model, request_of(attributes="Male=0.5"), file, resume=False)
    assert result.inversion.attributes[model.schema.attribute_names.index("Male")] == 0.5
    (tmp_path / "other.json").write_text('{"a": 1}')
    with pytest.raises(UserError, match="is not a project"):
        invert_photo(model, request_of(), tmp_path / "other.json")
