"""Variants to compare: methods and ablations of SCGAN, as settings on top of a recipe. Does not import torch."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from scgan.config import MAX_STEPS, Config
from scgan.methods import METHODS
from scgan.recipes import cpu, recipe, uses_setting, with_settings
from scgan.utils.errors import UserError
from scgan.utils.text import counted, did_you_mean

_JOINT = {"segmentor.joint": True, "segmentor.pretrain_steps": 0}
_FIXED = {"segmentor.joint": False}


class Variant(NamedTuple):
    """A method or an ablation.

    Attributes:
        title: for people.
        method: a name in ``scgan.methods.METHODS``.
        settings: changes to the method's own settings.
    """

    title: str
    method: str
    settings: dict[str, Any]


VARIANTS = {
    "scgan": Variant("SCGAN", "scgan", {}),
    "wgan-gp": Variant("WGAN-GP", "wgan-gp", {}),
    "acwgan": Variant("ACWGAN", "acwgan", {}),
    "pix2pix": Variant("Pix2Pix", "pix2pix", {}),
    "cyclegan": Variant("CycleGAN", "cyclegan", {}),
    "spade": Variant("SPADE", "spade", {}),
    "scgan-reversed": Variant("SCGAN, reversed order", "scgan", {"generator.order": "reversed"}),  # Figure 9
    "scgan-fixed-segmentor": Variant("SCGAN, segmentor first, then fixed", "scgan", _FIXED),  # Figure 8
    "scgan-joint-segmentor": Variant("SCGAN, segmentor trained together", "scgan", _JOINT),  # Figure 8, Algorithm 1
    "scgan-no-segmentor": Variant("SCGAN without segmentor", "scgan", {"loss.segmentation": 0.0}),  # Figure 10
    "scgan-no-segmentor-no-classifier": Variant(
        "SCGAN without segmentor and classifier", "scgan", {"loss.segmentation": 0.0, "loss.classification": 0.0}
    ),
}
"""In the order of tables. SCGAN itself equals one of the two segmentor variants, and shares its run."""


def find_variant(name: str) -> Variant:
    """The variant of a name in ``VARIANTS``, or a method of ``METHODS`` with its own settings.

    Raises:
        UserError: there is neither.
    """
    if name in METHODS and name not in VARIANTS:
        return Variant(name, name, {})
    if name not in VARIANTS:
        choice = did_you_mean(name, VARIANTS, f"choose among {', '.join(VARIANTS)}.")
        raise UserError(f"unknown method {name!r}: {choice}")
    return VARIANTS[name]


class Budget(NamedTuple):
    """Length of each training: a number of images seen, or of minutes; the other is None."""

    images: int | None
    minutes: float | None

    @staticmethod
    def parse(text: str) -> Budget:
        """``"64000images"`` or ``"20minutes"``.

        Raises:
            UserError: it is neither.
        """
        match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(images|minutes)", text)
        if not match or not float(match[1]):
            raise UserError(f"--budget {text!r} is neither like 64000images nor like 20minutes.")
        if match[2] == "minutes":
            return Budget(None, float(match[1]))
        return Budget(int(float(match[1])), None)

    def __str__(self) -> str:
        if self.images is not None:
            return f"{counted(self.images, 'image')} seen"
        return counted(self.minutes or 0.0, "minute")


def configure(name: str, recipe_name: str, changes: dict[str, Any], seed: int, budget: Budget | None) -> Config:
    """Make the configuration of one variant.

    Args:
        name: of a variant, as ``find_variant`` takes it.
        recipe_name: recipe of all variants.
        changes: settings for every variant that has them: those of another method, like ``spade.perceptual``, or that
            its method does not use, are left out. The variant's own settings override them.
        seed: of the training.
        budget: replaces the recipe's length.

    Raises:
        UserError: a name or a setting is unknown, or a value is out of range.
    """
    variant = find_variant(name)
    others = [method for method in METHODS if method != variant.method]
    shared = {
        setting: value
        for setting, value in changes.items()
        if setting.partition(".")[0] not in others and uses_setting(variant.method, setting)
    }
    config = with_settings(recipe(recipe_name, variant.method), shared)
    length: dict[str, Any] = {}
    if budget is not None:
        if budget.images is None:
            length = {"training.minutes": budget.minutes, "training.steps": MAX_STEPS}
        else:
            length = {"training.steps": max(1, budget.images // config.training.batch_size)}
    config = with_settings(config, {**length, **variant.settings, "training.seed": seed})
    if variant.settings is _FIXED and not config.segmentor.pretrain_steps:
        # Section 5.7 gives no length; this is one of the paper's 20 epochs. A budget in minutes gives no number of
        # steps: then the length is that of the recipe cpu.
        steps = max(1, config.training.steps // 20) if not config.training.minutes else cpu().segmentor.pretrain_steps
        config = with_settings(config, {"segmentor.pretrain_steps": steps})
    return config
