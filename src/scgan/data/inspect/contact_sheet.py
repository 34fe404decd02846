"""Contact sheet of a prepared folder: images, coloured masks and attributes of some items."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.schema import IGNORED, IGNORED_COLOR, colorize, describe_attributes
from scgan.utils.images import Card, enlarge, overlay, sheet
from scgan.utils.seeds import require_seed
from scgan.utils.text import counted

# Pixels to which images are enlarged.
_SHOWN_SIZE = 128


def contact_sheet(dataset: PreparedDataset, count: int = 36, seed: int = 0) -> NDArray[np.uint8]:
    """Draw a sheet of ``count`` items (or all, if there are fewer), chosen by ``seed``, in the order of the data set.

    Returns:
        uint8 (height, width, 3).

    Raises:
        UserError: the seed is negative or too large.
    """
    require_seed(seed)
    # A separate stream: with the bare seed these would be the test items of a split that was made with the same seed.
    random = np.random.default_rng((seed, *b"contact sheet"))
    rows = np.sort(random.permutation(len(dataset))[:count])
    schema = dataset.schema
    factor = max(1, _SHOWN_SIZE // schema.image_size)
    masks = dataset.segmentations[rows]
    images = dataset.images[rows]
    overlays = overlay(images, colorize(masks, schema))
    cards = [
        Card(
            images=(enlarge(image, factor, smooth=True), enlarge(overlaid, factor)),
            heading=f"{dataset.names[row].rsplit('/')[-1]} · {dataset.splits[row]}",
            text=describe_attributes(dataset.attributes[row], schema),
        )
        for row, image, overlaid in zip(rows, images, overlays, strict=True)
    ]
    legend = [
        (name, color)
        for index, (name, color) in enumerate(zip(schema.class_names, schema.class_colors, strict=True))
        if (masks == index).any()
    ]
    if schema.ignored and (masks == IGNORED).any():
        legend.append(("ignored", IGNORED_COLOR))
    title = f"{dataset.path.resolve().name}: {len(rows)} of {counted(len(dataset), 'item')}"
    return sheet(title, cards, columns=6, legend=legend)
