"""Training of a model's encoder: on images that the model generates, whose latents are known, and on photos."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from scgan import losses
from scgan.config import OptimizerSettings
from scgan.data.items import ItemSplits
from scgan.data.prepared import PreparedDataset
from scgan.graders.training import train_folder, training_rows
from scgan.inversion.distance import pyramid_distance
from scgan.inversion.encoder import build_encoder, write_encoder
from scgan.models.digest import model_digest
from scgan.models.folder import Model
from scgan.training.batches import Batch, Batches
from scgan.training.step_rng import StepRng
from scgan.training.update import Stage, Stateful, Terms, Update
from scgan.utils.tensors import one_hot

STEPS = 1200
BATCH_SIZE = 16
_SEED = 2011  # unlikely to be the seed of a generator's training
_WARP = 0.15
_INPUT_NOISE = 0.05  # standard deviation, images in [-1, 1]
_PHOTO_WEIGHT = 4.0  # a latent of a photo is judged by its image alone


class EncoderMethod:
    """Method that trains an encoder.

    Args:
        model: with its generator, which does not change.
        steps: of the training.
        photos: the batches have photos, which are made again, too.
    """

    def __init__(self, model: Model, steps: int, photos: bool) -> None:
        self.steps, self.photos = steps, photos
        self.class_count, self.latent_size = model.schema.class_count, model.config.generator.latent_size
        self.network = build_encoder(model)
        self.generator = copy.deepcopy(model.generator).to(next(self.network.parameters()).device)
        self.networks: dict[str, nn.Module] = {"encoder": self.network}
        self.extra_state: dict[str, Stateful] = {}

    @property
    def model(self) -> nn.Module:
        return self.network

    def stages(self) -> list[Stage]:
        optimizer = OptimizerSettings(learning_rate=1e-3, beta1=0.9, beta2=0.99)
        update = Update("encoder", [self.network], self.loss, optimizer)
        return [Stage("encoder", self.steps, [update], counts_images=False)]

    def loss(self, batch: Batch, rng: StepRng, step: int) -> Terms:
        """Compare latents and attributes with those that made the images, and the images of both."""
        mask = one_hot(batch.segmentation, self.class_count, batch.attributes.dtype)
        latent = rng.normal("latent", self.latent_size)
        # Half of the images mix the attributes of two items: photos have values between 0 and 1, too.
        share = (2 * rng.uniform("share", 1) - 1).clamp(min=0)
        attributes = batch.attributes.lerp(batch.attributes.roll(1, 0), share)
        with torch.no_grad():
            image = self.generator(mask, latent, attributes)
        estimate, logits = self.network(image + _INPUT_NOISE * rng.normal("image", *image.shape[1:]), mask)
        terms = {
            "latent": (estimate - latent).square().mean(),
            "image": self._image_distance(mask, estimate, attributes, image),
        }
        if attributes.shape[1]:
            terms["attributes"] = losses.classification_loss(logits, attributes)
        if self.photos:
            # Generated images differ from photos, and an encoder that knows only them is less sure of photos.
            estimate, logits = self.network(batch.image, mask)
            terms["photo"] = _PHOTO_WEIGHT * self._image_distance(mask, estimate, batch.attributes, batch.image)
            if attributes.shape[1]:
                terms["photo_attributes"] = losses.classification_loss(logits, batch.attributes)
        return terms

    def _image_distance(self, mask: Tensor, latent: Tensor, attributes: Tensor, image: Tensor) -> Tensor:
        """Distance of the images of estimated latents to the images (N, 3, H, W) that were encoded."""
        # Of a quarter of the images: the gradient through the generator takes most of the time.
        part = slice(0, -(-len(image) // 4))
        difference = self.generator(mask[part], latent[part], attributes[part]) - image[part]
        return pyramid_distance(difference, torch.ones_like(difference[:1, :1])).mean()


def train_encoder(model: Model, folder: Path, *, dataset: PreparedDataset | None = None, steps: int = STEPS) -> bool:
    """Train the encoder of a model and write its folder; a stopped training resumes when it is called again.

    Args:
        model: with its generator.
        folder: the encoder's new folder. Checkpoints are beside it, in a folder that also names
            model and data.
        dataset: source of masks, attributes and photos, of which the training split is used; None for masks and
            attributes of the model's examples, without photos.
        steps: number of updates.

    Returns:
        False when Ctrl-C stopped the training after a checkpoint was saved.

    Raises:
        UserError: the data do not fit the model, or are too few.
    """
    if dataset is None:
        data = _example_data(model)
        rows = np.resize(np.arange(len(data)), max(BATCH_SIZE, len(data)))
    else:
        dataset.schema.require_same(model.schema, str(dataset.path), "the model")
        data, rows = dataset, training_rows(dataset, BATCH_SIZE, "an encoder", "leave out --data")
    batches = Batches(data, rows, BATCH_SIZE, _SEED, flip=True, warp=_WARP)
    work = folder.with_name(f"{folder.name}.{model_digest(model)[:8]}{data.fingerprint[:8]}.training")
    return train_folder(
        folder,
        work,
        lambda: EncoderMethod(model, steps, photos=dataset is not None),
        batches,
        lambda partial, network, step: write_encoder(partial, model, network, step),
    )


def _example_data(model: Model) -> PreparedDataset:
    """Masks and attributes of a model's examples as data in memory; the images, which nothing reads, are black."""
    masks, count = model.examples.segmentations, len(model.examples.segmentations)
    return PreparedDataset(
        path=Path("examples"),
        schema=model.schema,
        images=np.zeros((*masks.shape, 3), np.uint8),
        segmentations=masks,
        attributes=model.examples.attributes.astype(np.float32),
        landmarks=None,
        names=tuple(map(str, range(count))),
        splits=ItemSplits.of(("train",) * count),
        fingerprint="examples",  # not that of the model's data: a training on these is another one
        source={},
    )
