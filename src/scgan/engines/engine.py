"""Interface of an engine."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

DIGEST = "digest"
"""Name of the metadata of an ONNX file that identifies the network."""


class Engine(Protocol):
    """Computes a generator. Images of two engines differ by at most 1 of 255.

    Attributes:
        name: for messages and the command line.
    """

    name: str

    def __call__(
        self, segmentation: NDArray[np.uint8], latent: NDArray[np.float32], attributes: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        """Class indices (N, H, W), latents (N, n_z), attributes (N, n_c) → images, uint8 (N, H, W, 3)."""


class FileEngine(Engine, Protocol):
    """Engine that reads a generator's ONNX file and computes on the CPU.

    Attributes:
        digest: digest of the generator in the file's metadata, empty if there is none.
    """

    digest: str

    @staticmethod
    def import_package() -> Any:
        """Import the package that computes.

        Raises:
            ImportError: it cannot be imported.
        """

    @classmethod
    def open(cls, file: bytes, source: str, threads: int) -> FileEngine:
        """Load a generator.

        Args:
            file: content of the file.
            source: name of the file, for messages.
            threads: number of threads.

        Raises:
            UserError: the engine cannot read it.
        """
