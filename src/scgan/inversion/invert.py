"""Inversion by gradient: the best of random latents, its refinement, then a correction of the weights."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call

from scgan.inversion.correction import Correction, corrected_weights, new_correction
from scgan.inversion.distance import ImageDistance, class_weights, load_features
from scgan.models.folder import Model
from scgan.utils.devices import CPU
from scgan.utils.random import generator_for
from scgan.utils.tensors import images_to_tensor, one_hot

_SEARCH_BATCH = 16
_GUESSED_CANDIDATES = 8  # random latents beside an encoder's guess
_LATENT_RATE, _CORRECTION_RATE, _BETAS = 0.1, 5e-3, (0.9, 0.99)
_PRIOR = 0.1
_EDITS, _LOCALITY = 1.0, 1.0


@dataclass(frozen=True)
class InversionSettings:
    """Settings of an inversion.

    Attributes:
        steps: number of optimizer steps of the latent.
        correction_steps: number of optimizer steps of the correction; 0 makes none.
        candidates: number of random latents, the best of which is refined; 8 at most beside the guess of an encoder.
        seed: of all random numbers.
        encoder: start from the guess of the model's encoder, if there is one and it is better.
    """

    steps: int = 150
    correction_steps: int = 120
    candidates: int = 48
    seed: int = 0
    encoder: bool = True


DEFAULT_SETTINGS = InversionSettings()


class Inversion(NamedTuple):
    """Inputs that make a photo again.

    Attributes:
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_c,).
        latent: float32 (n_z,).
        correction: changes of the weights for this photo; None without.
        distance: of the generated image to the photo.
        random_distance: mean of that over random latents.
        steps: steps that the latent was refined.
        correction_steps: steps that the correction was refined.
    """

    segmentation: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    latent: NDArray[np.float32]
    correction: Correction | None
    distance: float
    random_distance: float
    steps: int
    correction_steps: int


class InversionStep(NamedTuple):
    """State of an inversion between two steps.

    Attributes:
        stage: ``"start"``, ``"latent"`` or ``"correction"``.
        step: number of steps of the stage.
        total: number of steps that the stage will have.
        image: the best image so far, float (3, H, W) in [-1, 1].
        inversion: the best inputs so far.
    """

    stage: str
    step: int
    total: int
    image: Tensor
    inversion: Inversion


Watch = Callable[[InversionStep], bool]
"""Called before each step; False stops the inversion."""


class _Trial(NamedTuple):
    """Result of some parameters.

    Attributes:
        image: float (1, 3, H, W).
        distance: of the image to the photo, (1,).
        value: scalar by which the best parameters are chosen.
        loss: computes the scalar to minimize.
    """

    image: Tensor
    distance: Tensor
    value: Tensor
    loss: Callable[[], Tensor]


class _Best(NamedTuple):
    """Best parameters at a step.

    Attributes:
        step: number of steps.
        parameters: detached; they do not change any more.
        image: that they give, float (3, H, W).
        distance: of the image to the photo.
    """

    step: int
    parameters: list[Tensor]
    image: Tensor
    distance: float


class Inverter:
    """Inversion of one image: generator, inputs and distance as tensors on one device.

    Args:
        model: with its generator.
        image: uint8 (H, W, 3) of the model's size.
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_c,).
        guess: latent that an encoder estimated, float32 (n_z,); None without.
        device: where it computes.
    """

    def __init__(
        self,
        model: Model,
        image: NDArray[np.uint8],
        segmentation: NDArray[np.uint8],
        attributes: NDArray[np.float32],
        *,
        guess: NDArray[np.float32] | None = None,
        device: str = CPU,
    ) -> None:
        self.device = torch.device(device)
        self.segmentation, self.attributes = segmentation, attributes
        self._guess = None if guess is None else torch.from_numpy(guess)[None].to(self.device)
        self._generator: nn.Module = copy.deepcopy(model.generator).to(self.device)
        self._latent_size = model.config.generator.latent_size
        classes = torch.from_numpy(segmentation.astype(np.int64))[None].to(self.device)
        self._mask = one_hot(classes, model.schema.class_count, torch.float32)
        self._attributes = torch.from_numpy(attributes)[None].to(self.device)
        self._distance = ImageDistance(
            images_to_tensor(np.array(image)[None], self.device, torch.float32),
            torch.from_numpy(class_weights(segmentation)).to(self.device),
            load_features(self.device),
        )

    def run(
        self,
        settings: InversionSettings = DEFAULT_SETTINGS,
        start: Inversion | None = None,
        watch: Watch = lambda step: True,
    ) -> Inversion:
        """Find the latent, and the correction, that make the image again.

        Args:
            settings: numbers of steps, seed.
            start: an earlier inversion of the same inputs, which is continued.
            watch: called before each step; returns False to stop, then the best so far is returned.
        """
        result = start
        for step in self.steps(settings, start):
            result = step.inversion
            if step.step < step.total and not watch(step):
                break
        assert result is not None
        return result

    def steps(
        self, settings: InversionSettings = DEFAULT_SETTINGS, start: Inversion | None = None
    ) -> Iterator[InversionStep]:
        """Yield the start, then the state before each step and at the end of each stage.

        Each inversion that is yielded can be used, or continued as ``start`` later.
        """
        inversion = self.begin(settings) if start is None else start
        latent = torch.from_numpy(inversion.latent)[None].to(self.device)
        with torch.no_grad():
            image = self._images(latent)[0]
        yield InversionStep("start", 0, 0, image, inversion)
        if inversion.steps < settings.steps and not inversion.correction_steps:
            for best in self._refine(latent, inversion.steps, settings.steps):
                latent = best.parameters[0]
                inversion = inversion._replace(latent=latent[0].cpu().numpy(), distance=best.distance, steps=best.step)
                yield InversionStep("latent", best.step, settings.steps, best.image, inversion)
        if inversion.correction_steps < settings.correction_steps:
            names = list(inversion.correction or new_correction(self._generator, settings.seed))
            for best in self._correct(inversion, latent, settings):
                if best.step:  # else it changes nothing yet
                    correction = dict(zip(names, (value.cpu() for value in best.parameters), strict=True))
                    inversion = inversion._replace(
                        correction=correction, distance=best.distance, correction_steps=best.step
                    )
                yield InversionStep("correction", best.step, settings.correction_steps, best.image, inversion)

    @torch.no_grad()
    def begin(self, settings: InversionSettings) -> Inversion:
        """Find the best of random latents and the encoder's guess."""
        guess = self._guess if settings.encoder else None
        count = settings.candidates if guess is None else min(settings.candidates, _GUESSED_CANDIDATES)
        latents = torch.randn(count, self._latent_size, generator=generator_for("inversion", settings.seed))
        latents = latents.to(self.device)
        candidates = latents if guess is None else torch.cat([guess, latents])
        distances = torch.cat([self._distance(self._images(part)) for part in candidates.split(_SEARCH_BATCH)])
        best = int(distances.argmin())
        return Inversion(
            segmentation=self.segmentation,
            attributes=self.attributes,
            latent=candidates[best].cpu().numpy(),
            correction=None,
            distance=float(distances[best]),
            random_distance=float(distances[-count:].mean()),
            steps=0,
            correction_steps=0,
        )

    def _images(self, latents: Tensor) -> Tensor:
        count = len(latents)
        mask, attributes = self._mask.expand(count, -1, -1, -1), self._attributes.expand(count, -1)
        images: Tensor = self._generator(mask, latents, attributes)
        return images

    def _refine(self, latent: Tensor, first: int, total: int) -> Iterator[_Best]:
        """Refine a latent from step ``first`` on."""
        latent = latent.clone().requires_grad_()

        def trial(step: int) -> _Trial:
            image = self._images(latent)
            distance = self._distance(image)
            value = (distance + _PRIOR * _improbability(latent)).sum()
            return _Trial(image, distance, value, lambda: value)

        return _optimize([latent], trial, _LATENT_RATE, first, total)

    def _correct(self, inversion: Inversion, latent: Tensor, settings: InversionSettings) -> Iterator[_Best]:
        """Refine the correction of an inversion, or a new one.

        Beside the photo, each step asks for two things that edits need: other attributes change the image as they did
        before the correction, and another latent gives the image that it gave.
        """
        correction = inversion.correction or new_correction(self._generator, settings.seed)
        values = {name: value.to(self.device).clone().requires_grad_() for name, value in correction.items()}
        mask = self._mask.expand(3, -1, -1, -1)

        def trial(step: int) -> _Trial:
            rng = generator_for("correction", settings.seed, step)
            other_attributes = torch.bernoulli(torch.full(self._attributes.shape, 0.5), generator=rng).to(self.device)
            other_latent = torch.randn(1, self._latent_size, generator=rng).to(self.device)
            latents = torch.cat([latent, latent, other_latent])
            attributes = torch.cat([self._attributes, other_attributes, self._attributes])
            weights = corrected_weights(self._generator, values)
            image, edited, other = functional_call(self._generator, weights, (mask, latents, attributes)).split(1)
            distance = self._distance(image)

            def loss() -> Tensor:
                with torch.no_grad():
                    image_before, edited_before, other_before = self._generator(mask, latents, attributes).split(1)
                change = (edited - image) - (edited_before - image_before)
                edits, locality = change.square().mean(), (other - other_before).square().mean()
                return distance.sum() + _EDITS * edits + _LOCALITY * locality

            return _Trial(image, distance, distance.sum(), loss)

        first, total = inversion.correction_steps, settings.correction_steps
        return _optimize(list(values.values()), trial, _CORRECTION_RATE, first, total)


def _optimize(
    parameters: list[Tensor], trial: Callable[[int], _Trial], rate: float, first: int, total: int
) -> Iterator[_Best]:
    """Optimize parameters by the steps from ``first`` to ``total``; yield the best ones before each, and at the end."""
    optimizer = torch.optim.Adam(parameters, lr=rate, betas=_BETAS)
    best_value, best = float("inf"), _Best(first, [], torch.empty(0), float("inf"))
    for step in range(first, total + 1):
        now = trial(step)
        value = float(now.value.detach())
        if value < best_value or not best.parameters:
            best_value = value
            copies = [parameter.detach().clone() for parameter in parameters]
            best = _Best(step, copies, now.image[0].detach(), float(now.distance.detach()))
        yield best._replace(step=step)
        if step == total:
            return
        optimizer.param_groups[0]["lr"] = rate * _fade(step, total)
        optimizer.zero_grad()
        now.loss().backward()
        optimizer.step()


def _improbability(latent: Tensor) -> Tensor:
    """Measure the distance of latents (N, n_z) from what a normal distribution gives: mean 0, mean square 1."""
    return (latent.square().mean(1) - 1).square() + latent.mean(1).square()


def _fade(step: int, total: int) -> float:
    """Factor of the learning rate: 1 for half of the steps, then linearly down."""
    return min(1.0, 2 * (total - step) / total)
