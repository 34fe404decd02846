"""What a training run came to, as one HTML page: what the model obeys, what it was made from, and its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from scgan.evaluation.evaluate import Scores, read_scores
from scgan.reports.page import Section, code, curve, facts, gallery, picture, text, write_page
from scgan.reports.pieces import attribute_variations, attributes_pieces, latents_pieces, scores_pieces
from scgan.runs.folder import read_log
from scgan.schema import Schema, colorize, describe_attributes
from scgan.utils.errors import UserError
from scgan.utils.images import overlay
from scgan.utils.progress import clock

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import Synthesizer

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
    variations = attribute_variations(dataset.attributes[dataset.split("test")], synthesizer.schema)
    photos = dataset.images[rows] if real else None
    sections = [
        _summary(synthesizer.schema, dataset, log, scores),
        Section("Masks and labels", attributes_pieces(synthesizer, masks, variations, seed, photos)),
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
        label = describe_attributes(dataset.attributes[row], dataset.schema)
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
