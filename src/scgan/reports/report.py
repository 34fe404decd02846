"""Report on a training run as one HTML page: images, scores, training data, samples, losses and settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from scgan.data.images import read_photo
from scgan.evaluation.evaluate import read_scores
from scgan.evaluation.measures import key_scores
from scgan.evaluation.scores import Scores
from scgan.reports.curves import curve
from scgan.reports.page import LEAD, Figure, PageImage, Section, write_page
from scgan.reports.sections import attribute_variations, attributes_section, latents_section, scores_section
from scgan.runs.folder import read_log
from scgan.schema import Schema, colorize, describe_attributes
from scgan.utils.errors import UserError
from scgan.utils.images import Pixels, overlay
from scgan.utils.progress import clock
from scgan.utils.spread import spread_rows
from scgan.utils.text import counted, read_text, shorten

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import Synthesizer

_MASKS = 6
_TRAINING_IMAGES = 12
_SAMPLES = 6


def write_report(
    path: Path, run: Path, synthesizer: Synthesizer, dataset: PreparedDataset, seed: int = 0, photos: bool = True
) -> None:
    """Write the page about ``run``, the folder of a training run.

    Args:
        path: the HTML file.
        run: may hold ``config.yaml``, ``log.jsonl``, ``samples/*.png`` and ``scores.json``.
        synthesizer: the run's model.
        dataset: images are generated from masks and attributes of its test split.
        seed: of the latents.
        photos: whether images of the data set may be shown.

    Raises:
        UserError: model and data differ; a file of the run is damaged.
    """
    synthesizer.schema.require_same(dataset.schema, str(run), str(dataset.path))
    log, scores = read_log(run / "log.jsonl"), read_scores(run, synthesizer.scores)
    pretrained = max((entry["step"] for entry in log if not entry["images_seen"]), default=0)
    samples = [file for file in sorted((run / "samples").glob("[0-9]*.png")) if int(file.stem) > pretrained]
    test = dataset.split("test")
    rows = test[spread_rows(len(test), _MASKS)]
    masks, attributes = dataset.generator_masks(rows), dataset.attributes[rows]
    variations = attribute_variations(dataset.attributes[test], synthesizer.schema)
    real = dataset.images[rows] if photos else None
    sections = [
        _summary(synthesizer.schema, dataset, log, scores),
        attributes_section("Masks and attributes", synthesizer, masks, variations, seed, real),
        latents_section("Latents", synthesizer, masks, attributes, seed),
    ]
    if scores:
        sections.append(scores_section("Scores", scores))
    if photos and "train" in dataset.splits:
        sections.append(_data_section(dataset))
    if samples:
        sections.append(_samples_section(samples))
    if log:
        sections.append(_losses_section(log))
    if (run / "config.yaml").is_file():
        settings = read_text(run / "config.yaml")
        sections.append(Section("Settings", "settings", {"settings": settings}))
    write_page(path, f"SCGAN: {run.resolve().name}", LEAD, sections)


def _summary(schema: Schema, dataset: PreparedDataset, log: list[dict[str, Any]], scores: Scores | None) -> Section:
    facts = [
        (f"Images, {schema.image_size} × {schema.image_size}", f"{len(dataset):,}"),
        ("Classes · attributes", f"{schema.class_count} · {schema.attribute_count}"),
    ]
    if log:
        facts += [("Real images seen", f"{log[-1]['images_seen']:,}"), ("Training", clock(log[-1]["seconds"]))]
    return Section("At a glance", "facts", {"facts": facts + key_scores(scores or {})})


def _data_section(dataset: PreparedDataset) -> Section:
    train = dataset.split("train")
    rows = train[spread_rows(len(train), _TRAINING_IMAGES)]
    overlays = overlay(dataset.images[rows], colorize(dataset.segmentations[rows], dataset.schema))
    figures = []
    for row, overlaid in zip(rows, overlays, strict=True):
        pair = np.concatenate([dataset.images[row], overlaid], axis=1)
        attributes = describe_attributes(dataset.attributes[row], dataset.schema)
        figures.append(Figure(PageImage(pair, f"a training image and its mask: {attributes}"), attributes))
    return Section("Data", "training_images", {"figures": figures})


def _samples_section(files: list[Path]) -> Section:
    figures = []
    for file in (files[place] for place in spread_rows(len(files), _SAMPLES)):
        pixels = read_sample(file)
        step = int(file.stem)
        figures.append(Figure(PageImage(pixels, f"the same inputs after {counted(step, 'step')}"), f"step {step}"))
    return Section("Samples during training", "samples", {"figures": figures})


def read_sample(file: Path) -> Pixels:
    """Read a sample image of a run, uint8 (H, W, 3).

    Raises:
        UserError: it is damaged.
    """
    try:
        with Image.open(file) as image:
            image.verify()  # the checksums, which decoding ignores
        return read_photo(file)
    except Exception as error:  # Pillow raises many kinds
        raise UserError(f"{file} cannot be read ({shorten(error)}): remove it.") from error


def _losses_section(log: list[dict[str, Any]]) -> Section:
    curves = []
    for name in dict.fromkeys(name for entry in log for name in entry if "/" in name):
        points = [(entry["step"], entry[name]) for entry in log if name in entry]
        x, y = np.array(points, np.float64).T
        curves.append((curve(x, y, name), name.replace("/", ": ")))
    return Section("Losses", "losses", {"curves": curves})
