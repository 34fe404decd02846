"""Images moved and cut."""

import numpy as np
import pytest
import torch

from scgan.methods.scgan import SCGAN
from scgan.recipes import cpu, paper, with_settings
from scgan.schema import Schema
from scgan.training.augmentation import cutout, shift
from scgan.training.batches import Batch
from scgan.training.step_rng import StepRng
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError


def test_shifts_by_hand() -> None:
    image = torch.arange(32.0 * 32).reshape(1, 1, 32, 32).expand(1, 3, -1, -1)
    moved = shift(image, torch.tensor([[1.0, 0.5]]), 1 / 16)
    np.testing.assert_array_equal(moved[0, 0, :-2], image[0, 0, 2:])  # by 32 / 16 rows
    np.testing.assert_array_equal(moved[0, 0, -1], image[0, 0, -1])  # the border repeated
    moved = shift(image, torch.tensor([[0.5, 0.0]]), 1 / 16)
    np.testing.assert_array_equal(moved[0, 0, :, 2:], image[0, 0, :, :-2])


def test_each_image_has_its_own_shift_and_whole_numbers_stay_whole() -> None:
    mask = torch.arange(2 * 8 * 8).reshape(2, 1, 8, 8)
    moved = shift(mask, torch.tensor([[0.5, 0.5], [0.0, 1.0]]), 1 / 8)
    assert moved.dtype == torch.int64
    np.testing.assert_array_equal(moved[0], mask[0])
    np.testing.assert_array_equal(moved[1, 0, 1:, :-1], mask[1, 0, :-1, 1:])


def test_a_cut_by_hand() -> None:
    seen = cutout(torch.ones(2, 1, 8, 8), torch.tensor([[0.5, 0.5], [0.0, 0.999]]), 0.5)
    expected = torch.ones(2, 8, 8)
    expected[0, 2:6, 2:6] = 0
    expected[1, :2, 6:] = 0
    np.testing.assert_array_equal(seen[:, 0], expected)


def method(**settings: float) -> tuple[SCGAN, Batch, StepRng]:
    torch.manual_seed(0)
    schema = Schema(32, ("a", "b"), distinct_colors(2), ("bright",))
    changes = {"generator.width": 4, "discriminator.width": 4, "segmentor.width": 4, **settings}
    masks = torch.randint(0, 2, (4, 32, 32))
    batch = Batch(torch.rand(4, 3, 32, 32) * 2 - 1, masks, torch.rand(4, 1).round(), masks.flip(0))
    rng = StepRng(0, 8, 4, slice(0, 4), torch.device("cpu"), torch.float32)
    return SCGAN(schema, with_settings(cpu(), changes)), batch, rng


def test_the_discriminator_sees_every_image_moved_and_cut() -> None:
    trained, batch, rng = method(**{"discriminator.shift": 0.25, "discriminator.cutout": 0.999})
    seen: list[torch.Tensor] = []
    trained.discriminator.register_forward_pre_hook(lambda network, inputs: seen.append(inputs[0]))
    terms = trained.discriminator_loss(batch, rng, 8)
    assert "gradient_penalty" in terms
    trained.generator_loss(batch, rng, 8)
    whole, penalised, fakes = seen
    assert (whole == 0).all(1).flatten(1).any(1).all()  # a part of each is grey
    assert torch.equal(penalised, whole[:4])
    assert torch.allclose(fakes, whole[4:])  # the generator is judged by what the discriminator saw
    fakes.sum().backward()
    assert any(parameter.grad is not None for parameter in trained.generator.parameters())


def test_without_them_nothing_changes() -> None:
    trained, batch, rng = method()
    seen: list[torch.Tensor] = []
    trained.discriminator.register_forward_pre_hook(lambda network, inputs: seen.append(inputs[0]))
    trained.discriminator_loss(batch, rng, 1)
    assert torch.equal(seen[0][:4], batch.image)


@pytest.mark.parametrize("name", ["shift", "cutout"])
def test_a_share_is_a_share(name: str) -> None:
    with pytest.raises(UserError, match=rf"discriminator.{name} is 1.5: it must be a number in \[0, 1\)"):
        with_settings(paper(), {f"discriminator.{name}": 1.5})
