"""Project files: read again as written; damaged, incomplete, of another model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from scgan import Synthesizer, UserError
from scgan.editing.project import Project, read_model_name, read_project, write_project
from scgan.models.trained_networks import TrainedNetworks
from scgan.utils.json_files import seal


@pytest.fixture
def copy(project_file: Path, tmp_path: Path) -> Path:
    for path in project_file.parent.iterdir():
        shutil.copy(path, tmp_path)
    return tmp_path / project_file.name


def test_read_as_written(project: Project, model: Synthesizer, tmp_path: Path, tiny_model: Path) -> None:
    write_project(tmp_path / "a.json", project, model)
    again = read_project(tmp_path / "a.json", model)
    assert again.placement == project.placement and again.photo == "photo.png"
    for name in ("segmentation", "attributes", "latent"):
        np.testing.assert_array_equal(getattr(again.inversion, name), getattr(project.inversion, name))
    np.testing.assert_array_equal(again.image, project.image)
    assert again.inversion.correction is not None and project.inversion.correction is not None
    for name, value in project.inversion.correction.items():
        torch.testing.assert_close(again.inversion.correction[name], value)
    assert read_model_name(tmp_path / "a.json") == str(tiny_model.resolve())


def test_projects_with_dots_in_their_names_keep_their_corrections(
    project: Project, model: Synthesizer, tmp_path: Path
) -> None:
    for name in ("anna.v1", "anna.v2", "anna.json"):
        write_project(tmp_path / name, project, model)
    for name in ("anna.v1", "anna.v2", "anna.json"):
        assert read_project(tmp_path / name, model).inversion.correction is not None
    write_project(tmp_path / "anna.v1", project, model)
    assert len(list(tmp_path.glob("*.safetensors"))) == 3


def test_another_model(copy: Path, model: Synthesizer) -> None:
    import copy as copying

    generator = copying.deepcopy(model.model.generator)
    with torch.no_grad():
        next(generator.parameters()).add_(0.1)
    other = Synthesizer(model.model._replace(networks=TrainedNetworks(generator)))
    with pytest.raises(UserError, match=r"was made with another model than this one \(.* after 7 steps\)"):
        read_project(copy, other)


def test_missing_or_changed_correction(copy: Path, model: Synthesizer) -> None:
    (correction,) = copy.parent.glob("*.safetensors")
    content = bytearray(correction.read_bytes())
    content[-1] ^= 1
    correction.write_bytes(content)
    with pytest.raises(UserError, match=r"is not the file that .*face\.json describes"):
        read_project(copy, model)
    correction.unlink()
    with pytest.raises(UserError, match="is missing: it belongs to"):
        read_project(copy, model)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("latent", [1.0]),
        ("latent", None),
        ("placement", [0, 0, 0, 0]),
        ("placement", [1, 0, float("nan"), 0]),
        ("image", "data:image/png;base64,AAAA"),
        ("mask", "none"),
        ("landmarks", [[1, 2]]),
        ("attributes", {"Nobody": 1}),
        ("correction", {}),
        ("steps", "many"),
        ("format", 9),
    ],
)
def test_damaged_values(copy: Path, model: Synthesizer, key: str, value: object) -> None:
    values = json.loads(copy.read_text())
    del values["digest"]
    copy.write_text(json.dumps(seal(values | {key: value})))
    with pytest.raises(UserError, match=r"face\.json|unknown attribute"):
        read_project(copy, model)


def test_damaged_text(copy: Path, model: Synthesizer) -> None:
    text = copy.read_text()
    copy.write_text(text.replace('"steps": 2', '"steps": 3'))
    with pytest.raises(UserError, match="changed since it was written"):
        read_project(copy, model)
    copy.write_text(text[:100])
    with pytest.raises(UserError, match=r"face\.json is missing, damaged, or not a project"):
        read_project(copy, model)
    with pytest.raises(UserError, match=r"none\.json is missing, damaged"):
        read_project(copy.with_name("none.json"), model)
