"""Generators: the table of the paper, all sizes, the influence of each input."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from networks_by_hand import PAPER_PAGE, output_shapes, parameter_count, random_masks
from scgan.networks.generator import GENERATORS, LatentGenerator, ReversedGenerator, StepByStepGenerator

CLASSES, ATTRIBUTES, LATENT = 7, 5, 512


def test_table_2() -> None:
    with torch.device("meta"):
        network = StepByStepGenerator(128, CLASSES, ATTRIBUTES, LATENT, 64)
        encoder, blocks = network.segmentation_encoder, network.blocks
        rows = {"1": encoder[0], "2": encoder[1], "3": encoder[2], "4": encoder[3], "b1": network.latent_expander}
        rows |= {"6": blocks[0], "7": blocks[1], "9": blocks[2], "10": blocks[3], "11": network.to_image}
        with output_shapes(**rows) as shapes:
            image = network(torch.zeros(2, CLASSES, 128, 128), torch.zeros(2, LATENT), torch.zeros(2, ATTRIBUTES))
    assert image.shape == (2, 3, 128, 128)
    assert len(encoder) == len(blocks) == 4
    assert shapes["1 in"] == (CLASSES, 128, 128)
    assert shapes["1"] == (64, 64, 64)
    assert shapes["2"] == (128, 32, 32)
    assert shapes["3"] == (256, 16, 16)
    assert shapes["4"] == (512, 8, 8)
    assert shapes["b1 in"] == (LATENT,)
    assert shapes["b1"] == (64, 8, 8)
    assert shapes["6 in"] == (576, 8, 8)  # row 5, the concatenation of 4 with b1
    assert shapes["6"] == (512, 16, 16)
    assert shapes["7"] == (256, 32, 32)
    assert shapes["9 in"] == (256 + ATTRIBUTES, 32, 32)  # row 8, the concatenation of 7 with c1
    assert shapes["9"] == (128, 64, 64)
    assert shapes["10"] == (64, 128, 128)
    assert shapes["11"] == (3, 128, 128)


def test_parameter_count_of_the_docs() -> None:
    with torch.device("meta"):
        assert parameter_count(StepByStepGenerator(128, CLASSES, ATTRIBUTES, LATENT, 64)) == 12_673_731
    assert f"{12_673_731:,}" in PAPER_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("size", "width", "classes", "attributes", "latent"),
    [(32, 4, 2, 0, 1), (32, 6, 7, 5, 16), (64, 4, 7, 1, 8), (128, 3, 4, 17, 8), (256, 2, 19, 5, 8)],
)
def test_every_size(size: int, width: int, classes: int, attributes: int, latent: int) -> None:
    generator = StepByStepGenerator(size, classes, attributes, latent, width)
    image = generator(random_masks(2, classes, size), torch.randn(2, latent), torch.rand(2, attributes))
    assert image.shape == (2, 3, size, size)
    assert -1 <= image.min() < image.max() <= 1
    assert image.std() > 0.05


@pytest.mark.parametrize("size", [32, 64, 128])
def test_every_size_of_the_other_orders(size: int) -> None:
    inputs = random_masks(2, 4, size), torch.randn(2, 8), torch.rand(2, 3)
    generators = LatentGenerator(size, 0, 8, 2), LatentGenerator(size, 3, 8, 2), ReversedGenerator(size, 4, 3, 8, 2)
    for generator in generators:
        image = generator(*inputs)
        assert image.shape == (2, 3, size, size)
        assert -1 <= image.min() < image.max() <= 1


@pytest.mark.parametrize(("size", "resolution"), [(32, 8), (64, 16), (128, 32), (256, 64)])
def test_attributes_enter_at_a_quarter_of_the_size(size: int, resolution: int) -> None:
    with torch.device("meta"):
        generator = StepByStepGenerator(size, 2, 3, 4, 2)
        shapes = []
        block = generator.blocks[generator.attributes_at]
        block.register_forward_hook(lambda module, inputs, output: shapes.append(inputs[0].shape))
        generator(torch.zeros(1, 2, size, size), torch.zeros(1, 4), torch.zeros(1, 3))
    # Below, the segmentation's features (4 channels at an eighth); at 32 they are the bottleneck with the latent's 2.
    assert shapes == [(1, 3 + (6 if size == 32 else 8), resolution, resolution)]


@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize("changed", ["segmentation", "latent", "attributes"])
def test_every_input_changes_the_image(size: int, changed: str) -> None:
    generator = StepByStepGenerator(size, 5, 3, 16, 8)
    inputs = {"segmentation": random_masks(2, 5, size), "latent": torch.randn(2, 16), "attributes": torch.zeros(2, 3)}
    others = {"segmentation": random_masks(2, 5, size), "latent": torch.randn(2, 16), "attributes": torch.ones(2, 3)}
    before = generator(**inputs)
    assert (generator(**{**inputs, changed: others[changed]}) - before).abs().mean() > 0.02


@pytest.mark.parametrize("order", GENERATORS)
def test_modulation_begins_as_the_generator_without_and_learns_in_every_block(order: str) -> None:
    plain, modulated = GENERATORS[order](32, 4, 3, 8, 4), GENERATORS[order](32, 4, 3, 8, 4, modulated=True)
    new = modulated.state_dict().keys() - plain.state_dict().keys()
    assert all(name.startswith("style.") or "modulation" in name for name in new)
    modulated.load_state_dict({**modulated.state_dict(), **plain.state_dict()})
    inputs = random_masks(2, 4, 32), torch.randn(2, 8), torch.rand(2, 3)
    torch.testing.assert_close(modulated(*inputs), plain(*inputs))
    for name, weight in modulated.named_parameters():
        if "modulation" in name:
            torch.nn.init.normal_(weight, std=0.1)
    styles: list[Tensor] = []
    for block in modulated.blocks:
        block.register_forward_pre_hook(lambda block, inputs: styles.append(inputs[1]))
    modulated(*inputs).square().sum().backward()
    assert len(styles) == len(modulated.blocks) and all(style is styles[0] for style in styles)
    assert all(weight.grad is not None and weight.grad.any() for weight in modulated.parameters())


def test_items_of_a_batch_are_independent() -> None:
    generator = StepByStepGenerator(32, 3, 2, 4, 8).double()
    inputs = [random_masks(3, 3, 32).double(), torch.randn(3, 4).double(), torch.rand(3, 2).double()]
    batch = generator(*inputs)
    alone = generator(*(values[1:2] for values in inputs))
    torch.testing.assert_close(batch[1:2], alone)


def test_the_same_seed_gives_the_same_weights() -> None:
    def weights(seed: int) -> list[Tensor]:
        torch.manual_seed(seed)
        return list(StepByStepGenerator(32, 3, 2, 4, 8).parameters())

    assert all(torch.equal(a, b) for a, b in zip(weights(3), weights(3), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(weights(3), weights(4), strict=True))


@pytest.mark.parametrize(("size", "join"), [(32, 16), (64, 16), (128, 32)])
def test_the_reversed_order_takes_the_mask_late(size: int, join: int) -> None:
    generator = ReversedGenerator(size, 4, 3, 8, 2)
    assert generator.join_size == join
    outputs: list[Tensor] = []
    for block in generator.blocks:
        block.register_forward_hook(lambda module, inputs, output: outputs.append(output))
    latent, attributes = torch.randn(1, 8), torch.rand(1, 3)
    for _ in range(2):
        generator(random_masks(1, 4, size), latent, attributes)
    ones, others = outputs[: len(outputs) // 2], outputs[len(outputs) // 2 :]
    for one, other in zip(ones, others, strict=True):
        assert torch.allclose(one, other) == (one.shape[2] <= join)
    assert ones[0].shape[2] <= join  # there is such a block at every size


def test_the_reversed_order_has_fewer_parameters() -> None:
    with torch.device("meta"):
        counts = [parameter_count(kind(128, 7, 5, 512, 64)) for kind in (StepByStepGenerator, ReversedGenerator)]
    assert [round(count / 1e6, 1) for count in counts] == [12.7, 7.6]
