"""Generated images on disk, with a manifest from which each can be generated again."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from io import BytesIO
from operator import index
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.images import require_bounded
from scgan.faces.landmarks import parse_points
from scgan.inference.conditions import NamedConditions
from scgan.inference.latents import Blend, Latent, latent_vector
from scgan.inference.mask_files import read_mask, save_mask
from scgan.inference.synthesizer import Synthesizer
from scgan.schema import Schema
from scgan.utils.batching import batches
from scgan.utils.errors import ItemError, UserError
from scgan.utils.files import MAX_NAME_BYTES, atomic_folder
from scgan.utils.json_files import parse_json
from scgan.utils.progress import progress
from scgan.utils.text import read_text, shorten
from scgan.utils.workers import LocalProcesses, WorkerPool

MASK_DATA_URI = "data:image/png;base64,"
"""Prefix of a mask that is stored in the manifest itself."""

_BATCH_SIZE = 32
_MAX_MASK_BYTES = 2**22


class ImageSpec(NamedTuple):
    """Full specification of one generated image.

    Attributes:
        name: of the image's file, without suffix.
        mask_name: of the mask's file, without suffix; images may share a mask.
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_c,) in [0, 1].
        latent: a seed, or a blend of two seeds.
        landmarks: float32 (68, 2), fractions of the image, if the mask was drawn from landmarks; else None.
    """

    name: str
    mask_name: str
    segmentation: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    latent: Latent
    landmarks: NDArray[np.float32] | None = None


def image_specs(conditions: NamedConditions, count: int, seed: int) -> list[ImageSpec]:
    """Specify ``count`` images for each mask, with seeds that count up from ``seed``."""
    specs: list[ImageSpec] = []
    for name, mask, attributes in zip(conditions.names, conditions.segmentations, conditions.attributes, strict=True):
        seeds = range(seed + len(specs), seed + len(specs) + count)
        # hair.png and hair.bmp are two masks of one name: the seeds keep their files apart.
        specs += [ImageSpec(f"{name}-{number}", f"{name}-{seeds[0]}", mask, attributes, number) for number in seeds]
    return specs


def generate_images(synthesizer: Synthesizer, specs: Sequence[ImageSpec]) -> NDArray[np.uint8]:
    """Generate the specified images, all in memory: uint8 (N, H, W, 3), RGB."""
    return synthesizer.generate(
        np.stack([spec.segmentation for spec in specs]),
        np.stack([spec.attributes for spec in specs]),
        np.stack([latent_vector(synthesizer, spec.latent) for spec in specs]),
    )


def write_images(
    synthesizer: Synthesizer, specs: Sequence[ImageSpec], out: Path, workers: WorkerPool | None = None
) -> None:
    """Generate images into a folder: ``images/``, ``masks/`` (palette PNGs) and ``manifest.json``.

    The manifest stores file, mask, attributes and latent of each image; ``read_manifest`` reads it.

    Args:
        synthesizer: the model.
        specs: the images.
        out: the folder.
        workers: generate them; by default this process does.

    Raises:
        RunError: the cluster was lost.
    """
    parts = [specs[part] for part in batches(len(specs), _BATCH_SIZE)]
    results = (workers or LocalProcesses()).map(generate_images, synthesizer, parts)
    with atomic_folder(out) as partial, progress("generate", len(specs)) as advance, closing(results):
        (partial / "images").mkdir()
        (partial / "masks").mkdir()
        for batch, images in zip(parts, results, strict=True):
            for spec, image in zip(batch, images, strict=True):
                Image.fromarray(image).save(partial / _image_file(spec))
                save_mask(partial / _mask_file(spec), spec.segmentation, synthesizer.schema)
            advance(len(batch), "")
        content = manifest(synthesizer, ((spec, _mask_file(spec)) for spec in specs))
        (partial / "manifest.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def manifest(synthesizer: Synthesizer, specs: Iterable[tuple[ImageSpec, str]]) -> dict[str, Any]:
    """Build a manifest, JSON values.

    Args:
        synthesizer: the model that generates the images.
        specs: each with its mask: a file name relative to the manifest, or ``MASK_DATA_URI`` and the encoded PNG.
    """
    return {
        **manifest_head(synthesizer),
        "images": [manifest_entry(synthesizer.schema, spec, mask) for spec, mask in specs],
    }


def manifest_head(synthesizer: Synthesizer) -> dict[str, Any]:
    """Build the manifest's part about the model, JSON values."""
    return {
        "model": {"data_fingerprint": synthesizer.fingerprint, "step": synthesizer.model.step},
        "schema": synthesizer.schema.to_json(),
    }


def manifest_entry(schema: Schema, spec: ImageSpec, mask: str) -> dict[str, Any]:
    """Build the manifest's entry for one image, JSON values; ``mask`` as in ``manifest``."""
    return {
        "file": _image_file(spec),
        "mask": mask,
        "attributes": dict(zip(schema.attribute_names, map(float, spec.attributes), strict=True)),
        **_latent_to_json(spec.latent),
        **({} if spec.landmarks is None else {"landmarks": spec.landmarks.tolist()}),
    }


def _latent_to_json(latent: Latent) -> dict[str, Any]:
    return {"blend": latent._asdict()} if isinstance(latent, Blend) else {"seed": latent}


def _image_file(spec: ImageSpec) -> str:
    return f"images/{spec.name}.png"


def _mask_file(spec: ImageSpec) -> str:
    return f"masks/{spec.mask_name}.png"


class Manifest(NamedTuple):
    """Content of a manifest.

    Attributes:
        image_specs: the images.
        data_fingerprint, step: of the model that generated them.
    """

    image_specs: list[ImageSpec]
    data_fingerprint: str
    step: int


def read_manifest(file: Path, schema: Schema, anywhere: bool = False) -> Manifest:
    """Read a manifest that ``write_images``, the studio or ``scgan synthesize`` wrote.

    ``scgan synthesize`` writes lines (``.jsonl``): the head, then an entry for each image.

    Args:
        file: the manifest.
        schema: of the model.
        anywhere: read masks outside of the manifest's folder too.

    Raises:
        UserError: the file is missing or damaged, or was made with a model of another schema.
    """
    try:
        text = read_text(file)
    except UserError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):  # an image, most likely
            raise UserError(f"{file} is not text, so not a manifest: give the manifest of generated images.") from error
        raise
    try:
        if file.suffix == ".jsonl":
            head, *entries = map(parse_json, text.splitlines())
            content = {**head, "images": entries}
        else:
            content = parse_json(text)
    except (ValueError, TypeError) as error:
        raise UserError(f"{file} is not JSON ({error}): give the manifest of generated images.") from error
    return parse_manifest(content, str(file), schema, file.parent, anywhere)


def parse_manifest(content: Any, where: str, schema: Schema, folder: Path | None, anywhere: bool = False) -> Manifest:
    """Check and convert the content of a manifest.

    Args:
        content: JSON values.
        where: names the origin in errors.
        schema: of the model; the manifest must have the same.
        folder: of the mask files; None allows only masks inside the manifest.
        anywhere: mask files may be outside of ``folder``.

    Raises:
        UserError: it is not a manifest, or does not fit the model.
    """
    try:
        schema.require_same(Schema.from_json(content["schema"], where), "the model", where)
        entries = content["images"]

        def read(value: Any, name: str, place: str) -> tuple[str, NDArray[np.uint8]]:
            return _parse_mask(value, name, place, schema, lambda file: _mask_path(file, folder, anywhere, place))

        specs = [_parse_entry(entry, f"{where}, image {n}", schema, read) for n, entry in enumerate(entries, 1)]
        model = content["model"]
        parsed = Manifest(specs, str(model["data_fingerprint"]), int(model["step"]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise UserError(f"{where} is not a manifest of scgan, or damaged ({reason}).") from error
    if len({spec.name for spec in specs}) < len(specs):
        raise UserError(f"{where} gives two images the same name.")
    masks: dict[str, NDArray[np.uint8]] = {}
    for spec in specs:
        if not np.array_equal(masks.setdefault(spec.mask_name, spec.segmentation), spec.segmentation):
            raise UserError(f"{where} gives two masks the same name, {spec.mask_name}.")
    return parsed


def _parse_entry(
    entry: Any, where: str, schema: Schema, read: Callable[[Any, str, str], tuple[str, NDArray[np.uint8]]]
) -> ImageSpec:
    name = _file_stem(entry["file"], where) if entry["file"] else "image"
    if "blend" in entry:
        blend = entry["blend"]
        share = float(blend["t"])
        if not 0 <= share <= 1:
            raise UserError(f"{where}: its blend has t = {share:g}, which is not between 0 and 1.")
        latent: Latent = Blend(index(blend["seed_a"]), index(blend["seed_b"]), share)
    else:
        latent = index(entry["seed"])
    attributes = {str(key): float(value) for key, value in entry["attributes"].items()}
    landmarks = entry.get("landmarks")
    mask_name, mask = read(entry["mask"], name, where)
    return ImageSpec(
        name,
        mask_name,
        mask,
        schema.attribute_vector(attributes),
        latent,
        None if landmarks is None else parse_points(landmarks, where),
    )


def _file_stem(value: Any, where: str) -> str:
    """Name of a file without its suffix, which an output may have.

    Raises:
        UserError: it is no name of a file.
    """
    stem = Path(value).stem
    if not stem.strip(".") or "\0" in stem or len(os.fsencode(stem)) > MAX_NAME_BYTES:
        raise UserError(f"{where}: {str(value)[:60]!r} is not the name of a file, or it is too long.")
    return stem


def _mask_path(value: str, folder: Path | None, anywhere: bool, where: str) -> Path:
    """Path of a mask file.

    Raises:
        UserError: it is outside of ``folder``, or no file.
    """
    if folder is None:
        raise UserError(f"{where}: its mask is in another file; open a file that the studio saved.")
    _file_stem(value, where)
    path = folder / value
    try:
        if not anywhere and not path.resolve().is_relative_to(folder.resolve()):
            raise UserError(
                f"{where}: its mask {value[:60]} is outside of the manifest's folder: copy it there, or allow it with "
                "--masks-anywhere."
            )
        if not path.is_file():
            raise UserError(f"{where}: its mask {path} is missing or not a file.")
    except (OSError, RuntimeError) as error:  # a name that is too long, a loop of links
        raise UserError(f"{where}: its mask {value[:60]} cannot be read ({shorten(error)}).") from error
    return path


def _parse_mask(
    value: Any, name: str, where: str, schema: Schema, locate: Callable[[str], Path]
) -> tuple[str, NDArray[np.uint8]]:
    """Read the mask's name and content; ``value`` is a file name or a ``data:`` URI."""
    size = schema.image_size
    if not isinstance(value, str):
        raise UserError(f"{where}: its mask is {str(value)[:60]}, not the name of a file.")
    if value.startswith(MASK_DATA_URI):
        mask_name, label = name, f"{where}: its mask"
        content = BytesIO(b64decode(value.removeprefix(MASK_DATA_URI), validate=True))
    else:
        path = locate(value)
        mask_name, label = path.stem, str(path)
        content = BytesIO(path.read_bytes()) if path.stat().st_size <= _MAX_MASK_BYTES else BytesIO()
    try:
        require_bounded("its mask", content, size * size)
    except ItemError as error:
        raise UserError(f"{where}: {error}.") from error
    content.seek(0)
    mask = read_mask(Path(label), schema, content)
    if mask.shape != (size, size):
        raise UserError(f"{where}: its mask is {mask.shape[1]}×{mask.shape[0]}, the model's masks are {size}×{size}.")
    return mask_name, mask
