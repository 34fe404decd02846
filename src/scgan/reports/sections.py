"""Sections of pages about a model: images by attributes and by latent, tables of images, and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.measures import score_table
from scgan.evaluation.scores import Scores
from scgan.reports.page import PageImage, Section
from scgan.schema import Schema, colorize, describe_attributes

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer
    from scgan.utils.figures import ImageTable

Pixels = NDArray[np.uint8]
Attributes = NDArray[np.float32]
Variation = tuple[str, Attributes]

_LATENTS = 8
_VARIATIONS = 6


def attribute_variations(attributes: Attributes, schema: Schema, max_count: int = _VARIATIONS) -> list[Variation]:
    """Take the commonest attributes, then vary one of them at a time, the commonest attribute first.

    Args:
        attributes: float32 (N, n_attributes).
        schema: names and groups; a new value of a group replaces the old one, which is never only left out.
        max_count: number of variations beside the commonest attributes.

    Returns:
        Pairs of a description and attributes, float32 (n_attributes,).
    """
    distinct, counts = np.unique(attributes, axis=0, return_counts=True)
    base = distinct[counts.argmax()]
    variations = [(describe_attributes(base, schema), base)]
    for index in np.argsort(-attributes.mean(0), kind="stable"):
        name, changed = schema.attribute_names[index], base.copy()
        group = next((names for names in schema.attribute_groups if name in names), ())
        present = base[index] >= 0.5
        if present and group:  # without it none of the group would be left
            continue
        changed[[schema.attribute_names.index(other) for other in group]] = 0
        changed[index] = 0 if present else 1
        variations.append((f"without {name}" if present else f"with {name}", changed))
    return variations[: 1 + max_count]


def attributes_section(
    title: str,
    synthesizer: Synthesizer,
    masks: Pixels,
    variations: list[Variation],
    seed: int,
    real: Pixels | None = None,
) -> Section:
    """Show a row for each mask and a column for each variation of the attributes, with one latent.

    Args:
        title: of the section.
        synthesizer: the model.
        masks: uint8 (N, H, W), class indices.
        variations: as ``attribute_variations`` gives them.
        seed: of the latent.
        real: images that the masks belong to, uint8 (N, H, W, 3), if they may be shown.
    """
    schema, count = synthesizer.schema, len(variations)
    latents = np.repeat(synthesizer.sample_latent(1, seed), count, 0)
    attributes = np.stack([values for _, values in variations])
    rows = []
    for number, mask in enumerate(masks, start=1):
        images = synthesizer.generate(np.repeat(mask[None], count, 0), attributes, latents)
        row = [_mask(mask, schema, number)]
        if real is not None:
            row.append(PageImage(real[number - 1], f"real image of mask {number}"))
        for image, (name, _) in zip(images, variations, strict=True):
            row.append(PageImage(image, f"generated from mask {number}, {name}"))
        rows.append(row)
    header = ["mask", *([] if real is None else ["real image"]), *(name for name, _ in variations)]
    legend = list(zip(schema.class_names, schema.class_colors, strict=True))
    return Section(title, "attributes", {"legend": legend, "header": header, "rows": rows})


def latents_section(title: str, synthesizer: Synthesizer, masks: Pixels, attributes: Attributes, seed: int) -> Section:
    """Show a row for each mask, uint8 (N, H, W), with its attributes, float32 (N, n_c); a column for each latent."""
    latents = synthesizer.sample_latent(_LATENTS, seed)
    rows = []
    for number, (mask, values) in enumerate(zip(masks, attributes, strict=True), start=1):
        images = synthesizer.generate(np.repeat(mask[None], _LATENTS, 0), np.repeat(values[None], _LATENTS, 0), latents)
        row = [_mask(mask, synthesizer.schema, number)]
        row += [
            PageImage(image, f"generated from mask {number}, latent {n}") for n, image in enumerate(images, start=1)
        ]
        rows.append(row)
    header = ["mask", *(f"latent {n + 1}" for n in range(_LATENTS))]
    return Section(title, "latents", {"header": header, "rows": rows})


def image_table_section(table: ImageTable) -> Section:
    """Show a table of images, each with its row, column and caption as alternative text."""
    images = [
        [
            PageImage(image, f"{row}, {column}" + (f": {table.captions[r, c]}" if (r, c) in table.captions else ""))
            for c, (column, image) in enumerate(zip(table.columns, images, strict=True))
        ]
        for r, (row, images) in enumerate(zip(table.rows, table.images, strict=True))
    ]
    return Section(table.title, "grid", {"columns": table.columns, "rows": table.rows, "images": images})


def scores_section(title: str, scores: Scores) -> Section:
    """Show the table of ``scgan evaluate``."""
    return Section(title, "scores", {"table": score_table(scores)})


def _mask(mask: Pixels, schema: Schema, number: int) -> PageImage:
    names = ", ".join(schema.class_names[index] for index in np.unique(mask))
    return PageImage(colorize(mask, schema), f"mask {number}: {names}", pixelated=True)
