"""Pictures on disk, with a manifest from which each of them can be made again."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.images import require_bounded
from scgan.faces.landmarks import parse_points
from scgan.inference.conditions import NamedConditions, read_mask, save_mask
from scgan.inference.latents import Blend, Latent, latent_vector
from scgan.inference.synthesizer import Synthesizer
from scgan.schema import Schema
from scgan.utils.errors import ItemError, UserError
from scgan.utils.files import atomic_folder
from scgan.utils.progress import progress
from scgan.utils.text import read_text

MASK_INSIDE = "data:image/png;base64,"
"""How a mask begins that is in the manifest itself."""

_PICTURES_AT_ONCE = 32


class ImageSpec(NamedTuple):
    """All that decides one picture of a model.

    Attributes:
        name: of its file, without suffix.
        mask_name: of its mask's file; pictures may share a mask.
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_c,) in [0, 1].
        latent: a seed or a blend of two.
        landmarks: float32 (68, 2) as fractions of the picture where the mask was drawn from points, or None.
    """

    name: str
    mask_name: str
    segmentation: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    latent: Latent
    landmarks: NDArray[np.float32] | None = None


def image_specs(conditions: NamedConditions, count: int, seed: int) -> list[ImageSpec]:
    """``count`` pictures for each condition, their seeds counting on from ``seed``."""
    pictures: list[ImageSpec] = []
    for name, mask, label in zip(conditions.names, conditions.segmentations, conditions.attributes, strict=True):
        seeds = range(seed + len(pictures), seed + len(pictures) + count)
        # hair.png and hair.bmp are two masks of one name: the seeds keep them apart.
        pictures += [ImageSpec(f"{name}-{own}", f"{name}-{seeds[0]}", mask, label, own) for own in seeds]
    return pictures


def write_images(synthesizer: Synthesizer, pictures: Sequence[ImageSpec], out: Path) -> None:
    """Make the pictures: ``out`` gets ``images/``, ``masks/`` (palette PNGs) and ``manifest.json``.

    The manifest holds for each picture its file, mask, attributes and latent; ``read_manifest`` reads it.
    """
    with atomic_folder(out) as partial, progress("generate", len(pictures)) as advance:
        (partial / "images").mkdir()
        (partial / "masks").mkdir()
        for first in range(0, len(pictures), _PICTURES_AT_ONCE):
            part = pictures[first : first + _PICTURES_AT_ONCE]
            images = synthesizer.generate(
                np.stack([recipe.segmentation for recipe in part]),
                np.stack([recipe.attributes for recipe in part]),
                np.stack([latent_vector(synthesizer, recipe.latent) for recipe in part]),
            )
            for recipe, image in zip(part, images, strict=True):
                Image.fromarray(image).save(partial / _image_file(recipe))
                save_mask(partial / _mask_file(recipe), recipe.segmentation, synthesizer.schema)
            advance(len(part), "")
        content = manifest(synthesizer, ((recipe, _mask_file(recipe)) for recipe in pictures))
        (partial / "manifest.json").write_text(json.dumps(content, indent=1), encoding="utf-8")


def manifest(synthesizer: Synthesizer, pictures: Iterable[tuple[ImageSpec, str]]) -> dict[str, Any]:
    """The manifest's content as JSON knows it.

    Args:
        synthesizer: that makes the pictures.
        pictures: each with its mask: a file name relative to the manifest, or ``MASK_INSIDE`` with the PNG.
    """
    return {
        **manifest_head(synthesizer),
        "images": [manifest_entry(synthesizer.schema, recipe, mask) for recipe, mask in pictures],
    }


def manifest_head(synthesizer: Synthesizer) -> dict[str, Any]:
    """What a manifest says about the model."""
    return {
        "model": {"data_fingerprint": synthesizer.fingerprint, "step": synthesizer.model.step},
        "schema": synthesizer.schema.to_json(),
    }


def manifest_entry(schema: Schema, recipe: ImageSpec, mask: str) -> dict[str, Any]:
    """What a manifest says about one picture; ``mask`` as in ``manifest``."""
    return {
        "file": _image_file(recipe),
        "mask": mask,
        "attributes": dict(zip(schema.attribute_names, map(float, recipe.attributes), strict=True)),
        **_latent_to_json(recipe.latent),
        **({} if recipe.landmarks is None else {"landmarks": recipe.landmarks.tolist()}),
    }


def _latent_to_json(latent: Latent) -> dict[str, Any]:
    return {"blend": latent._asdict()} if isinstance(latent, Blend) else {"seed": latent}


def _image_file(recipe: ImageSpec) -> str:
    return f"images/{recipe.name}.png"


def _mask_file(recipe: ImageSpec) -> str:
    return f"masks/{recipe.mask_name}.png"


class Manifest(NamedTuple):
    """A manifest that was read.

    Attributes:
        pictures: what to make.
        data_fingerprint, step: of the model that made them first.
    """

    pictures: list[ImageSpec]
    data_fingerprint: str
    step: int


def read_manifest(file: Path, schema: Schema) -> Manifest:
    """What ``write_images``, the studio or ``scgan synthesize`` wrote.

    The last writes lines (``.jsonl``): the head, then an entry for each picture.

    Raises:
        UserError: the file is missing or damaged, or was made with a model of another schema.
    """
    try:
        text = read_text(file)
    except UserError as error:
        if isinstance(error.__cause__, UnicodeDecodeError):  # a picture, most likely
            raise UserError(
                f"{file} is no manifest, not even text: give the manifest of generated pictures."
            ) from error
        raise
    try:
        if file.suffix == ".jsonl":
            head, *entries = map(json.loads, text.splitlines())
            content = {**head, "images": entries}
        else:
            content = json.loads(text)
    except (ValueError, TypeError, RecursionError) as error:
        raise UserError(f"{file} is not JSON ({error}): give the manifest of generated pictures.") from error
    return parse_manifest(content, str(file), schema, file.parent)


def parse_manifest(content: Any, where: str, schema: Schema, folder: Path | None) -> Manifest:
    """The content of a manifest.

    Args:
        content: as JSON knows it; every part of it is checked.
        where: names its origin in errors.
        schema: the model's, which must be that of the manifest.
        folder: where its masks' files are; None allows only masks inside the manifest.

    Raises:
        UserError: it is no manifest, or does not fit the model.
    """
    try:
        made_with = Schema.from_json(content["schema"], where)
        schema.require_same(made_with, "the model", where)
        entries = content["images"]
        pictures = [_parse_entry(entry, f"{where}, image {n}", schema, folder) for n, entry in enumerate(entries, 1)]
        model = content["model"]
        found = Manifest(pictures, str(model["data_fingerprint"]), int(model["step"]))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        reason = f"it has no {error}" if isinstance(error, KeyError) else str(error)
        raise UserError(f"{where} is no manifest of scgan, or damaged ({reason}).") from error
    if len({recipe.name for recipe in pictures}) < len(pictures):
        raise UserError(f"{where} names two pictures alike.")
    return found


def _parse_entry(entry: Any, where: str, schema: Schema, folder: Path | None) -> ImageSpec:
    name = Path(entry["file"]).stem
    if "blend" in entry:
        blend = entry["blend"]
        share = float(blend["t"])
        if not 0 <= share <= 1:
            raise UserError(f"{where}: its blend has t = {share:g}, which is not between 0 and 1.")
        latent: Latent = Blend(int(blend["seed_a"]), int(blend["seed_b"]), share)
    else:
        latent = int(entry["seed"])
    attributes = {str(key): float(value) for key, value in entry["attributes"].items()}
    landmarks = entry.get("landmarks")
    mask_name, mask = _parse_mask(entry["mask"], name, where, schema, folder)
    return ImageSpec(
        name or "picture",
        mask_name,
        mask,
        schema.attribute_vector(attributes),
        latent,
        None if landmarks is None else parse_points(landmarks, where),
    )


def _parse_mask(
    value: str, name: str, where: str, schema: Schema, folder: Path | None
) -> tuple[str, NDArray[np.uint8]]:
    """The mask's name and content; ``value`` is a file name or a ``data:`` URI."""
    size = schema.image_size
    if value.startswith(MASK_INSIDE):
        content = BytesIO(b64decode(value.removeprefix(MASK_INSIDE), validate=True))
        try:
            require_bounded("its mask", content, size * size)
        except ItemError as error:
            raise UserError(f"{where}: {error}.") from error
        mask_name, mask = name, read_mask(Path(f"{where}: its mask"), schema, content)
    elif folder is None:
        raise UserError(f"{where}: its mask is in another file; open a file that the studio saved.")
    else:
        mask_name, mask = Path(value).stem, read_mask(folder / value, schema)
    if mask.shape != (size, size):
        raise UserError(f"{where}: its mask is {mask.shape[1]}×{mask.shape[0]}, the model's masks are {size}×{size}.")
    return mask_name, mask
