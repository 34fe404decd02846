"""Networks of a model: at hand, or as weights of a folder's files, from which a network is built when it is first used.

Engines that compute from ONNX files need only a digest of the weights: they start without PyTorch, whose import takes
longer than all else.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load

from scgan.config import Config
from scgan.models.description import GENERATOR_FILE, SEGMENTOR_FILE
from scgan.schema import Schema
from scgan.utils.errors import UserError
from scgan.utils.text import shorten

if TYPE_CHECKING:
    from torch import nn


class Networks(Protocol):
    """Networks of a model.

    Attributes:
        generator: in float32.
        segmentor: that the generator was trained against, None if it was not kept.
        has_segmentor: True if there is one.
    """

    @property
    def generator(self) -> nn.Module: ...

    @property
    def segmentor(self) -> nn.Module | None: ...

    @property
    def has_segmentor(self) -> bool: ...

    def generator_weights(self) -> dict[str, NDArray[Any]]:
        """Weights of the generator by name; numbers with a fraction in float32."""

    def require_generator(self) -> None:
        """Raise a UserError if the generator's weights are damaged."""

    def stored(self, schema: Schema, config: Config) -> StoredNetworks:
        """Weights for another process: networks with spectral norms cannot be pickled themselves."""


class TrainedNetworks(NamedTuple):
    """Networks at hand, as in a training."""

    generator: nn.Module
    segmentor: nn.Module | None = None

    @property
    def has_segmentor(self) -> bool:
        """True if there is a segmentor."""
        return self.segmentor is not None

    def generator_weights(self) -> dict[str, NDArray[Any]]:
        """Weights of the generator by name."""
        weights = self.generator.state_dict()
        return {name: value.detach().cpu().contiguous().numpy() for name, value in weights.items()}

    def require_generator(self) -> None:
        """Do nothing: the generator is there."""

    def stored(self, schema: Schema, config: Config) -> StoredNetworks:
        """Weights for another process."""
        from scgan.models.weights import weights_content

        segmentor = None if self.segmentor is None else weights_content(self.segmentor.state_dict())
        return StoredNetworks(weights_content(self.generator.state_dict()), segmentor, schema, config, Path())


class StoredNetworks:
    """Networks as weights, on the CPU.

    Args:
        generator: content of a safetensors file.
        segmentor: the same, None if there is none.
        schema, config: of the model.
        folder: for messages.

    Raises:
        UserError: by the attributes and ``generator_weights``: the weights are damaged or do not fit the configuration.
    """

    def __init__(self, generator: bytes, segmentor: bytes | None, schema: Schema, config: Config, folder: Path) -> None:
        self._generator, self._segmentor = generator, segmentor
        self._schema, self._config, self._folder = schema, config, folder

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the weights without the networks."""
        return StoredNetworks, (self._generator, self._segmentor, self._schema, self._config, self._folder)

    @cached_property
    def generator(self) -> nn.Module:
        """Generator, in evaluation mode."""
        from scgan.models.weights import load_generator

        return load_generator(self._generator, self._folder / GENERATOR_FILE, self._schema, self._config)

    @cached_property
    def segmentor(self) -> nn.Module | None:
        """Segmentor, in evaluation mode; None if there is none."""
        if self._segmentor is None:
            return None
        from scgan.models.weights import load_segmentor

        return load_segmentor(self._segmentor, self._folder / SEGMENTOR_FILE, self._schema, self._config)

    @property
    def has_segmentor(self) -> bool:
        """True if there is a segmentor."""
        return self._segmentor is not None

    def require_generator(self) -> None:
        """Build the generator, which fails if the weights are damaged."""
        _ = self.generator

    def generator_weights(self) -> dict[str, NDArray[Any]]:
        """Weights of the generator by name: without PyTorch, unless the generator is in use, and perhaps changed."""
        if self._is_built:
            return TrainedNetworks(self.generator).generator_weights()
        try:
            weights = load(self._generator)
        except (SafetensorError, TypeError, ValueError, KeyError) as error:
            file = self._folder / GENERATOR_FILE
            raise UserError(f"{file} is damaged or does not fit model.json ({shorten(error)}).") from error
        return {
            name: value.astype(np.float32) if np.issubdtype(value.dtype, np.floating) else value
            for name, value in weights.items()
        }

    def stored(self, schema: Schema, config: Config) -> StoredNetworks:
        """Return itself, or the weights of the networks in use."""
        return TrainedNetworks(self.generator, self.segmentor).stored(schema, config) if self._is_built else self

    @property
    def _is_built(self) -> bool:
        return "generator" in vars(self)


def read_networks(folder: Path, schema: Schema, config: Config) -> StoredNetworks:
    """Read the networks of a model folder. The files are read at once: a training may replace the folder later.

    Raises:
        OSError: a file cannot be read.
    """
    segmentor = folder / SEGMENTOR_FILE
    content = segmentor.read_bytes() if segmentor.is_file() else None
    return StoredNetworks((folder / GENERATOR_FILE).read_bytes(), content, schema, config, folder)
