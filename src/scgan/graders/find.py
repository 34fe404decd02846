"""Search for graders: the given one, one beside a model, one in the user's cache, or one that is trained now."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from scgan.data.prepared import PreparedDataset
from scgan.graders.folder import DESCRIPTION_FILE, load_grader_network, read_grader_description
from scgan.graders.grader import AttributeGrader, Grader
from scgan.graders.kinds import ATTRIBUTES, KINDS, MASKS, GraderKind
from scgan.graders.training import STEPS, train_grader, training_rows
from scgan.models.description import files_of
from scgan.models.find import find_model
from scgan.schema import Schema
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.files import user_path
from scgan.utils.locks import output_lock
from scgan.utils.progress import say


def find_grader(kind: GraderKind, given: str | None, model: Path, fingerprint: str) -> Path | None:
    """Find the folder of the given grader, else of the grader beside a model if it fits the data.

    Args:
        kind: ``MASKS`` or ``ATTRIBUTES``.
        given: a grader's folder, or a model that comes with one (as ``find_model`` takes it), or that with ``/grader``.
        model: the folder of the model to be judged.
        fingerprint: of the data for the judgment; the grader beside the model must have learned from the same data.

    Returns:
        None if ``given`` is None and no grader beside the model fits.

    Raises:
        UserError: ``given`` is neither a grader nor a model with a grader.
    """
    if given is None:
        path = _beside(kind, model)
        return path if path and read_grader_description(path).fingerprint == fingerprint else None
    folder = user_path(given)
    if (folder / DESCRIPTION_FILE).is_file():
        return folder
    name = str(folder.parent) if folder.name in [grader_kind.name for grader_kind in KINDS] else given
    try:
        path = _beside(kind, find_model(name))
    except UserError as error:
        raise UserError(f"{given} is not a grader's folder, nor a model with a grader: {error}") from error
    if path is None:
        raise UserError(f"{name} has no {kind.name}: `scgan export` adds one to a model.")
    return path


def require_grader(kind: GraderKind, dataset: PreparedDataset, grader: Path | None) -> None:
    """Check, before any work, that ``load_or_train_grader`` will have a grader; nothing is loaded or trained.

    Args:
        kind: ``MASKS`` or ``ATTRIBUTES``.
        dataset: to be judged.
        grader: as ``find_grader`` found it.

    Raises:
        UserError: the grader is missing or for other data; the data have no attributes, or too few training items.
    """
    if kind is ATTRIBUTES:
        _require_attributes(dataset)
    if grader is not None:
        schema = read_grader_description(grader).schema
        dataset.schema.require_same(schema, str(dataset.path), str(grader))
    elif cached_grader(kind, dataset.fingerprint) is None:
        training_rows(dataset)


def grader_cache(kind: GraderKind, fingerprint: str, cache: Path | None = None, steps: int = STEPS) -> Path:
    """Name the folder of a grader in a cache, by default the user's; it need not exist yet.

    The name holds architecture and steps, so that a newer version does not find the grader of an older one.
    """
    return (cache or cache_folder("graders")) / f"{fingerprint}-{kind.architecture}-{steps}"


def cached_grader(kind: GraderKind, fingerprint: str) -> Path | None:
    """Find the grader for these data in the user's cache; None if it is not there."""
    folder = grader_cache(kind, fingerprint)
    return folder if folder.is_dir() else None


def load_or_train_grader(
    dataset: PreparedDataset,
    *,
    grader: Path | None = None,
    cache: Path | None = None,
    device: str = "cpu",
    steps: int = STEPS,
) -> Grader:
    """Load the given grader of masks, else the cached one, else train one and cache it.

    Args:
        dataset: a new grader learns from its training split.
        grader: a grader's folder.
        cache: folder of cached graders; by default in the user's cache.
        device: of the loaded grader; a new one is trained on a GPU if there is one.
        steps: training steps of a new grader.

    Raises:
        UserError: ``grader`` is missing, damaged, or for other classes.
    """
    folder = grader or _cached_or_trained(MASKS, dataset, cache, steps)
    return Grader(*_load(MASKS, folder, dataset, device))


def load_or_train_attribute_grader(
    dataset: PreparedDataset,
    *,
    grader: Path | None = None,
    cache: Path | None = None,
    device: str = "cpu",
    steps: int = STEPS,
) -> AttributeGrader:
    """Load the given grader of attributes, else the cached one, else train one and cache it.

    Args:
        dataset, grader, cache, device, steps: as for ``load_or_train_grader``.

    Raises:
        UserError: the data set has no attributes; ``grader`` is missing, damaged, or for other attributes.
    """
    _require_attributes(dataset)
    folder = grader or _cached_or_trained(ATTRIBUTES, dataset, cache, steps)
    return AttributeGrader(*_load(ATTRIBUTES, folder, dataset, device))


def _require_attributes(dataset: PreparedDataset) -> None:
    if not dataset.schema.attribute_count:
        raise UserError(f"{dataset.path} has no attributes: a grader of attributes cannot be trained.")


def _beside(kind: GraderKind, model: Path) -> Path | None:
    folder = files_of(model) / kind.name
    return folder if folder.is_dir() else None


def _cached_or_trained(kind: GraderKind, dataset: PreparedDataset, cache: Path | None, steps: int) -> Path:
    folder = grader_cache(kind, dataset.fingerprint, cache, steps)
    if folder.is_dir():
        return folder
    with output_lock(folder, wait=True):
        if not folder.is_dir():  # no other command has trained it meanwhile
            say(
                f"training a grader for {dataset.path}, which takes minutes and is cached in {folder}; --grader takes "
                "a trained one"
            )
            train_grader(kind, dataset, folder, steps=steps)
    return folder


def _load(kind: GraderKind, folder: Path, dataset: PreparedDataset, device: str) -> tuple[nn.Module, Schema, str]:
    """Load network, schema and name of a grader that fits the data."""
    description = read_grader_description(folder)
    schema = description.schema
    dataset.schema.require_same(schema, str(dataset.path), str(folder))
    network = load_grader_network(kind, folder, schema).to(device)
    return network, schema, f"{kind.architecture}-{description.step} {description.fingerprint}"
