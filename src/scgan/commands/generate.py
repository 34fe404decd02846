"""Generate images from masks, attributes and seeds.

Masks come from files, landmarks, a photo or a prepared folder; by default they are the model's own examples. With
--from, masks, attributes and latents come from a manifest of generated images.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import (
    MODEL,
    add_cluster,
    add_device,
    add_engine,
    add_mask_sources,
    add_overwrite,
    mask_sources,
)
from scgan.commands.parser import Seed
from scgan.utils.counts import require_at_most
from scgan.utils.errors import UserError
from scgan.utils.text import counted, join_names

if TYPE_CHECKING:
    from scgan.inference.manifest import ImageSpec
    from scgan.inference.synthesizer import Synthesizer


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("model", help=MODEL)
    parser.add_argument("--out", type=Path, required=True, help="folder for the images, their masks and manifest.json")
    add_mask_sources(parser)
    parser.add_argument(
        "--from",
        dest="manifest",
        type=Path,
        help="a manifest.json, or a JSON file saved in the studio: generate its images again",
    )
    parser.add_argument(
        "--masks-anywhere", action="store_true", help="read masks outside of the folder of --from too, if it names such"
    )
    parser.add_argument(
        "--attributes",
        help="like Blond_Hair,Young=0.5; others are 0, except one of a group that the data always have one of "
        "(default: those of the masks' items; for masks of files the most frequent ones)",
    )
    parser.add_argument("--per-mask", type=int, help="number of images for each mask (default: 1)")
    parser.add_argument("--seed", type=Seed, help="seed of the first image; the next ones count up (default: 0)")
    add_device(parser)
    add_engine(parser)
    add_cluster(parser, "generates")
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    from scgan.inference.manifest import write_images
    from scgan.inference.synthesizer import load, require_trained
    from scgan.utils.cluster import open_workers
    from scgan.utils.files import claimed_folder

    if arguments.per_mask is not None and arguments.per_mask < 1:
        raise UserError(f"--per-mask {arguments.per_mask}: at least 1 image is needed.")
    require_at_most("--per-mask", arguments.per_mask or 1)
    with open_workers(arguments.cluster) as workers, claimed_folder(arguments.out, arguments.overwrite):
        synthesizer = load(arguments.model, arguments.device, arguments.engine)
        require_trained(synthesizer, arguments.model)
        specs = _from_manifest(synthesizer, arguments) if arguments.manifest else _from_options(synthesizer, arguments)
        write_images(synthesizer, specs, arguments.out, workers)
    print(f"{counted(len(specs), 'image')} in {arguments.out}")


def _from_options(synthesizer: Synthesizer, arguments: Namespace) -> list[ImageSpec]:
    from scgan.inference.manifest import image_specs
    from scgan.inference.mask_sources import find_conditions
    from scgan.schema import describe_attributes
    from scgan.utils.progress import say

    sources = mask_sources(arguments)
    conditions = find_conditions(synthesizer, sources)
    if arguments.attributes is not None:
        conditions = conditions.with_attributes(synthesizer.parse_attributes(arguments.attributes))
    elif sources.files:  # a file says nothing about attributes, and without any a model draws what is rare in its data
        attributes = synthesizer.commonest_attributes()
        conditions = conditions.with_attributes(attributes)
        if synthesizer.schema.attribute_count:
            say(
                f"attributes: {describe_attributes(attributes, synthesizer.schema)}, the most frequent ones of the "
                f"model's examples (choose others with --attributes: {join_names(synthesizer.schema.attribute_names)})."
            )
    return image_specs(conditions, arguments.per_mask or 1, arguments.seed or 0)


def _from_manifest(synthesizer: Synthesizer, arguments: Namespace) -> list[ImageSpec]:
    from scgan.inference.manifest import read_manifest
    from scgan.utils.progress import say

    sources = ("masks", "landmarks", "photo", "align_face", "detector", "parser", "parser_classes", "data", "items")
    for name in (*sources, "attributes", "per_mask", "seed"):
        if arguments[name] not in (None, []):
            raise UserError(
                f"--from gives mask, attributes and seed of each image: leave out --{name.replace('_', '-')}."
            )
    manifest = read_manifest(arguments.manifest, synthesizer.schema, arguments.masks_anywhere)
    if (manifest.data_fingerprint, manifest.step) != (synthesizer.fingerprint, synthesizer.step):
        say(
            f"{arguments.manifest} was written with another model (step {manifest.step}, data "
            f"{manifest.data_fingerprint}): the images will differ."
        )
    return manifest.image_specs
