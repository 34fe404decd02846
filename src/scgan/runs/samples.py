"""Sample images of a training, always of the same inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from scgan.inference.synthesizer import Synthesizer
from scgan.models.folder import Model
from scgan.schema import colorize
from scgan.utils.files import atomic_file
from scgan.utils.images import grid, png

_ROWS = 6
_LATENTS = 3
_ATTRIBUTE_SETS = 3


def write_samples(folder: Path, model: Model, device: torch.device) -> None:
    """Write a grid of images from the model's examples into ``folder``, named by the step.

    Each row shows the mask, images of its own attributes with three latents, and images of one latent with three other
    sets of attributes.
    """
    synthesizer = Synthesizer(model, str(device))
    masks, attributes = model.examples.segmentations, model.examples.attributes
    latents = synthesizer.sample_latent(_LATENTS, seed=0)
    latents = np.concatenate([latents, np.repeat(latents[:1], _ATTRIBUTE_SETS, 0)])
    tiles = []
    for row in range(min(_ROWS, len(masks))):
        others = [attributes[(row + 1 + offset) % len(attributes)] for offset in range(_ATTRIBUTE_SETS)]
        images = synthesizer.generate(masks[row], np.stack([attributes[row]] * _LATENTS + others), latents)
        tiles += [colorize(masks[row], model.schema), *images]
    with atomic_file(folder / f"{model.step:08}.png") as partial:
        partial.write_bytes(png(grid(np.stack(tiles), 1 + _LATENTS + _ATTRIBUTE_SETS)))
