"""What a training run came to, as one HTML page: what the model obeys, what it was made from, and its numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from scgan.data.contact_sheet import describe
from scgan.errors import UserError
from scgan.evaluation.evaluate import Scores
from scgan.evaluation.evaluate import table as scores_table
from scgan.evaluation.page import Section, code, curve, facts, gallery, picture, text, write_page
from scgan.evaluation.pieces import label_variations, labels_pieces, latents_pieces, scores_pieces
from scgan.pictures import overlay
from scgan.progress import clock
from scgan.schema import Schema, colorize

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.synthesizer import Synthesizer

_MASKS = 6
_PHOTOS = 12
_SNAPSHOTS = 6


def write_report(
    path: Path, run: Path, synthesizer: Synthesizer, dataset: PreparedDataset, seed: int = 0, real: bool = True
) -> None:
    """Write the page about ``run``, the folder of a training run.

    Args:
        path: the HTML file.
        run: holds ``config.yaml`` and, where they are there, ``log.jsonl``, ``samples/*.png`` and ``scores.json``.
        synthesizer: the run's model.
        dataset: masks and attributes of its test split are what the model is asked for.
        seed: decides the latents.
        real: whether pictures of the data set may be shown.

    Raises:
        UserError: model and data differ; a file of the run is damaged.
    """
    synthesizer.schema.require_same(dataset.schema, str(run), str(dataset.path))
    log, scores = read_log(run / "log.jsonl"), read_scores(run, synthesizer.scores)
    untrained = max((entry["step"] for entry in log if not entry["images_seen"]), default=0)
    snapshots = [file for file in sorted((run / "samples").glob("[0-9]*.png")) if int(file.stem) > untrained]
    rows = dataset.split("test")
    rows = rows[np.linspace(0, len(rows) - 1, min(_MASKS, len(rows))).astype(np.int64)]
    masks, labels = dataset.segmentations[rows], dataset.attributes[rows]
    variations = label_variations(dataset.attributes[dataset.split("test")], synthesizer.schema)
    photos = dataset.images[rows] if real else None
    sections = [
        _summary(synthesizer.schema, dataset, log, scores),
        Section("Masks and labels", labels_pieces(synthesizer, masks, variations, seed, photos)),
        Section("Latents", latents_pieces(synthesizer, masks, labels, seed)),
    ]
    if scores:
        sections.append(Section("Scores", scores_pieces(scores)))
    if real:
        sections.append(_data_section(dataset))
    if snapshots:
        sections.append(_snapshots_section(snapshots))
    if log:
        sections.append(_losses_section(log))
    if (run / "config.yaml").is_file():
        settings = (run / "config.yaml").read_text(encoding="utf-8")
        sections.append(Section("Settings", [code(settings, "Every setting of this run")]))
    lead = (
        "Images made from a mask that says where things are, labels that say what they are, and a latent for the rest."
    )
    write_page(path, f"SCGAN: {run.resolve().name}", lead, sections)


def read_log(file: Path) -> list[dict[str, Any]]:
    """The lines of a run's log, one mapping each; none if there is no log.

    Raises:
        UserError: a line is not JSON. The last one may be cut off, by a kill or because it is being written.
    """
    if not file.is_file():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    entries = []
    for number, line in enumerate(lines, start=1):
        try:
            entries.append({**json.loads(line)})
        except (ValueError, TypeError) as error:
            if number < len(lines):
                raise UserError(f"{file}, line {number}, is not a line of a log: remove it.") from error
    return entries


def read_scores(run: Path, of_model: Scores | None) -> Scores | None:
    """What ``scgan evaluate`` wrote into a run's scores.json, else what the model itself brings, else None.

    Raises:
        UserError: these are no scores.
    """
    file = run / "scores.json"
    if not file.is_file() and of_model is None:
        return None
    try:
        scores: Any = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else of_model
        scores_table(scores)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        what = file if file.is_file() else f"the model.json of {run}"
        raise UserError(f"{what} does not hold scores: make them again with `scgan evaluate --out {file}`.") from error
    return {**scores}


def _summary(schema: Schema, dataset: PreparedDataset, log: list[dict[str, Any]], scores: Scores | None) -> Section:
    values = [
        (f"Images, {schema.image_size} × {schema.image_size}", f"{len(dataset):,}"),
        ("Classes · attributes", f"{schema.class_count} · {schema.attribute_count}"),
    ]
    if log:
        values += [("Real images seen", f"{log[-1]['images_seen']:,}"), ("Training", clock(log[-1]["seconds"]))]
    if scores:
        accuracy = scores["spatial"]["pixel_accuracy"]["normalised"]
        change = scores["diversity"]["latent_background"]
        values += [
            ("Mask obeyed", "–" if accuracy is None else f"{accuracy:.1%}"),
            ("Latent’s effect", "–" if change is None else f"{change:.3f}"),
        ]
    return Section("At a glance", [facts(values)])


def _data_section(dataset: PreparedDataset) -> Section:
    rows = dataset.split("train")
    rows = rows[np.linspace(0, len(rows) - 1, min(_PHOTOS, len(rows))).astype(np.int64)]
    masks = dataset.segmentations[rows]
    overlays = overlay(dataset.images[rows], colorize(masks, dataset.schema))
    figures = []
    for row, overlaid in zip(rows, overlays, strict=True):
        pair = np.concatenate([dataset.images[row], overlaid], axis=1)
        label = describe(dataset.attributes[row], dataset.schema)
        figures.append((picture(pair, f"a training image and its mask: {label}"), label))
    explanation = text("Some of the training images, each with its mask laid over it and its label below.")
    return Section("Data", [explanation, gallery(figures, width=9)])


def _snapshots_section(files: list[Path]) -> Section:
    chosen = [files[index] for index in np.linspace(0, len(files) - 1, min(_SNAPSHOTS, len(files))).astype(int)]
    figures = []
    for file in chosen:
        try:
            with Image.open(file) as image:
                pixels = np.asarray(image.convert("RGB"))
        except OSError as error:
            raise UserError(f"{file} cannot be read ({error}): remove it.") from error
        figures.append((picture(pixels, f"the same inputs after {int(file.stem)} steps"), f"step {int(file.stem)}"))
    explanation = text("The same masks, labels and latents, seen by the generator as it learned.")
    return Section("At growing steps", [explanation, gallery(figures, width=20)])


def _losses_section(log: list[dict[str, Any]]) -> Section:
    names = list(dict.fromkeys(name for entry in log for name in entry if "/" in name))
    figures = []
    for name in names:
        points = [(entry["step"], entry[name]) for entry in log if name in entry]
        x, y = np.array(points, np.float64).T
        figures.append((curve(x, y, name), name.replace("/", ": ")))
    explanation = text("Every weighted term of every update, faint, and its moving average.")
    return Section("Losses", [explanation, gallery(figures, width=18)])
