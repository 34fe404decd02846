"""Training batches: epochs, slices of the global batch, mirrored images with mirrored masks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.schema import IGNORED, Schema
from scgan.training.batches import Batch, Batches
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError

CPU = torch.device("cpu")
LEFT, RIGHT = 1, 2


@pytest.fixture
def dataset() -> PreparedDataset:
    """Item i has the gray level i, a bright pixel and the left arm at the left, the right arm at the right."""
    count = 10
    images = np.arange(count, dtype=np.uint8)[:, None, None, None].repeat(32, 1).repeat(32, 2).repeat(3, 3)
    images[:, 0, 0] = 255
    segmentations = np.zeros((count, 32, 32), np.uint8)
    segmentations[:, :, :4], segmentations[:, :, -4:] = LEFT, RIGHT
    segmentations[:, 31, 16] = 3  # off centre, with no partner
    attributes = np.arange(count, dtype=np.float32)[:, None] / 10
    names = ("background", "left arm", "right arm", "hat")
    return PreparedDataset(
        path=Path("arms"),
        schema=Schema(32, names, distinct_colors(4), ("level",), mirrored_classes=(("left arm", "right arm"),)),
        images=images,
        segmentations=segmentations,
        attributes=attributes,
        landmarks=None,
        names=tuple(map(str, range(count))),
        splits=ItemSplits.of(("train",) * 8 + ("test",) * 2),
        fingerprint="0123456789abcdef",
        source={},
    )


def batches(dataset: PreparedDataset, **changes: Any) -> Batches:
    values = {"rows": dataset.split("train"), "batch_size": 4, "seed": 1, "flip": False, **changes}
    return Batches(dataset, **values)


def read(source: Batches, step: int, positions: slice | None = None) -> Batch:
    return source.read(step, positions or slice(0, source.batch_size), CPU, torch.float32)


def levels(batch: Batch) -> list[int]:
    """Read the numbers of a batch's items."""
    numbers = ((batch.image[:, 0, 5, 5] + 1) * 127.5).round().int().tolist()
    assert numbers == (batch.attributes[:, 0] * 10).round().int().tolist()
    return numbers


def test_every_row_of_the_split_comes_once_in_an_epoch(dataset: PreparedDataset) -> None:
    source = batches(dataset)
    seen = [levels(read(source, step)) for step in range(1, 7)]
    for epoch in range(3):
        assert sorted(seen[2 * epoch] + seen[2 * epoch + 1]) == list(range(8))
    assert seen[0] + seen[1] != seen[2] + seen[3] != seen[4] + seen[5]


def test_a_batch_may_continue_in_the_next_epoch(dataset: PreparedDataset) -> None:
    source = batches(dataset, batch_size=3)
    rows = [row for step in range(1, 9) for row in levels(read(source, step))]
    for epoch in range(3):
        assert sorted(rows[8 * epoch : 8 * epoch + 8]) == list(range(8))


def test_a_step_is_a_function_of_the_seed(dataset: PreparedDataset) -> None:
    first = read(batches(dataset, flip=True), 5)
    read(batches(dataset, flip=True), 77)
    again = read(batches(dataset, flip=True), 5)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert levels(read(batches(dataset, seed=2), 5)) != levels(first)


def test_processes_see_slices_of_the_global_batch(dataset: PreparedDataset) -> None:
    source = batches(dataset, flip=True)
    batch = read(source, 3)
    parts = [read(source, 3, slice(start, start + 2)) for start in (0, 2)]
    for name in Batch._fields:
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(batch, name)), name


def test_target_masks_are_those_of_the_same_batch_in_another_order(dataset: PreparedDataset) -> None:
    dataset.segmentations[:, 8, 8] = np.arange(10) % 4
    dataset.segmentations[:, 8, 9] = np.arange(10) // 4
    source = batches(dataset, batch_size=8)
    orders = set()
    for step in range(1, 6):
        batch = read(source, step)
        own = (batch.segmentation[:, 8, 8] + 4 * batch.segmentation[:, 8, 9]).tolist()
        target = (batch.shuffled_segmentation[:, 8, 8] + 4 * batch.shuffled_segmentation[:, 8, 9]).tolist()
        assert own == levels(batch)
        assert sorted(own) == sorted(target)
        orders.add(tuple(own.index(item) for item in target))
    assert len(orders) == 5


def test_types_and_ranges(dataset: PreparedDataset) -> None:
    batch = batches(dataset).read(1, slice(0, 4), CPU, torch.float64)
    assert batch.image.dtype == batch.attributes.dtype == torch.float64
    assert batch.segmentation.dtype == batch.shuffled_segmentation.dtype == torch.int64
    assert batch.image.shape == (4, 3, 32, 32) and batch.segmentation.shape == (4, 32, 32)
    assert batch.image.max() == 1 and batch.image.min() < -0.9
    assert batch.attributes.shape == (4, 1)


def test_flips_mirror_images_and_exchange_left_and_right(dataset: PreparedDataset) -> None:
    source = batches(dataset, flip=True)
    flipped = unflipped = 0
    for step in range(1, 21):
        batch = read(source, step)
        for image, mask in zip(batch.image, batch.segmentation, strict=True):
            if image[0, 0, 31] == 1:  # the bright pixel is at the right now
                flipped += 1
                assert image[0, 0, 0] < 0 and mask[31, 15] == 3 and mask[31, 16] == 0
            else:
                unflipped += 1
                assert image[0, 0, 0] == 1 and mask[31, 16] == 3 and mask[31, 15] == 0
            # A raised left arm becomes a raised right arm on the other side: each class stays in its place.
            assert (mask[:31, :4] == LEFT).all() and (mask[:31, -4:] == RIGHT).all()
    assert 20 < flipped < 60 and flipped + unflipped == 80


@pytest.mark.parametrize("flip", [False, True])
def test_an_unknown_class_is_damage(dataset: PreparedDataset, flip: bool) -> None:
    dataset.segmentations[5, 3, 3] = 4
    with pytest.raises(UserError, match=r"^arms is damaged: 5 has a mask with an unknown class.* `scgan inspect arms`"):
        read(batches(dataset, batch_size=8, flip=flip), 1)


def test_ignored_pixels_are_filled_for_generators_and_kept_for_losses(dataset: PreparedDataset) -> None:
    dataset.segmentations[:, 10:14, :3] = IGNORED  # at the left arm; flipped, at the right arm
    dataset = replace(dataset, schema=replace(dataset.schema, ignored=True))
    plain, sides = read(batches(dataset), 1), set()
    assert (plain.target == IGNORED).sum() == 4 * 12 == (plain.shuffled_target == IGNORED).sum()
    for step in range(1, 4):
        batch = read(batches(dataset, flip=True), step)
        for segmentation, target in (
            (batch.segmentation, batch.target),
            (batch.shuffled_segmentation, batch.shuffled_target),
        ):
            ignored = target == IGNORED
            assert ignored.sum() == 4 * 12 and not (segmentation == IGNORED).any()
            assert torch.equal(segmentation[~ignored], target[~ignored])
            for mask, hidden in zip(segmentation, ignored, strict=True):
                side = RIGHT if hidden[10, -1] else LEFT
                sides.add(side)
                assert (mask[hidden] == side).all()
    assert sides == {LEFT, RIGHT}


def test_without_ignored_pixels_masks_are_their_own_targets(dataset: PreparedDataset) -> None:
    batch = read(batches(dataset), 1)
    assert batch.target is batch.segmentation and batch.shuffled_target is batch.shuffled_segmentation
    dataset.segmentations[:, 0, 0] = IGNORED
    with pytest.raises(UserError, match="unknown class"):
        read(batches(dataset), 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.5])
def test_an_attribute_outside_0_to_1_is_damage(dataset: PreparedDataset, value: float) -> None:
    dataset.attributes[5] = value
    with pytest.raises(UserError, match=r"^arms is damaged: 5 has an attribute that is no number in \[0, 1\]"):
        read(batches(dataset, batch_size=8), 1)


def test_target_masks_are_flipped_with_the_item_they_belong_to(dataset: PreparedDataset) -> None:
    counts = set()
    for step in range(1, 6):
        batch = read(batches(dataset, flip=True, batch_size=8), step)
        unflipped = int((batch.segmentation[:, 31, 16] == 3).sum())
        assert int((batch.shuffled_segmentation[:, 31, 16] == 3).sum()) == unflipped
        counts.add(unflipped)
    assert len(counts) > 1


def test_without_flips_nothing_is_mirrored(dataset: PreparedDataset) -> None:
    for step in range(1, 6):
        assert (read(batches(dataset), step).image[:, 0, 0, 0] == 1).all()


def test_fewer_items_than_a_batch_are_refused(dataset: PreparedDataset) -> None:
    with pytest.raises(UserError, match=r"arms has 8 training items, fewer than the batch size 9: prepare more, or lo"):
        batches(dataset, batch_size=9)


def test_warps_move_images_and_masks_alike() -> None:
    """Each pixel of these images has the gray level of its class."""
    masks = np.random.default_rng(0).integers(0, 4, (8, 4, 4)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    masks[0, :8] = IGNORED
    known = np.where(masks == IGNORED, 0, masks)
    data = PreparedDataset(
        path=Path("levels"),
        schema=Schema(32, ("a", "b", "c", "d"), distinct_colors(4), (), ignored=True),
        images=(known * 80)[..., None].repeat(3, 3).astype(np.uint8),
        segmentations=masks,
        attributes=np.zeros((8, 0), np.float32),
        landmarks=None,
        names=tuple(map(str, range(8))),
        splits=ItemSplits.of(("train",) * 8),
        fingerprint="0123456789abcdef",
        source={},
    )
    plain, source = batches(data, batch_size=8), batches(data, batch_size=8, warp=0.2)
    batch, before = read(source, 1), read(plain, 1)
    changed = (batch.target != before.target).flatten(1).any(1)
    assert changed.all() and batch.image.abs().max() <= 1
    levels = (batch.image[:, 0] + 1) * 127.5 / 80
    kept = batch.target != IGNORED
    assert 0.9 < kept.float().mean() < 1 and (batch.segmentation < 4).all()
    assert (batch.target[kept] == batch.segmentation[kept]).all()
    agreement = ((levels - batch.target).abs() < 0.5)[kept].float().mean()
    assert agreement > 0.9  # all but pixels at edges, where images are interpolated and masks are not
    # A shuffled mask is the warped mask of its own item.
    assert {tuple(mask.flatten().tolist()) for mask in batch.shuffled_target} == {
        tuple(mask.flatten().tolist()) for mask in batch.target
    }
    parts = [read(source, 1, part) for part in (slice(0, 4), slice(4, 8))]
    for name, values in batch._asdict().items():
        torch.testing.assert_close(torch.cat([getattr(part, name) for part in parts]), values)
