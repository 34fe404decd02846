"""Graders: networks that judge, trained on real images of the training split and never shown to a generator.

A generator learns to please the segmentor it is trained against, so that one may not judge it. A grader has another
architecture and saw noisy, flipped, shifted images.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from torch import nn

from scgan.data.prepared import PreparedDataset
from scgan.graders.folder import (
    ARCHITECTURES,
    ATTRIBUTES,
    DESCRIPTION_FILE,
    MASKS,
    TRAININGS,
    GraderDescription,
    load_grader_network,
    read_grader_description,
    write_grader,
)
from scgan.graders.grader import AttributeGrader, Grader
from scgan.graders.training import STEPS, train_grader
from scgan.models.description import files_of
from scgan.models.find import find_model
from scgan.schema import Schema
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_folder
from scgan.utils.progress import say

# A change of either must not find what an older one cached.
_VERSIONS = {kind: f"{architecture}-{STEPS}" for kind, architecture in ARCHITECTURES.items()}


def find_grader(kind: str, given: str | None, model: Path, fingerprint: str) -> Path | None:
    """The grader that a person named, else the one that a model brings for these data, else None.

    Args:
        kind: ``MASKS`` or ``ATTRIBUTES``.
        given: a grader's folder, or a model that brings one (as ``find_model`` takes it), or that with ``/grader``.
        model: the folder of the model that is to be judged.
        fingerprint: of the data by which it is to be judged; a grader of other data must be asked for.

    Raises:
        UserError: what was given is no grader, and no model with one.
    """
    if given is None:
        brought = _brought(kind, model)
        return brought if brought and read_grader_description(brought).fingerprint == fingerprint else None
    path = Path(given)
    if (path / DESCRIPTION_FILE).is_file():
        return path
    of_model = path.parent if path.name in (MASKS, ATTRIBUTES) else given
    try:
        brought = _brought(kind, find_model(of_model))
    except UserError as error:
        raise UserError(f"{given} is not a grader's folder, nor a model with a grader: {error}") from error
    if brought is None:
        raise UserError(f"{of_model} brings no {kind}: `scgan export` puts one beside a model.")
    return brought


def cached_grader(kind: str, fingerprint: str) -> Path | None:
    """The grader for these data in the user's cache, if it is there."""
    folder = _cached(kind, fingerprint, None)
    return folder if folder.is_dir() else None


def load_or_train_grader(
    dataset: PreparedDataset, cache: Path | None = None, grader: Path | None = None, device: str = "cpu"
) -> Grader:
    """The grader of masks for a data set: the given one, else the cached one, else one that is trained now and cached.

    Args:
        dataset: its train split is what a new grader learns from.
        cache: where graders are kept; the user's cache folder by default.
        grader: a grader's folder.
        device: where it computes; a new one is trained on a GPU if there is one.

    Raises:
        UserError: ``grader`` is missing, damaged, or for other classes.
    """
    folder = grader or _trained(MASKS, dataset, cache)
    return Grader(*_open(MASKS, folder, dataset, device))


def load_or_train_attribute_grader(
    dataset: PreparedDataset, cache: Path | None = None, grader: Path | None = None, device: str = "cpu"
) -> AttributeGrader:
    """The grader of attributes for a data set: the given one, else the cached one, else one trained now and cached.

    Args:
        dataset, cache, grader, device: as for ``load_or_train_grader``.

    Raises:
        UserError: the data set has no attributes; ``grader`` is missing, damaged, or for other attributes.
    """
    if not dataset.schema.attribute_count:
        raise UserError(f"{dataset.path} has no attributes: there is nothing for a classifier to judge.")
    folder = grader or _trained(ATTRIBUTES, dataset, cache)
    return AttributeGrader(*_open(ATTRIBUTES, folder, dataset, device))


def _brought(kind: str, model: Path) -> Path | None:
    folder = files_of(model) / kind
    return folder if folder.is_dir() else None


def _cached(kind: str, fingerprint: str, cache: Path | None) -> Path:
    return (cache or cache_folder("graders")) / f"{fingerprint}-{_VERSIONS[kind]}"


def _trained(kind: str, dataset: PreparedDataset, cache: Path | None) -> Path:
    """The cached grader's folder; it is trained first when it is not there."""
    folder = _cached(kind, dataset.fingerprint, cache)
    if not folder.is_dir():
        say(f"training a grader for {dataset.path}; it is kept in {folder}")
        work = folder.with_name(f"{folder.name}.training")

        def save(step: int, network: nn.Module) -> None:
            with atomic_folder(folder) as partial:
                description = GraderDescription(dataset.schema, dataset.fingerprint, step)
                write_grader(partial, network, description, half=False)

        train_grader(TRAININGS[kind], dataset, work, save)
        shutil.rmtree(work)
    return folder


def _open(kind: str, folder: Path, dataset: PreparedDataset, device: str) -> tuple[nn.Module, Schema, str]:
    """Network, schema and name of a grader that fits the data."""
    description = read_grader_description(folder)
    schema = description.schema
    dataset.schema.require_same(schema, str(dataset.path), str(folder))
    network = load_grader_network(kind, folder, schema).to(device)
    return network, schema, f"{ARCHITECTURES[kind]}-{description.step} {description.fingerprint}"
