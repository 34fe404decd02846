"""Growing: inner layers of a network of half the image size in a network of the full size.

With half the width, a network of SCGAN at twice the image size has the same layers inside, and one more at each end:
Table 2 doubles the channels at every halving. A discriminator on features has no layer that depends on the image size:
it keeps its width and all of its weights. Only the number of the latent's channels and the size at which the
attributes join follow from width and image size; both are settings, so that they can stay as they were.
"""

from __future__ import annotations

import re
from typing import Any

from torch import Tensor, nn

from scgan.config import OPTIONAL_NETWORK, Config, flat, marked
from scgan.models.description import Description
from scgan.utils.errors import UserError

_SHIFTS = {"generator": ("segmentation_encoder", 1), "discriminator": ("features", 2)}
"""By network the sequence of layers that begins at the image, and the places by which its layers move inwards."""
_OUTER = {"generator": ("to_image.",), "discriminator": (), "segmentor": ()}
"""By network that can grow the prefixes of other layers that depend on the outer width."""


def require_growable(name: str, description: Description, config: Config, with_discriminator: bool = True) -> None:
    """Check that a network with these settings has the inner layers of a model of half its size.

    Args:
        name: of the model of half the size, for messages.
        description: its model.json.
        config: settings of the full size.
        with_discriminator: its discriminator grows too; model folders have none.

    Raises:
        UserError: says which settings have to change, or that the model cannot grow.
    """
    if config.method != "scgan":
        raise UserError(f"{name} has half the size of the data, but only models of --method scgan can grow.")
    half, full = flat(description.config), flat(config)
    size = description.schema.image_size
    halved = ["generator.width"]
    if with_discriminator and half["discriminator.features"] == "none":
        halved.append("discriminator.width")
    for setting in halved:
        if half[setting] % 2:
            raise UserError(f"{name} cannot grow: half of its --{setting} {half[setting]} is not a whole number.")
    smallest = 16 if half["generator.order"] == "reversed" else 8
    needed: dict[str, Any] = {
        "generator.width": half["generator.width"] // 2,
        "generator.order": half["generator.order"],
        "generator.modulation": half["generator.modulation"],
        "generator.latent_size": half["generator.latent_size"],
        "generator.latent_channels": half["generator.latent_channels"] or half["generator.width"],
        "generator.join_size": half["generator.join_size"] or max(size // 4, smallest),
    }
    if with_discriminator:
        needed["discriminator.features"] = half["discriminator.features"]
        needed["discriminator.sees_image"] = half["discriminator.sees_image"]
        needed["discriminator.width"] = half["discriminator.width"] // (2 if "discriminator.width" in halved else 1)
    needed["segmentor.width"] = half["segmentor.width"]
    effective = {
        **full,
        "generator.latent_channels": full["generator.latent_channels"] or full["generator.width"],
        "generator.join_size": full["generator.join_size"] or max(size // 2, smallest),
    }
    changes = [f"--{setting} {value}" for setting, value in needed.items() if effective[setting] != value]
    for setting in marked(type(config), OPTIONAL_NETWORK):
        if bool(half[setting]) != bool(full[setting]):
            changes.append(f"--{setting} {half[setting]:g}")
    if changes:
        raise UserError(
            f"{name} has size {size} and grows to {2 * size} where the inner layers keep their shapes: add "
            f"{' '.join(changes)}."
        )


def can_grow(name: str) -> bool:
    """Tell whether a network ("generator", …) has layers that do not depend on the image size."""
    return name in _OUTER


def load_inner(name: str, network: nn.Module, half: dict[str, Tensor]) -> list[str]:
    """Load the weights of a network of half the size into the layers that both have.

    Args:
        name: of the network: "generator", "discriminator" or "segmentor".
        network: at the full size; its outer layers stay as they are.
        half: weights at half the size.

    Returns:
        Names of the weights in ``network`` that were loaded.

    Raises:
        AssertionError: a weight of an inner layer has another shape; ``require_growable`` prevents it.
    """
    weights = network.state_dict()
    loaded = {
        key: value
        for old_key, value in half.items()
        if (key := _name_inside(name, old_key)) and not key.startswith(_OUTER[name])
    }
    for key, value in loaded.items():
        assert key in weights and weights[key].shape == value.shape, f"{name} {key}"
    network.load_state_dict({**weights, **loaded})
    return list(loaded)


def _name_inside(network: str, name: str) -> str | None:
    """Name that a weight has in the network of twice the size, None for the layer next to the image or the mask."""
    sequence, shift = _SHIFTS.get(network, ("", 0))
    match = re.fullmatch(rf"{sequence}\.(\d+)\.(.+)", name) if sequence else None
    if match is None:
        return name
    place = int(match[1])
    return f"{sequence}.{place + shift}.{match[2]}" if place else None
