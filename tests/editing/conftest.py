"""Photo with landmarks, and its project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import scgan
from scgan import Synthesizer
from scgan.editing.photo_inversion import InversionRequest, invert_photo
from scgan.editing.photos import PhotoOptions
from scgan.editing.project import Project
from scgan.faces.mean_face import toy_landmarks
from scgan.inversion.invert import InversionSettings


class PhotoFiles(NamedTuple):
    """Photo of a toy face, 160×120, and its landmarks in a file."""

    photo: Path
    landmarks: Path


@pytest.fixture(scope="session")
def photo_files(tmp_path_factory: pytest.TempPathFactory) -> PhotoFiles:
    folder = tmp_path_factory.mktemp("photos")
    rows, columns = np.mgrid[:120, :160]
    face = np.hypot(rows - 60, 1.2 * (columns - 80)) < 45
    pixels = np.stack([rows + 60, columns, 255 - rows], axis=-1)
    pixels[face] = (200, 150, 120)
    Image.fromarray(pixels.astype(np.uint8)).save(folder / "photo.png")
    points = toy_landmarks(scale=0.35) * (120 / 160, 1) + (20 / 160, 0)
    (folder / "points.json").write_text(json.dumps(points.tolist()))
    return PhotoFiles(folder / "photo.png", folder / "points.json")


@pytest.fixture(scope="session")
def model(tiny_model: Path) -> Synthesizer:
    return scgan.load(tiny_model, engine="torch")


@pytest.fixture(scope="session")
def request_of(photo_files: PhotoFiles, tiny_model: Path) -> Callable[..., InversionRequest]:
    """Make a short request to invert the photo."""

    def make(steps: int = 2, correction_steps: int = 2, **options: object) -> InversionRequest:
        return InversionRequest(
            model=str(tiny_model),
            photo=photo_files.photo,
            options=PhotoOptions(landmarks=photo_files.landmarks),
            settings=InversionSettings(steps, correction_steps, candidates=2),
            **options,  # type: ignore[arg-type]
        )

    return make


@pytest.fixture(scope="session")
def project_file(
    model: Synthesizer, request_of: Callable[..., InversionRequest], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    file = tmp_path_factory.mktemp("project") / "face.json"
    invert_photo(model, request_of(), file)
    return file


@pytest.fixture(scope="session")
def project(project_file: Path, model: Synthesizer) -> Project:
    from scgan.editing.project import read_project

    return read_project(project_file, model)
