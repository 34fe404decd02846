"""Images that a model generates for the items of a data set, and their features, computed by workers."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from scgan.evaluation.features import Features, landmarks_for
from scgan.evaluation.scores import SEED_STRIDE
from scgan.utils.batching import batches
from scgan.utils.workers import LocalProcesses, WorkerPool

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset
    from scgan.inference.synthesizer import Synthesizer

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
Result = TypeVar("Result")

BATCH = 64
"""Number of images that are generated and judged at once."""


class _Request(NamedTuple):
    """Images to generate: with the masks of ``rows`` (N,), with ``attributes`` (N, n_c) and ``latents`` (N, n_z)."""

    rows: NDArray[np.int64]
    attributes: Floats
    latents: Floats


class GeneratedBatch(NamedTuple):
    """Generated images, uint8 (N, H, W, 3), and their features, (N, D) for each set."""

    generated: Pixels
    features: list[Floats]


class _Shared(NamedTuple):
    """Model, data and features, the same for all requests."""

    synthesizer: Synthesizer
    dataset: PreparedDataset
    features: Sequence[Features]


class Generation:
    """Generates images with the masks of a data set's items, and extracts features, in batches.

    Args:
        synthesizer: the model.
        dataset: its items are named by their rows.
        features: sets of features that ``images_and_features`` extracts.
        workers: compute the batches; by default this process does. The results do not depend on them.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        dataset: PreparedDataset,
        features: Sequence[Features] = (),
        workers: WorkerPool | None = None,
    ) -> None:
        self.synthesizer, self.dataset, self.features = synthesizer, dataset, features
        self.workers = workers or LocalProcesses()

    def latents(self, count: int, seed: int) -> Floats:
        """Draw latents of an evaluation, float32 (count, n_z)."""
        return self.synthesizer.sample_latent(count, seed * SEED_STRIDE)

    def latent_pairs(self, count: int, seed: int) -> tuple[Floats, Floats]:
        """Draw two latents for each of ``count`` masks."""
        latents = self.latents(2 * count, seed)
        return latents[:count], latents[count:]

    def images(self, rows: NDArray[np.int64], attributes: Floats, latents: Floats) -> Iterator[Pixels]:
        """Generate an image for each row: yields uint8 (N, H, W, 3) with N at most ``BATCH``, in order.

        Args:
            rows: int64 (M,), items whose masks are used.
            attributes: float32 (M, n_c).
            latents: float32 (M, n_z).
        """
        requests = _requests(rows, attributes, latents)
        yield from _closed(self.workers.map(_generate, self._shared(), requests))

    def images_and_features(
        self, rows: NDArray[np.int64], attributes: Floats, latents: Floats
    ) -> Iterator[GeneratedBatch]:
        """Generate as ``images`` does, each batch with its features."""
        requests = _requests(rows, attributes, latents)
        yield from _closed(self.workers.map(_generate_and_extract, self._shared(), requests))

    def _shared(self) -> _Shared:
        return _Shared(self.synthesizer, self.dataset, self.features)


def _requests(rows: NDArray[np.int64], attributes: Floats, latents: Floats) -> list[_Request]:
    return [_Request(rows[part], attributes[part], latents[part]) for part in batches(len(rows), BATCH)]


def _closed(results: Generator[Result]) -> Iterator[Result]:
    """Yield from results that end with their reader."""
    with closing(results):
        yield from results


def _generate(shared: _Shared, request: _Request) -> Pixels:
    masks = shared.dataset.generator_masks(request.rows)
    return shared.synthesizer.generate(masks, request.attributes, request.latents)


def _generate_and_extract(shared: _Shared, request: _Request) -> GeneratedBatch:
    images = _generate(shared, request)
    extracted = [
        features.extract(images, landmarks_for(features, shared.dataset, request.rows)) for features in shared.features
    ]
    return GeneratedBatch(images, extracted)
