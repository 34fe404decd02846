"""Kinds of graders, of masks and of attributes: architecture and loss of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor, nn

from scgan import losses
from scgan.networks.classifier import AttributeClassifier
from scgan.networks.unet import UNet
from scgan.schema import Schema
from scgan.training.batches import Batch

_WIDTH = 16


class GraderKind(NamedTuple):
    """Kind of graders.

    Attributes:
        name: for messages; also the folder of such a grader inside a model folder.
        architecture: for the names of graders and their folders in the cache.
        build: builds the untrained network for a schema.
        loss: from the network's logits and the batch to a scalar.
    """

    name: str
    architecture: str
    build: Callable[[Schema], nn.Module]
    loss: Callable[[Tensor, Batch], Tensor]


MASKS = GraderKind(
    name="grader",
    architecture=f"unet{_WIDTH}",
    build=lambda schema: UNet(schema.class_count, _WIDTH),
    loss=lambda logits, batch: losses.segmentation_loss(logits, batch.target),
)
ATTRIBUTES = GraderKind(
    name="attribute-grader",
    architecture=f"attributes{_WIDTH}",
    build=lambda schema: AttributeClassifier(schema.image_size, schema.attribute_count, _WIDTH),
    loss=lambda logits, batch: losses.classification_loss(logits, batch.attributes),
)
KINDS = (MASKS, ATTRIBUTES)
