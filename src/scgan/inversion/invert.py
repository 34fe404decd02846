"""Inversion by gradient: the best of random latents, its refinement, then a correction of the weights."""

from __future__ import annotations

import copy
from collections.abc import Callable
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
from scgan.utils.random import generator_for
from scgan.utils.tensors import images_to_tensor, one_hot

Watch = Callable[[str, float], bool]
"""Called after each step with the name of the stage and the distance to the photo; False stops the inversion."""

_SEARCH_BATCH = 16
_LATENT_RATE, _CORRECTION_RATE, _BETAS = 0.1, 5e-3, (0.9, 0.99)
_PRIOR = 0.1
_EDITS, _LOCALITY = 1.0, 1.0


@dataclass(frozen=True)
class InversionSettings:
    """Settings of an inversion.

    Attributes:
        steps: number of optimizer steps of the latent.
        correction_steps: number of optimizer steps of the correction; 0 makes none.
        candidates: number of random latents, the best of which is refined.
        seed: of all random numbers.
    """

    steps: int = 150
    correction_steps: int = 120
    candidates: int = 48
    seed: int = 0


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


class _Search:
    """One inversion: generator, inputs and distance as tensors on one device."""

    def __init__(
        self,
        model: Model,
        image: NDArray[np.uint8],
        segmentation: NDArray[np.uint8],
        attributes: NDArray[np.float32],
        device: torch.device,
    ) -> None:
        self.generator: nn.Module = copy.deepcopy(model.generator).to(device)
        self.latent_size, self.device = model.config.generator.latent_size, device
        classes = torch.from_numpy(segmentation.astype(np.int64))[None].to(device)
        self.mask = one_hot(classes, model.schema.class_count, torch.float32)
        self.attributes = torch.from_numpy(attributes)[None].to(device)
        self.distance = ImageDistance(
            images_to_tensor(np.array(image)[None], device, torch.float32),
            torch.from_numpy(class_weights(segmentation)).to(device),
            load_features(device),
        )

    def images(self, latents: Tensor) -> Tensor:
        count = len(latents)
        images: Tensor = self.generator(self.mask.expand(count, -1, -1, -1), latents, self.attributes.expand(count, -1))
        return images

    @torch.no_grad()
    def best_of_random(self, count: int, seed: int) -> tuple[Tensor, float, float]:
        """Find the best of ``count`` latents: (1, n_z), its distance, and the mean distance."""
        latents = torch.randn(count, self.latent_size, generator=generator_for("inversion", seed)).to(self.device)
        distances = torch.cat([self.distance(self.images(part)) for part in latents.split(_SEARCH_BATCH)])
        best = int(distances.argmin())
        return latents[best : best + 1], float(distances[best]), float(distances.mean())

    def refine(self, latent: Tensor, first: int, total: int, watch: Watch) -> tuple[Tensor, int, float]:
        """Refine a latent from step ``first`` on: the best one, the step reached, and its distance."""
        latent = latent.clone().requires_grad_()
        optimizer = torch.optim.Adam([latent], lr=_LATENT_RATE, betas=_BETAS)
        best, best_value, best_distance, step = latent.detach().clone(), float("inf"), float("inf"), first
        while step <= total:
            distance = self.distance(self.images(latent))
            value = (distance + _PRIOR * _improbability(latent)).sum()
            if float(value.detach()) < best_value:
                best, best_value, best_distance = (
                    latent.detach().clone(),
                    float(value.detach()),
                    float(distance.detach()),
                )
            if step == total or not watch("latent", best_distance):
                break
            optimizer.param_groups[0]["lr"] = _LATENT_RATE * _fade(step, total)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            step += 1
        return best, step, best_distance

    def correct(
        self, correction: Correction, latent: Tensor, *, first: int, total: int, seed: int, watch: Watch
    ) -> tuple[Correction, int, float]:
        """Refine a correction from step ``first`` on: the best one, the step reached, and its distance.

        Beside the photo, each step asks for two things that edits need: other attributes change the image as they did
        before the correction, and another latent gives the image that it gave.
        """
        values = {name: value.to(self.device).clone().requires_grad_() for name, value in correction.items()}
        optimizer = torch.optim.Adam(list(values.values()), lr=_CORRECTION_RATE, betas=_BETAS)
        best, best_distance, step = correction, float("inf"), first
        mask = self.mask.expand(3, -1, -1, -1)
        while step <= total:
            rng = generator_for("correction", seed, step)
            other_attributes = torch.bernoulli(torch.full(self.attributes.shape, 0.5), generator=rng).to(self.device)
            other_latent = torch.randn(1, self.latent_size, generator=rng).to(self.device)
            latents = torch.cat([latent, latent, other_latent])
            attributes = torch.cat([self.attributes, other_attributes, self.attributes])
            weights = corrected_weights(self.generator, values)
            image, edited, other = functional_call(self.generator, weights, (mask, latents, attributes)).split(1)
            distance = self.distance(image)
            if float(distance.detach()) < best_distance:
                best_distance = float(distance.detach())
                best = {name: value.detach().clone() for name, value in values.items()}
            if step == total or not watch("correction", best_distance):
                break
            with torch.no_grad():
                image_before, edited_before, other_before = self.generator(mask, latents, attributes).split(1)
            change = (edited - image) - (edited_before - image_before)
            value = (
                distance.sum() + _EDITS * change.square().mean() + _LOCALITY * (other - other_before).square().mean()
            )
            optimizer.param_groups[0]["lr"] = _CORRECTION_RATE * _fade(step, total)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            step += 1
        return best, step, best_distance


def invert(
    model: Model,
    image: NDArray[np.uint8],
    segmentation: NDArray[np.uint8],
    attributes: NDArray[np.float32],
    settings: InversionSettings = DEFAULT_SETTINGS,
    *,
    device: torch.device | None = None,
    start: Inversion | None = None,
    watch: Watch = lambda stage, distance: True,
) -> Inversion:
    """Find the latent, and the correction, that make an image again.

    Args:
        model: with its generator.
        image: uint8 (H, W, 3) of the model's size.
        segmentation: uint8 (H, W), class indices.
        attributes: float32 (n_c,).
        settings: number of steps, seed.
        device: where it computes; the CPU by default.
        start: an earlier inversion of the same inputs, which is continued.
        watch: called after each step; returns False to stop, then the best so far is returned.
    """
    search = _Search(model, image, segmentation, attributes, device or torch.device("cpu"))
    if start is None:
        latent, distance, random_distance = search.best_of_random(settings.candidates, settings.seed)
        steps, correction, correction_steps = 0, None, 0
    else:
        latent, distance = torch.from_numpy(start.latent)[None].to(search.device), start.distance
        random_distance, steps = start.random_distance, start.steps
        correction, correction_steps = start.correction, start.correction_steps
    if steps < settings.steps and not correction_steps:
        latent, steps, distance = search.refine(latent, steps, settings.steps, watch)
    finished = steps >= settings.steps or correction_steps > 0
    if finished and correction_steps < settings.correction_steps:
        correction, correction_steps, distance = search.correct(
            correction or new_correction(search.generator, settings.seed),
            latent,
            first=correction_steps,
            total=settings.correction_steps,
            seed=settings.seed,
            watch=watch,
        )
    if correction is not None and correction_steps == 0:  # stopped before the first step
        correction = None
    if correction is not None:
        correction = {name: value.cpu() for name, value in correction.items()}
    return Inversion(
        segmentation=segmentation,
        attributes=attributes,
        latent=latent[0].cpu().numpy(),
        correction=correction,
        distance=distance,
        random_distance=random_distance,
        steps=steps,
        correction_steps=correction_steps,
    )


def _improbability(latent: Tensor) -> Tensor:
    """Measure the distance of latents (N, n_z) from what a normal distribution gives: mean 0, mean square 1."""
    return (latent.square().mean(1) - 1).square() + latent.mean(1).square()


def _fade(step: int, total: int) -> float:
    """Factor of the learning rate: 1 for half of the steps, then linearly down."""
    return min(1.0, 2 * (total - step) / total)
