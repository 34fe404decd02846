"""Generation of images for sequences of masks, attributes and latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.batching import batches
from scgan.utils.progress import progress

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer

_BATCH_SIZE = 16  # small enough for frequent progress


def render(
    synthesizer: Synthesizer, segmentation: NDArray[Any], attributes: NDArray[Any], latent: NDArray[Any]
) -> NDArray[np.uint8]:
    """Generate the image of each combination of inputs.

    Args:
        synthesizer: the model.
        segmentation: integers (…, H, W), class indices.
        attributes: numbers in [0, 1], (…, n_c).
        latent: numbers (…, n_z).
            Leading axes are broadcast together: masks (1, S, H, W) and latents (T, 1, n_z) give T rows of S images.

    Returns:
        uint8 (…, H, W, 3), RGB.

    Raises:
        UserError: the model does not accept a mask, attributes or a latent.
    """
    shape = np.broadcast_shapes(np.shape(segmentation)[:-2], np.shape(attributes)[:-1], np.shape(latent)[:-1])
    masks, vectors, latents = (
        np.broadcast_to(values, (*shape, *np.shape(values)[-rank:])).reshape(-1, *np.shape(values)[-rank:])
        for values, rank in ((segmentation, 2), (attributes, 1), (latent, 1))
    )
    images = np.empty((len(masks), *masks.shape[1:], 3), np.uint8)
    with progress("generate", len(masks)) as advance:
        for part in batches(len(masks), _BATCH_SIZE):
            images[part] = synthesizer.generate(masks[part], vectors[part], latents[part])
            advance(part.stop - part.start, "")
    return images.reshape(*shape, *images.shape[1:])
