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
    """Write ``STEP.npz`` and ``STEP.png`` into ``folder``: images of the model's examples.

    ``images`` of the first, uint8 (rows, 6, H, W, 3), has for each mask its own attributes with three latents, then
    three other sets of attributes with the first latent. The second shows them beside the masks.
    """
    synthesizer = Synthesizer(model, str(device))
    masks, attributes = model.examples.segmentations, model.examples.attributes
    latents = synthesizer.sample_latent(_LATENTS, seed=0)
    latents = np.concatenate([latents, np.repeat(latents[:1], _ATTRIBUTE_SETS, 0)])
    rows = []
    for row in range(min(_ROWS, len(masks))):
        others = [attributes[(row + 1 + offset) % len(attributes)] for offset in range(_ATTRIBUTE_SETS)]
        rows.append(synthesizer.generate(masks[row], np.stack([attributes[row]] * _LATENTS + others), latents))
    images = np.stack(rows)
    with atomic_file(folder / f"{model.step:08}.npz") as partial, partial.open("wb") as file:
        np.savez_compressed(file, images=images)
    tiles = np.concatenate([colorize(masks[: len(images)], model.schema)[:, None], images], axis=1)
    with atomic_file(folder / f"{model.step:08}.png") as partial:
        partial.write_bytes(png(grid(tiles.reshape(-1, *tiles.shape[2:]), tiles.shape[1])))
