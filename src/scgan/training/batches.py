"""Training batches, as a function of (seed, step, position in the global batch)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from scgan.data.ignored import fill_ignored
from scgan.data.prepared import PreparedDataset
from scgan.schema import IGNORED
from scgan.training.augmentation import warp
from scgan.utils.errors import UserError
from scgan.utils.random import generator_for
from scgan.utils.tensors import images_to_tensor, to_device
from scgan.utils.text import counted, shell_path


class Batch(NamedTuple):
    """Some rows of a prepared data set, on the device.

    Attributes:
        image: float (N, 3, H, W) in [-1, 1].
        segmentation: int64 (N, H, W), class indices; the masks of the images, for generators: ignored pixels have the
            class of their nearest neighbour.
        attributes: float (N, n_attributes) in [0, 1].
        shuffled_segmentation: int64 (N, H, W), the masks of the global batch in another order, in which about one item
            keeps its own mask: the target segmentations of the fakes (Algorithm 1, line 7).
        target: ``segmentation`` for losses: ``IGNORED`` where a pixel belongs to no class.
        shuffled_target: the same of ``shuffled_segmentation``.
    """

    image: Tensor
    segmentation: Tensor
    attributes: Tensor
    shuffled_segmentation: Tensor
    target: Tensor
    shuffled_target: Tensor


@dataclass(frozen=True)
class Batches:
    """Endless batches of one split; every epoch visits all rows once, in a new order.

    Attributes:
        dataset: holds the rows.
        rows: int64, the rows of the split.
        batch_size: of the global batch.
        seed: decides orders, flips and shuffles.
        flip: mirror half of the images.
        warp: strength with which images and masks are turned, scaled and moved alike; 0 leaves them as they are.
    """

    dataset: PreparedDataset
    rows: NDArray[np.int64]
    batch_size: int
    seed: int
    flip: bool
    warp: float = 0.0

    def __post_init__(self) -> None:
        if len(self.rows) < self.batch_size:
            raise UserError(
                f"{self.dataset.path} has {counted(len(self.rows), 'training item')}, fewer than the batch size "
                f"{self.batch_size}: prepare more, or lower --training.batch_size."
            )

    def read(self, step: int, positions: slice, device: torch.device, dtype: torch.dtype) -> Batch:
        """Read the part ``positions`` of the global batch of ``step`` (from 1) to ``device``.

        Raises:
            UserError: a mask has an index without a class, or an attribute is no number in [0, 1].
        """
        rows = self._rows_of(step)
        flipped = torch.rand(self.batch_size, generator=generator_for(self.seed, step, "flip")).numpy() < 0.5
        flipped &= self.flip
        shuffle = torch.randperm(self.batch_size, generator=generator_for(self.seed, step, "shuffle")).numpy()
        images = self.dataset.images[rows[positions]]
        _flip(images, flipped[positions])
        segmentation, target = self._segmentations(rows[positions], flipped[positions], device)
        shuffled, shuffled_target = self._segmentations(rows[shuffle][positions], flipped[shuffle][positions], device)
        image = images_to_tensor(images, device, dtype)
        if self.warp:
            amounts = torch.rand(self.batch_size, 4, generator=generator_for(self.seed, step, "warp"))
            own, others = (to_device(part, device) for part in (amounts[positions], amounts[shuffle][positions]))
            image = warp(image, own.to(dtype), self.warp, "bicubic").clamp(-1, 1)
            segmentation, target = self._warped(segmentation, target, own)
            shuffled, shuffled_target = self._warped(shuffled, shuffled_target, others)
        return Batch(
            image=image,
            segmentation=segmentation,
            attributes=self._attributes(rows[positions], device, dtype),
            shuffled_segmentation=shuffled,
            target=target,
            shuffled_target=shuffled_target,
        )

    def _rows_of(self, step: int) -> NDArray[np.int64]:
        first = (step - 1) * self.batch_size
        epochs, positions = np.divmod(np.arange(first, first + self.batch_size), len(self.rows))
        orders = {epoch: _order(self.seed, int(epoch), len(self.rows)) for epoch in set(epochs.tolist())}
        indices = [orders[epoch][position] for epoch, position in zip(epochs.tolist(), positions, strict=True)]
        return self.rows[indices]

    def _segmentations(
        self, rows: NDArray[np.int64], flipped: NDArray[np.bool_], device: torch.device
    ) -> tuple[Tensor, Tensor]:
        """Masks without and with ignored pixels; one tensor twice where there are none."""
        schema, masks = self.dataset.schema, self.dataset.segmentations[rows]
        unknown = masks >= schema.class_count
        if schema.ignored:
            unknown &= masks != IGNORED
        self._require_none(rows[unknown.any(axis=(1, 2))], "a mask with an unknown class index")
        _flip(masks, flipped)
        if schema.mirrored_classes:
            masks[flipped] = schema.mirrored_indices[masks[flipped]]
        target = to_device(torch.from_numpy(masks), device).to(torch.int64)
        filled = fill_ignored(masks)
        return target if filled is masks else to_device(torch.from_numpy(filled), device).to(torch.int64), target

    def _warped(self, segmentation: Tensor, target: Tensor, amounts: Tensor) -> tuple[Tensor, Tensor]:
        """Warp masks without and with ignored pixels (N, H, W); one tensor twice if they are one."""
        warped = [
            warp(masks[:, None].to(amounts.dtype), amounts, self.warp, "nearest")[:, 0].long()
            for masks in ([segmentation] if target is segmentation else [segmentation, target])
        ]
        return warped[0], warped[-1]

    def _attributes(self, rows: NDArray[np.int64], device: torch.device, dtype: torch.dtype) -> Tensor:
        values = self.dataset.attributes[rows]
        valid = (values >= 0) & (values <= 1)  # false for NaN
        self._require_none(rows[~valid.all(axis=1)], "an attribute that is no number in [0, 1]")
        return to_device(torch.from_numpy(values), device).to(dtype)

    def _require_none(self, rows: NDArray[np.int64], defect: str) -> None:
        """Report damaged rows: the NaN that they cause would look like a learning rate that is too high."""
        if rows.size:
            item, path = self.dataset.names[rows[0]], self.dataset.path
            raise UserError(
                f"{path} is damaged: {item} has {defect}; `scgan inspect {shell_path(path)}` counts such items."
            )


def _flip(images: NDArray[np.uint8], flipped: NDArray[np.bool_]) -> None:
    """Mirror in place those of the images (N, H, W, …) that ``flipped`` marks."""
    tensor = torch.from_numpy(images)  # shares memory; flipping in NumPy takes several times as long
    for index in np.flatnonzero(flipped).tolist():
        tensor[index] = tensor[index].flip(1)


@lru_cache(maxsize=2)  # a batch touches at most two epochs
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int32]:
    # The same order as in int64, in half of the memory.
    return torch.randperm(count, generator=generator_for(seed, "epoch", epoch), dtype=torch.int32).numpy()
