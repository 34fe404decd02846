"""Project file: a photo as a model sees it, and the inputs and the correction that make it again."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import decode, require_bounded
from scgan.editing.placement import Placement
from scgan.faces.landmarks import Points, parse_points
from scgan.inference.mask_files import read_mask, save_mask
from scgan.inference.synthesizer import Synthesizer
from scgan.inversion.correction import Correction, encode_correction, read_correction
from scgan.inversion.invert import Inversion
from scgan.models.digest import model_digest
from scgan.utils.errors import ItemError, UserError
from scgan.utils.files import atomic_file
from scgan.utils.images import png
from scgan.utils.json_files import JsonError, file_digest, read_json, require_encodable, seal, unseal
from scgan.utils.text import shorten

FORMAT = 1
_MAX_BYTES, _MAX_IMAGE_PIXELS = 2**26, 2**22
_PNG_URI = "data:image/png;base64,"


@dataclass(frozen=True)
class Project:
    """Content of a project file.

    Attributes:
        model: name or folder of the model.
        model_digest: of its generator.
        photo: name of the photo's file, for people.
        photo_digest: SHA-256 of that file.
        image: the photo as the model sees it, uint8 (H, W, 3).
        placement: place of ``image`` in the photo.
        landmarks: float32 (68, 2), fractions of ``image``; None if the mask was not drawn from landmarks.
        inversion: mask, attributes, latent, correction.
        seed: of the inversion.
    """

    model: str
    model_digest: str
    photo: str
    photo_digest: str
    image: NDArray[np.uint8]
    placement: Placement
    landmarks: Points | None
    inversion: Inversion
    seed: int


def write_project(file: Path, project: Project, synthesizer: Synthesizer) -> None:
    """Write a project; its correction goes into a file of its own beside it, named by its content."""
    schema, inversion = synthesizer.schema, project.inversion
    mask = BytesIO()
    save_mask(mask, inversion.segmentation, schema)
    correction, old = None, set(_corrections(file))
    if inversion.correction is not None:
        content = encode_correction(inversion.correction)
        digest = hashlib.sha256(content).hexdigest()
        name = f"{_base(file)}.{digest[:8]}.safetensors"
        with atomic_file(file.with_name(name)) as partial:
            partial.write_bytes(content)
        correction = {"file": name, "digest": digest}
    turn, corner = project.placement
    values = {
        "format": FORMAT,
        "model": {"name": project.model, "digest": project.model_digest, "step": synthesizer.step},
        "photo": {"file": project.photo, "digest": project.photo_digest},
        "image": _PNG_URI + base64.b64encode(png(project.image)).decode(),
        "placement": [turn.real, turn.imag, corner.real, corner.imag],
        "mask": _PNG_URI + base64.b64encode(mask.getvalue()).decode(),
        "landmarks": None if project.landmarks is None else project.landmarks.tolist(),
        "attributes": dict(zip(schema.attribute_names, map(float, inversion.attributes), strict=True)),
        "latent": inversion.latent.tolist(),
        "distance": inversion.distance,
        "random_distance": inversion.random_distance,
        "steps": inversion.steps,
        "correction_steps": inversion.correction_steps,
        "correction": correction,
        "seed": project.seed,
    }
    with atomic_file(file) as partial:
        partial.write_text(json.dumps(seal(values), indent=1), encoding="utf-8")
    for other in old - {file.with_name(correction["file"]) if correction else None}:
        other.unlink(missing_ok=True)


def read_model_name(file: Path) -> str:
    """Read the name of the model that a project was made with.

    Raises:
        UserError: as in ``read_project``.
    """
    return str(_read(file)["model"]["name"])


def read_project(file: Path, synthesizer: Synthesizer) -> Project:
    """Read a project, and its correction.

    Raises:
        UserError: a file is missing or damaged, or the project was made with another model.
    """
    values = _read(file)
    digest, step = str(values["model"]["digest"]), values["model"]["step"]
    if digest != model_digest(synthesizer.model):
        raise UserError(
            f"{file} was made with another model than this one ({values['model']['name']} after {step} steps): give "
            "that model as --model, or run `scgan invert` again."
        )
    try:
        return _parse(file, values, synthesizer, digest)
    except UserError:
        raise
    except (ArithmeticError, ItemError, KeyError, TypeError, ValueError) as error:
        raise _damaged(file, error) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        raw = read_json(file, _MAX_BYTES)
        if isinstance(raw, dict) and "placement" not in raw:
            raise UserError(f"{file} is not a project: `scgan invert` writes one.")
        values = unseal(raw)
        require_encodable(values)
        if values["format"] != FORMAT:
            raise UserError(f"{file} has format {str(values['format'])[:20]}, this version of scgan reads {FORMAT}.")
        str(values["model"]["name"])
        return values
    except (JsonError, KeyError, TypeError) as error:
        raise _damaged(file, error) from error


def _parse(file: Path, values: dict[str, Any], synthesizer: Synthesizer, digest: str) -> Project:
    schema = synthesizer.schema
    size = schema.image_size
    image = np.asarray(decode(file, _png_bytes(values["image"])).convert("RGB"))
    mask = read_mask(file, schema, _png_bytes(values["mask"]))
    latent = np.array(values["latent"], np.float32)
    numbers = [float(number) for number in values["placement"]]
    if image.shape != (size, size, 3) or mask.shape != (size, size) or latent.shape != (synthesizer.latent_size,):
        raise ValueError("its image, mask or latent has another size than the model's")
    if len(numbers) != 4 or not np.isfinite([*numbers, *latent]).all() or numbers[0] == numbers[1] == 0:
        raise ValueError("its placement or latent is not valid")
    correction: Correction | None = None
    if values["correction"] is not None:
        correction = _read_correction(file, values["correction"], synthesizer)
    landmarks = values["landmarks"]
    inversion = Inversion(
        segmentation=mask,
        attributes=schema.attribute_vector({str(k): float(v) for k, v in values["attributes"].items()}),
        latent=latent,
        correction=correction,
        distance=float(values["distance"]),
        random_distance=float(values["random_distance"]),
        steps=int(values["steps"]),
        correction_steps=int(values["correction_steps"]),
    )
    return Project(
        model=str(values["model"]["name"]),
        model_digest=digest,
        photo=str(values["photo"]["file"]),
        photo_digest=str(values["photo"]["digest"]),
        image=image,
        placement=Placement(complex(*numbers[:2]), complex(*numbers[2:])),
        landmarks=None if landmarks is None else parse_points(landmarks, str(file)),
        inversion=inversion,
        seed=int(values["seed"]),
    )


def _read_correction(file: Path, values: dict[str, Any], synthesizer: Synthesizer) -> Correction:
    path = file.with_name(Path(str(values["file"])).name)
    if not path.is_file():
        raise UserError(f"{path} is missing: it belongs to {file}; copy it there, or run `scgan invert` again.")
    if file_digest(path) != values["digest"]:
        raise UserError(f"{path} is not the file that {file} describes: copy both again, or run `scgan invert` again.")
    return read_correction(path, synthesizer.model.generator)


def _corrections(file: Path) -> list[Path]:
    """List the files of corrections that a project has, or had before it was written again."""
    pattern = "[0-9a-f]" * 8
    return list(file.parent.glob(f"{_escape(_base(file))}.{pattern}.safetensors")) if file.parent.is_dir() else []


def _base(file: Path) -> str:
    """Beginning of the names of a project's files: its own name without ``.json``, so that no two projects share it."""
    return file.stem if file.suffix == ".json" else file.name


def _escape(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


def _png_bytes(uri: Any) -> BytesIO:
    text = str(uri)
    if not text.startswith(_PNG_URI):
        raise ValueError("an image in it is no PNG")
    try:
        content = base64.b64decode(text.removeprefix(_PNG_URI), validate=True)
    except binascii.Error as error:
        raise ValueError("an image in it is damaged") from error
    require_bounded("an image in it", BytesIO(content), _MAX_IMAGE_PIXELS)
    return BytesIO(content)


def _damaged(file: Path, error: Exception) -> UserError:
    return UserError(f"{file} is missing, damaged, or not a project ({shorten(error)}): run `scgan invert` again.")
