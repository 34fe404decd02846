"""Attributes of a photo, as the networks beside a model see them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scgan.graders.folder import load_grader_network, read_grader_description
from scgan.graders.grader import AttributeGrader
from scgan.graders.kinds import ATTRIBUTES
from scgan.models.attribute_groups import commonest_vector
from scgan.models.folder import Model


def load_attribute_grader(model: Model) -> AttributeGrader | None:
    """Load the attribute grader beside a model; None if there is none.

    Raises:
        UserError: it is damaged, or for other attributes.
    """
    folder = None if model.folder is None else model.folder / ATTRIBUTES.name
    if folder is None or not folder.is_dir() or not model.schema.attribute_count:
        return None
    schema = read_grader_description(folder).schema
    model.schema.require_same(schema, str(model.folder), str(folder))
    return AttributeGrader(load_grader_network(ATTRIBUTES, folder, schema), schema, "beside the model")


def estimate_attributes(
    model: Model, image: NDArray[np.uint8], encoded: NDArray[np.float32] | None
) -> tuple[NDArray[np.float32], str]:
    """Estimate the attributes of an image, with values between 0 and 1 where the estimate is not sure.

    Args:
        model: with its folder.
        image: uint8 (H, W, 3) of the model's size.
        encoded: estimate of the model's encoder, float32 (n_c,); None without.

    Returns:
        Attributes as the grader beside the model sees them, else as the encoder does, else the most frequent ones of
        the model's examples: float32 (n_c,), where those of a group that exclude each other have a sum of at most 1.
        The second value names the source.
    """
    grader = load_attribute_grader(model)
    if grader is not None:
        values, source = grader.probabilities(np.array(image)[None])[0], "as the attribute grader sees them"
    elif encoded is not None:
        values, source = encoded, "as the encoder sees them"
    else:
        values = commonest_vector(model.examples.attributes, model.attribute_groups, model.schema)
        source = "the most frequent ones of the model's examples"
    values = values.astype(np.float32).round(2)
    for group in model.schema.attribute_groups:
        columns = [model.schema.attribute_names.index(name) for name in group]
        total = float(values[columns].sum())
        if total > 1:
            values[columns] = np.floor(100 * values[columns] / total) / 100
    return values, source


def replace_attributes(model: Model, attributes: NDArray[np.float32], values: dict[str, float]) -> NDArray[np.float32]:
    """Set attributes by name; the others of their groups leave room for them.

    Where attributes exclude each other in the model's data (hair colors), setting one to v scales those that are not
    named so that the sum of the group is at most 1.

    Raises:
        UserError: an attribute is unknown, or a value is not between 0 and 1.
    """
    schema = model.schema
    schema.attribute_vector(values)  # checks names and values
    changed = dict(zip(schema.attribute_names, attributes.tolist(), strict=True)) | values
    for names in [*schema.attribute_groups, *(group.names for group in model.attribute_groups)]:
        if not set(names) & values.keys():
            continue
        room = max(0.0, 1 - sum(values.get(name, 0.0) for name in names))
        others = {name: changed[name] for name in names if name not in values}
        if sum(others.values()) > room:
            scale = room / sum(others.values())
            changed |= {name: value * scale for name, value in others.items()}
    return schema.attribute_vector(changed)
