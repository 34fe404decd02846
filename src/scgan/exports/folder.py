"""Export of a model to a folder with the layout of a Hugging Face Hub repository."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from scgan.data.items import SPLITS
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.evaluate import read_scores
from scgan.exports.card import model_card
from scgan.graders.find import cached_grader, find_grader
from scgan.graders.folder import copy_grader, read_grader_description
from scgan.graders.kinds import ATTRIBUTES, MASKS, GraderKind
from scgan.inversion.encoder import copy_encoder
from scgan.models.description import About, read_description, without_absolute_paths
from scgan.models.find import find_model
from scgan.models.folder import Model, load_model, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.runs.folder import load_data_description, read_log
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_folder, claimed_folder, refuse_existing_folder, refuse_overwriting_inputs
from scgan.utils.progress import say

MAX_SEGMENTOR_BYTES = 2_000_000
"""A larger segmentor is left out; without it the studio cannot segment photos."""


def export_model(
    name: str,
    out: Path,
    *,
    title: str | None = None,
    data: Path | None = None,
    data_note: str | None = None,
    license: str | None = None,
    grader: str | None = None,
    attribute_grader: str | None = None,
    overwrite: bool = False,
) -> list[tuple[str, int]]:
    """Write the folder ``out``: the model in half precision, with examples, graders, its encoder and a card. Nothing is
    uploaded.

    Args:
        name: the model, as ``scgan.models.find.find_model`` takes it.
        out: the folder; its name is the model's name in the card.
        title: one line that describes the model's images.
        data: the prepared folder that it was trained on; by default the one that its run names, if it is still there.
        data_note: for the card: owner and license of the training images.
        license: for the card, an identifier of the Hub's.
        grader, attribute_grader: as ``find_grader`` takes them; by default those beside the model or in the cache.
        overwrite: replace ``out``.

    Returns:
        The files and their sizes in bytes.

    Raises:
        UserError: there is no such model; ``out`` exists or holds the model; data or graders are not the model's.
    """
    folder = find_model(name)
    check_target(folder, out, overwrite)
    with claimed_folder(out, overwrite):
        model = load_model(folder)
        graders = find_graders(folder, model, grader, attribute_grader)
        model = model._replace(
            scores=_scores(folder, model),
            networks=TrainedNetworks(model.generator, _small(model.segmentor)),
            about=_about(folder, model, title, data, data_note),
        )
        with atomic_folder(out) as partial:
            save_model(partial, model, half=True)
            for kind, source in graders.items():
                copy_grader(kind, source, partial / kind.name)
            copy_encoder(model, partial)
            card = model_card(out.resolve().name, read_description(partial), sizes(partial), license)
            (partial / "README.md").write_text(card, encoding="utf-8", errors="backslashreplace")
            return sizes(partial)


def check_target(folder: Path, out: Path, overwrite: bool) -> None:
    """Check that the export of the model in ``folder`` can be written to ``out``.

    Raises:
        UserError: ``out`` exists, was not written by scgan, or holds the model.
    """
    refuse_existing_folder(out, overwrite)
    refuse_overwriting_inputs(out, [folder])


def sizes(folder: Path) -> list[tuple[str, int]]:
    """List the files below a folder, with their sizes in bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(file.relative_to(folder).as_posix(), file.stat().st_size) for file in files]


def _small(segmentor: nn.Module | None) -> nn.Module | None:
    if segmentor is None:
        return None
    size = 2 * sum(value.numel() for value in segmentor.state_dict().values())
    if size <= MAX_SEGMENTOR_BYTES:
        return segmentor
    say(f"the segmentor ({size:,} bytes) is left out: without it the studio cannot segment photos")
    return None


def find_graders(
    folder: Path, model: Model, grader: str | None, attribute_grader: str | None
) -> dict[GraderKind, Path]:
    """Find the graders of a model, by kind; say which are missing.

    Raises:
        UserError: a given one is not a grader, or for other classes or attributes.
    """
    graders = {}
    given_by_kind = {MASKS: grader, **({ATTRIBUTES: attribute_grader} if model.schema.attribute_count else {})}
    for kind, given in given_by_kind.items():
        source = find_grader(kind, given, folder, model.fingerprint) or cached_grader(kind, model.fingerprint)
        if source is None:
            option = " --judge-attributes" if kind == ATTRIBUTES else ""
            say(f"there is no {kind.name} for the model's data: `scgan evaluate{option}` trains and caches one")
            continue
        model.schema.require_same(read_grader_description(source).schema, "the model", str(source))
        graders[kind] = source
    return graders


def _scores(folder: Path, model: Model) -> dict[str, Any] | None:
    scores = read_scores(folder, model.scores)
    if scores and scores.get("step", model.step) != model.step:
        say(f"scores of step {scores['step']} are left out, the model is at step {model.step}: evaluate it again")
        return None
    return scores


def _about(folder: Path, model: Model, title: str | None, data: Path | None, data_note: str | None) -> About:
    about = model.about
    dataset = _dataset(folder, model, data)
    if dataset is not None:
        counts = {split: dataset.splits.count(split) for split in SPLITS}
        about = replace(about, data={**without_absolute_paths(dataset.source), **counts})
    log = [entry for entry in read_log(folder / "log.jsonl") if entry["step"] <= model.step]
    if log:
        about = replace(about, seconds=log[-1]["seconds"])
    return replace(about, title=title or about.title, data_note=data_note or about.data_note)


def _dataset(folder: Path, model: Model, data: Path | None) -> PreparedDataset | None:
    """Data that the model was trained on: the given ones, else those that the run names, if they are still there."""
    if data is not None:
        dataset = PreparedDataset.open(data)
        if dataset.fingerprint != model.fingerprint:
            raise UserError(
                f"{data} has the fingerprint {dataset.fingerprint}, the model was trained on {model.fingerprint}: give "
                "its own data, or leave --data out."
            )
        return dataset
    if not (folder / "data.json").is_file():
        return None
    path = Path(load_data_description(folder)["path"])
    if not path.exists():  # moved or removed since: the card then lacks their description
        return None
    try:
        dataset = PreparedDataset.open(path)
    except UserError as error:
        say(f"the card lacks the number of images, since {error}")
        return None
    return dataset if dataset.fingerprint == model.fingerprint else None
