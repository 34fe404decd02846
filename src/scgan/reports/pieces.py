"""What pages about a model have in common: its pictures by label and by latent, and its scores, as pieces of HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.evaluate import Scores
from scgan.evaluation.evaluate import table as scores_table
from scgan.reports.page import legend, matrix, picture, table, text
from scgan.schema import Schema, colorize, describe_attributes

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer

Pixels = NDArray[np.uint8]
Labels = NDArray[np.float32]
Variation = tuple[str, Labels]

_LATENTS = 8
_LABELS = 6


def attribute_variations(attributes: Labels, schema: Schema, most: int = _LABELS) -> list[Variation]:
    """The commonest label, then others that differ from it in one attribute each, the commonest attributes first.

    Args:
        attributes: float32 (N, n_attributes).
        schema: names and groups; a new value of a group takes the place of the old one, which is never only left out.
        most: the number of variations beside the commonest label.

    Returns:
        Pairs of a description and a label, float32 (n_attributes,).
    """
    labels, counts = np.unique(attributes, axis=0, return_counts=True)
    base = labels[counts.argmax()]
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
    return variations[: 1 + most]


def attributes_pieces(
    synthesizer: Synthesizer,
    masks: Pixels,
    variations: list[Variation],
    seed: int,
    photos: Pixels | None = None,
) -> list[str]:
    """A row for each mask, a column for each label, one latent.

    Args:
        synthesizer: the model.
        masks: uint8 (N, H, W), class indices.
        variations: as ``attribute_variations`` gives them.
        seed: of the latent.
        photos: what the masks were made from, uint8 (N, H, W, 3), if they may be shown.
    """
    schema, count = synthesizer.schema, len(variations)
    latents = np.repeat(synthesizer.sample_latent(1, seed), count, 0)
    labels = np.stack([label for _, label in variations])
    body = []
    for number, mask in enumerate(masks, start=1):
        images = synthesizer.generate(np.repeat(mask[None], count, 0), labels, latents)
        photo = [] if photos is None else [picture(photos[number - 1], f"the real image of mask {number}")]
        made = (
            picture(image, f"made from mask {number}, {name}")
            for image, (name, _) in zip(images, variations, strict=True)
        )
        body.append([_mask(mask, schema, number), *photo, *made])
    explanation = text(
        "Each row has one mask, from the test split. All images share one latent; the first generated column has the "
        "label that is commonest there, each of the others changes one attribute of it."
    )
    header = ["mask", *([] if photos is None else ["real image"]), *(name for name, _ in variations)]
    return [explanation, legend(list(zip(schema.class_names, schema.class_colors, strict=True))), matrix(header, body)]


def latents_pieces(synthesizer: Synthesizer, masks: Pixels, labels: Labels, seed: int) -> list[str]:
    """A row for each mask, uint8 (N, H, W), with its own label, float32 (N, n_c); a column for each latent."""
    latents = synthesizer.sample_latent(_LATENTS, seed)
    body = []
    for number, (mask, label) in enumerate(zip(masks, labels, strict=True), start=1):
        images = synthesizer.generate(np.repeat(mask[None], _LATENTS, 0), np.repeat(label[None], _LATENTS, 0), latents)
        made = (picture(image, f"made from mask {number}, latent {n}") for n, image in enumerate(images, start=1))
        body.append([_mask(mask, synthesizer.schema, number), *made])
    explanation = text("Each row keeps its mask and its own label; each column has another latent.")
    return [explanation, matrix(["mask", *(f"latent {n + 1}" for n in range(_LATENTS))], body)]


def scores_pieces(scores: Scores) -> list[str]:
    """The table of ``scgan evaluate``, and what its columns mean."""
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
    return [explanation, table(header, rows), latent]


def _mask(mask: Pixels, schema: Schema, number: int) -> str:
    names = ", ".join(schema.class_names[index] for index in np.unique(mask))
    return picture(colorize(mask, schema), f"mask {number}: {names}", pixelated=True)
