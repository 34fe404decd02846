"""Tests of the settings of variants, and of budgets."""

import pytest

from scgan.comparison.variants import VARIANTS, Budget, configure
from scgan.config import MAX_STEPS, flat
from scgan.utils.errors import UserError


def test_budgets() -> None:
    assert Budget.parse("64000images") == Budget(64000, None)
    assert Budget.parse("1.5 minutes") == Budget(None, 1.5)
    assert [str(Budget(64000, None)), str(Budget(None, 20.0))] == ["64,000 images seen", "20 minutes"]
    for text in ("64000", "images", "0images", "-1minutes", "3 hours"):
        with pytest.raises(UserError, match="neither like 64000images nor like 20minutes"):
            Budget.parse(text)


@pytest.mark.parametrize("recipe", ["paper", "cpu"])
def test_every_variant_sees_the_same_images(recipe: str) -> None:
    for name, variant in VARIANTS.items():
        config = configure(name, recipe, {"training.batch_size": 8}, 3, Budget(800, None))
        assert (config.method, config.training.steps, config.training.seed) == (variant.method, 100, 3)


def test_one_segmentor_variant_is_the_recipe_itself_and_the_other_is_not() -> None:
    budget = Budget(16000, None)
    for recipe, same, other in (
        ("paper", "scgan-joint-segmentor", "scgan-fixed-segmentor"),
        ("cpu", "scgan-fixed-segmentor", "scgan-joint-segmentor"),
    ):
        plain = configure("scgan", recipe, {}, 0, budget)
        assert configure(same, recipe, {}, 0, budget) == plain
        assert configure(other, recipe, {}, 0, budget) != plain
    assert configure("scgan-fixed-segmentor", "paper", {}, 0, budget).segmentor.pretrain_steps == 1000 // 20


def test_settings_of_a_variant_override_the_others() -> None:
    assert (
        configure("scgan-reversed", "cpu", {"generator.order": "step-by-step"}, 0, None).generator.order == "reversed"
    )
    assert configure("wgan-gp", "cpu", {}, 0, None).loss.adversarial == "wasserstein"


def test_minutes_end_a_training_in_place_of_steps() -> None:
    training = configure("spade", "cpu", {}, 0, Budget(None, 2.5)).training
    assert training.minutes == 2.5 and training.steps == MAX_STEPS
    # A twentieth of these steps would leave nothing for the generator.
    assert configure("scgan-fixed-segmentor", "paper", {}, 0, Budget(None, 2.5)).segmentor.pretrain_steps == 1200


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UserError, match=r"unknown method 'gan': did you mean scgan\? Choose among scgan, wgan-gp"):
        configure("gan", "cpu", {}, 0, None)
    with pytest.raises(UserError, match=r"no setting --generator\.wdth"):
        configure("scgan", "cpu", {"generator.wdth": 3}, 0, None)


def test_settings_of_another_method_are_left_out() -> None:
    changes = {"spade.perceptual": 0.0, "generator.width": 8}
    assert flat(configure("spade", "cpu", changes, 0, None))["spade.perceptual"] == 0
    assert configure("scgan", "cpu", changes, 0, None).generator.width == 8
