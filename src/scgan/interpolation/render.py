"""Sequences of the three inputs to pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.progress import progress

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer

_AT_ONCE = 16  # often enough to tell of progress


def render(
    synthesizer: Synthesizer, segmentation: NDArray[Any], attributes: NDArray[Any], latent: NDArray[Any]
) -> NDArray[np.uint8]:
    """The picture for each combination.

    Args:
        synthesizer: the model.
        segmentation: integers (…, H, W), class indices.
        attributes: numbers in [0, 1], (…, n_c).
        latent: numbers (…, n_z).
            The leading axes of the three are broadcast together: masks of shape (1, S, H, W) with latents of shape
            (T, 1, n_z) give T rows of S pictures.

    Returns:
        uint8 (…, H, W, 3), RGB.

    Raises:
        UserError: a mask, label or latent that the model does not know.
    """
    shape = np.broadcast_shapes(np.shape(segmentation)[:-2], np.shape(attributes)[:-1], np.shape(latent)[:-1])
    masks, labels, latents = (
        np.broadcast_to(values, (*shape, *np.shape(values)[-own:])).reshape(-1, *np.shape(values)[-own:])
        for values, own in ((segmentation, 2), (attributes, 1), (latent, 1))
    )
    images = np.empty((len(masks), *masks.shape[1:], 3), np.uint8)
    with progress("generate", len(masks)) as advance:
        for first in range(0, len(masks), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            images[part] = synthesizer.generate(masks[part], labels[part], latents[part])
            advance(len(masks[part]), "")
    return images.reshape(*shape, *images.shape[1:])
