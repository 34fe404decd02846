"""What a training run came to, as one HTML page: what the model obeys, what it was made from, and its numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.contact_sheet import describe
from scgan.errors import UserError
from scgan.evaluation.evaluate import Scores
from scgan.evaluation.evaluate import table as scores_table
from scgan.evaluation.page import Section, code, curve, facts, gallery, legend, matrix, picture, table, text, write_page
from scgan.pictures import overlay
from scgan.progress import clock
from scgan.schema import Schema, colorize

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.synthesizer import Synthesizer

Labels = NDArray[np.float32]

_MASKS = 6
_LATENTS = 8
_LABELS = 6
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
    sections = [
        _summary(synthesizer.schema, dataset, log, scores),
        _labels_section(synthesizer, dataset, rows, seed, real),
        _latents_section(synthesizer, dataset, rows, seed),
    ]
    if scores:
        sections.append(_scores_section(scores))
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


def label_variations(attributes: Labels, schema: Schema, most: int = _LABELS) -> list[tuple[str, Labels]]:
    """The commonest label, then others that differ from it in one attribute each, the commonest attributes first.

    Args:
        attributes: float32 (N, n_attributes).
        schema: names and groups; a new value of a group takes the place of the old one.
        most: the number of variations.

    Returns:
        Pairs of a description and a label, float32 (n_attributes,).
    """
    labels, counts = np.unique(attributes, axis=0, return_counts=True)
    base = labels[counts.argmax()]
    variations = [(describe(base, schema), base)]
    for index in np.argsort(-attributes.mean(0), kind="stable")[:most]:
        name, changed = schema.attribute_names[index], base.copy()
        present = base[index] >= 0.5
        for group in schema.attribute_groups:
            if name in group:
                changed[[schema.attribute_names.index(other) for other in group]] = 0
        changed[index] = 0 if present else 1
        variations.append((f"without {name}" if present else f"with {name}", changed))
    return variations


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


def _labels_section(
    synthesizer: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], seed: int, real: bool
) -> Section:
    schema = dataset.schema
    variations = label_variations(dataset.attributes[dataset.split("test")], schema)
    latent = synthesizer.sample_latent(1, seed)
    header = ["mask", *(["real image"] if real else []), *(name for name, _ in variations)]
    body = []
    for number, row in enumerate(rows, start=1):
        mask = dataset.segmentations[row]
        count = len(variations)
        images = synthesizer.generate(
            np.repeat(mask[None], count, 0), np.stack([label for _, label in variations]), np.repeat(latent, count, 0)
        )
        body.append(
            [
                _mask(mask, schema, number),
                *([picture(dataset.images[row], f"the real image of mask {number}")] if real else []),
                *(
                    picture(image, f"made from mask {number}, {name}")
                    for image, (name, _) in zip(images, variations, strict=True)
                ),
            ]
        )
    explanation = text(
        "Each row has one mask, from the test split. All images share one latent; the first generated column has the "
        "label that is commonest there, each of the others changes one attribute of it."
    )
    return Section(
        "Masks and labels",
        [explanation, legend(list(zip(schema.class_names, schema.class_colors, strict=True))), matrix(header, body)],
    )


def _latents_section(synthesizer: Synthesizer, dataset: PreparedDataset, rows: NDArray[np.int64], seed: int) -> Section:
    latents = synthesizer.sample_latent(_LATENTS, seed)
    body = []
    for number, row in enumerate(rows, start=1):
        mask, label = dataset.segmentations[row], dataset.attributes[row]
        images = synthesizer.generate(np.repeat(mask[None], _LATENTS, 0), np.repeat(label[None], _LATENTS, 0), latents)
        body.append(
            [
                _mask(mask, dataset.schema, number),
                *(picture(image, f"made from mask {number}, latent {n}") for n, image in enumerate(images, start=1)),
            ]
        )
    explanation = text("Each row keeps its mask and its own label; each column has another latent.")
    return Section("Latents", [explanation, matrix(["mask", *(f"latent {n + 1}" for n in range(_LATENTS))], body)])


def _mask(mask: NDArray[np.uint8], schema: Schema, number: int) -> str:
    names = ", ".join(schema.class_names[index] for index in np.unique(mask))
    return picture(colorize(mask, schema), f"mask {number}: {names}", pixelated=True)


def _scores_section(scores: Scores) -> Section:
    header, rows = scores_table(scores)
    spatial = scores["spatial"]
    explanation = text(
        f"{spatial['images']} images made from the masks and labels of the {spatial['split']} split, judged by "
        f"{spatial['grader']}, a segmentor that learned from real images only. Floor: real images against the masks of "
        "others; ceiling: against their own. Normalised is (model − floor) / (ceiling − floor). In brackets the 95 % "
        "interval when the items are drawn again."
    )
    latent = text(
        "The latent’s effect is the mean absolute difference of background pixels between two latents, mask and label "
        "fixed, pictures in [0, 1]."
    )
    return Section("Scores", [explanation, table(header, rows), latent])


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
