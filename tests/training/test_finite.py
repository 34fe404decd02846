"""Check for infinite and NaN loss terms."""

from __future__ import annotations

import math

import pytest
import torch
from lightning_fabric import Fabric

from scgan.training.finite import FiniteCheck
from scgan.utils.errors import RunError


def check(at_once: bool) -> FiniteCheck:
    return FiniteCheck(Fabric(accelerator="cpu", devices=1), at_once)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_broken_term_is_named_at_once(value: float) -> None:
    finite = check(at_once=True)
    finite.add("discriminator", 1, {"adversarial": torch.tensor(1.0)})
    with pytest.raises(RunError, match=rf"'classification' of the generator's loss became {value} at step 7"):
        finite.add("generator", 7, {"adversarial": torch.tensor(0.0), "classification": torch.tensor(value)})


def test_the_first_of_several_broken_terms_is_named_when_they_are_read_late() -> None:
    finite = check(at_once=False)
    finite.add("discriminator", 3, {"adversarial": torch.tensor(1.0), "gradient_penalty": torch.tensor(2.0)})
    finite.add("generator", 3, {"adversarial": torch.tensor(1.0), "segmentation": torch.tensor(math.nan)})
    finite.add("discriminator", 4, {"adversarial": torch.tensor(math.nan)})
    with pytest.raises(RunError, match=r"'segmentation' of the generator's loss became nan at step 3"):
        finite.read()


def test_terms_are_read_once_and_16_bit_terms_beside_others() -> None:
    finite = check(at_once=False)
    finite.add("generator", 1, {"a": torch.tensor(1.0, dtype=torch.bfloat16), "b": torch.tensor(2.0)})
    finite.read()
    finite.read()
