"""Image synthesis with a trained model: segmentation, attributes and latent to images. NumPy in, NumPy out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.engines.choose import make_engine
from scgan.engines.engine import Engine
from scgan.engines.names import AUTO, TORCH
from scgan.faces.detector import shared_detector
from scgan.faces.rasterize import rasterize
from scgan.models.attribute_groups import commonest_vector, complete
from scgan.models.find import find_model
from scgan.models.folder import Conditions, Model, load_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.utils.batching import batches
from scgan.utils.devices import usable_device
from scgan.utils.errors import UserError
from scgan.utils.normal import standard_normal
from scgan.utils.progress import say

if TYPE_CHECKING:
    from scgan.engines.pytorch import PyTorchSegmentor
    from scgan.inversion.correction import Correction
    from scgan.inversion.encoder import TrainedEncoder
    from scgan.inversion.invert import Inversion, InversionSettings, Inverter, Watch

MORE_TRAINING = "resume the run with more --training.steps or --training.minutes"

_DETECTION_SIZE = 512  # faces below 56 pixels are not found
_BATCH_SIZE = 32  # bounds the memory; larger batches are not faster


class Synthesizer:
    """A trained generator with the meaning of its inputs.

    Args:
        model: the content of a model folder.
        device: where it computes, "cpu" or "cuda" for example.
        engine: computes the generator; one of ``scgan.engines.names.ENGINES``. The segmentor is always computed by
            PyTorch.

    Raises:
        UserError: there is no such device, or the engine cannot be used.
    """

    def __init__(self, model: Model, device: str = "cpu", engine: str = TORCH) -> None:
        self.model = model
        self.schema = model.schema
        self.fingerprint = model.fingerprint
        self.scores = model.scores
        self.step = model.step
        self.examples: Conditions = model.examples
        self._notes: set[str] = set()
        self.latent_size = model.config.generator.latent_size
        self.device = usable_device(device)
        self.engine: Engine = make_engine(engine, model, self.device)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle weights and settings: another process builds networks and engine from them."""
        networks = self.model.networks.stored(self.schema, self.model.config)
        return Synthesizer, (self.model._replace(networks=networks), self.device, self.engine.name)

    def sample_latent(self, count: int, seed: int) -> NDArray[np.float32]:
        """Standard normal latents, float32 (count, n_z); row i depends on ``seed + i`` alone.

        Each of many images can therefore be generated again from its own seed.
        """
        rows = [standard_normal(self.latent_size, "latent", seed + row) for row in range(count)]
        return np.stack(rows) if rows else np.zeros((0, self.latent_size), np.float32)

    def parse_attributes(self, text: str) -> NDArray[np.float32]:
        """Parse ``"Blond_Hair,Young=0.5"`` and add what the training data always have: float32 (n_c,).

        The first time, a sentence on standard error says what is added, or missing.

        Raises:
            UserError: as ``Schema.parse_attributes``.
        """
        return self.attribute_vector(self.schema.attribute_values(text))

    def attribute_vector(self, values: Mapping[str, float]) -> NDArray[np.float32]:
        """Convert attributes by name as ``parse_attributes`` does."""
        attributes, notes = complete(
            self.schema.attribute_vector(values), list(values), self.model.attribute_groups, self.schema
        )
        for note in notes:
            self._note(note)
        return attributes

    def commonest_attributes(self) -> NDArray[np.float32]:
        """Find the most frequent attributes of the examples, float32 (n_c,)."""
        return commonest_vector(self.examples.attributes, self.model.attribute_groups, self.schema)

    def generate(
        self,
        segmentation: NDArray[Any],
        attributes: NDArray[Any] | str = "",
        latent: NDArray[Any] | None = None,
        seed: int = 0,
    ) -> NDArray[np.uint8]:
        """Generate images. An input without a batch axis is used for all images.

        Args:
            segmentation: class indices, integers (N, H, W) or (H, W); H and W are the model's image size.
            attributes: numbers (N, n_c) or (n_c,), or text like ``"Blond_Hair,Young=0.5"``, which ``parse_attributes``
                completes. Numbers are taken as they are: usually in [0, 1]; those beyond, within [-1, 2], exaggerate.
            latent: numbers (N, n_z) or (n_z,), standard normal; drawn from ``seed`` where it is None.
            seed: latent i is drawn from ``seed + i``, so an image does not depend on the others of its batch. The order
                of sums depends on the batch size: single values may differ by 1 of 255.

        Returns:
            uint8 (N, H, W, 3), RGB; (H, W, 3) when no input had a batch axis.

        Raises:
            UserError: a shape, class, attribute or number that the model does not know.
        """
        masks = np.asarray(segmentation)
        vectors = self.parse_attributes(attributes) if isinstance(attributes, str) else np.asarray(attributes)
        size = self.schema.image_size
        if masks.ndim not in (2, 3) or masks.shape[-2:] != (size, size):
            raise UserError(f"segmentation has shape {masks.shape}; expected ({size}, {size}) or (N, {size}, {size}).")
        self.schema.require_segmentation(masks, "segmentation")
        _require_vectors("attributes", vectors, self.schema.attribute_count)
        if vectors.size and (vectors.min() < -1 or vectors.max() > 2):
            raise UserError(f"attributes reach from {vectors.min():g} to {vectors.max():g}; they must lie in [-1, 2].")
        if latent is not None:
            _require_vectors("latent", np.asarray(latent), self.latent_size)
        counts = {
            len(values)
            for values, single in ((masks, 2), (vectors, 1), (np.asarray(latent), 1))
            if values.ndim > single
        }
        if len(counts) > 1:
            raise UserError(
                f"segmentation, attributes and latent are for different numbers of images: {sorted(counts)}."
            )
        count = counts.pop() if counts else 1
        single = not {masks.ndim - 2, vectors.ndim - 1, 0 if latent is None else np.ndim(latent) - 1} - {0}
        latents = self.sample_latent(count, seed) if latent is None else np.asarray(latent)
        images = self._generate(
            np.broadcast_to(masks, (count, size, size)),
            np.broadcast_to(vectors, (count, self.schema.attribute_count)),
            np.broadcast_to(latents, (count, self.latent_size)),
        )
        return images[0] if single else images

    @property
    def can_segment(self) -> bool:
        """True if the model folder holds a segmentor."""
        return self.model.networks.has_segmentor

    def segment(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Segment an image with the network that the generator was trained against.

        Args:
            image: uint8 (H, W, 3), RGB; H and W are the model's image size.

        Returns:
            uint8 (H, W), class indices.

        Raises:
            UserError: the model has no segmentor, or the image another size.
        """
        if self._segmentor is None:
            raise UserError("this model has no segmentor (segmentor.safetensors): it cannot segment images.")
        self._require_image(image)
        return self._segmentor(image)

    def _require_image(self, image: NDArray[Any]) -> None:
        size = self.schema.image_size
        if image.shape != (size, size, 3) or image.dtype != np.uint8:
            raise UserError(
                f"image has shape {image.shape} and type {image.dtype}; expected ({size}, {size}, 3), uint8."
            )

    @cached_property
    def _segmentor(self) -> PyTorchSegmentor | None:
        from scgan.engines.pytorch import PyTorchSegmentor  # imports torch

        return None if self.model.segmentor is None else PyTorchSegmentor(self.model.segmentor, self.device)

    def invert(
        self,
        image: NDArray[np.uint8],
        segmentation: NDArray[np.uint8] | None = None,
        attributes: NDArray[Any] | str | None = None,
        *,
        settings: InversionSettings | None = None,
        start: Inversion | None = None,
        watch: Watch | None = None,
    ) -> Inversion:
        """Find the inputs, and a correction of the weights, that make a real image again.

        It starts from the guess of the model's encoder (``scgan train-encoder``), if there is one.

        ``model.corrected(inversion.correction).generate(inversion.segmentation, inversion.attributes,
        inversion.latent)`` then generates it.

        Args:
            image: uint8 (H, W, 3), RGB, of the model's image size, placed as its data are.
            segmentation: class indices (H, W); drawn from detected landmarks, or found by the segmentor, where it is
                None.
            attributes: as for ``generate``; where it is None, estimated by the attribute grader beside the model, else
                by the model's encoder, else the most frequent ones.
            settings: numbers of steps, seed; None for the defaults.
            start: an earlier inversion of the same inputs, which is continued.
            watch: called before each step with an ``InversionStep``; returns False to stop.

        Raises:
            UserError: the image has another size, no mask can be found, or an input does not fit the model.
        """
        from scgan.inversion.invert import InversionSettings

        mask = self.find_mask(image) if segmentation is None else np.asarray(segmentation)
        settings = settings or InversionSettings()
        inverter = self.inverter(image, mask, attributes)
        if start is None and settings.encoder and self.encoder is not None:
            self._note(f"the encoder in {self.encoder.folder} guesses the start.")
        return inverter.run(settings, start, watch or (lambda step: True))

    def inverter(
        self, image: NDArray[np.uint8], segmentation: NDArray[Any], attributes: NDArray[Any] | str | None = None
    ) -> Inverter:
        """Prepare the inversion of an image, which can then run in parts; arguments and errors as for ``invert``."""
        from scgan.inversion.invert import Inverter

        self._require_image(image)
        mask = np.asarray(segmentation)
        self.schema.require_segmentation(mask, "segmentation")
        size = self.schema.image_size
        if mask.shape != (size, size):
            raise UserError(f"segmentation has shape {mask.shape}; expected ({size}, {size}).")
        mask = mask.astype(np.uint8)
        if attributes is None:
            vector = self.estimate_attributes(image, mask)[0]
        else:
            vector = self.parse_attributes(attributes) if isinstance(attributes, str) else np.asarray(attributes)
        _require_vectors("attributes", vector, self.schema.attribute_count)
        if vector.ndim != 1:
            raise UserError(f"attributes has shape {vector.shape}; expected those of one image.")
        guess = None if self.encoder is None else self.encoder(image, mask).latent
        return Inverter(self.model, image, mask, vector.astype(np.float32), guess=guess, device=self.device)

    def estimate_attributes(
        self, image: NDArray[np.uint8], segmentation: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], str]:
        """Estimate the attributes of an image (H, W, 3) with its mask, float32 (n_c,), and name their source."""
        from scgan.inversion.attributes import estimate_attributes

        encoded = None if self.encoder is None else self.encoder(image, segmentation).attributes
        return estimate_attributes(self.model, image, encoded)

    @cached_property
    def encoder(self) -> TrainedEncoder | None:
        """Encoder of the model, beside it or in the user's cache; None if there is none."""
        # Imported when needed, like all of inversion: graders and batches would slow every other command down.
        from scgan.inversion.encoder import load_encoder

        return load_encoder(self.model)

    def find_mask(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Find the mask of a real image of the model's size: drawn from landmarks, or by the segmentor, uint8 (H, W).

        Raises:
            UserError: there is no face in it, or the model can neither draw nor segment.
        """
        if not self.schema.landmarks:
            return self.segment(image)
        self._require_image(image)
        large = Image.fromarray(image).resize((_DETECTION_SIZE, _DETECTION_SIZE), Image.Resampling.BICUBIC)
        faces = shared_detector().detect_all(np.asarray(large))
        if not faces:
            raise UserError("no face found in the image: give its segmentation.")
        return rasterize(faces[0], self.schema.image_size)

    def corrected(self, correction: Correction | None) -> Synthesizer:
        """Copy the model with the correction of one photo in its weights; computes in PyTorch."""
        if correction is None:
            return self
        from scgan.inversion.correction import corrected_generator

        generator = corrected_generator(self.model.generator, correction)
        networks = TrainedNetworks(generator, self.model.segmentor)
        return Synthesizer(self.model._replace(networks=networks), self.device)

    def _note(self, sentence: str) -> None:
        """Say a sentence the first time."""
        if sentence not in self._notes:
            say(sentence)
            self._notes.add(sentence)

    def _generate(self, masks: NDArray[Any], vectors: NDArray[Any], latents: NDArray[Any]) -> NDArray[np.uint8]:
        size = self.schema.image_size
        images = np.empty((len(masks), size, size, 3), np.uint8)
        masks, latents, vectors = masks.astype(np.uint8), latents.astype(np.float32), vectors.astype(np.float32)
        for part in batches(len(masks), _BATCH_SIZE):
            images[part] = self.engine(masks[part], latents[part], vectors[part])
        return images


def require_trained(synthesizer: Synthesizer, name: Path | str) -> None:
    """Refuse a model whose generator was never updated: its images are noise.

    Raises:
        UserError: names the model and what to do.
    """
    if synthesizer.model.generator_updates == 0:
        raise UserError(f"the generator of {name} was not trained yet, its images would be noise: {MORE_TRAINING}.")


def load(name: Path | str, device: str = "cpu", engine: str = AUTO) -> Synthesizer:
    """Open a model; nothing in it is executed.

    Args:
        name: a model folder or run folder, the name of a model that comes with scgan, or ``owner/name`` of one on the
            Hugging Face Hub.
        device: where it computes.
        engine: ``"torch"``, ``"onnxruntime"`` or ``"openvino"``; ``"auto"`` takes the fastest that is installed and
            computes on the device, and says which. Images of two engines differ by at most 1 of 255.

    Raises:
        UserError: it is missing, damaged, or not a model; the engine cannot be used.
    """
    return Synthesizer(load_model(find_model(name)), device, engine)


def _require_vectors(name: str, values: NDArray[Any], size: int) -> None:
    if values.ndim not in (1, 2) or values.shape[-1] != size:
        raise UserError(f"{name} has shape {values.shape}; expected ({size},) or (N, {size}).")
    if not np.issubdtype(values.dtype, np.number) or not np.isfinite(values).all():
        raise UserError(f"{name} must be finite numbers.")
