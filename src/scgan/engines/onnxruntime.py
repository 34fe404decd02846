"""ONNX Runtime as an engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.engines.engine import DIGEST
from scgan.utils.errors import UserError, is_out_of_memory
from scgan.utils.text import shorten

_ERRORS_ONLY = 3


class OnnxRuntimeEngine:
    """Generator in an ONNX Runtime session on the CPU; ``open`` makes one."""

    name = "onnxruntime"

    def __init__(self, session: Any) -> None:
        self._session = session
        self.digest = session.get_modelmeta().custom_metadata_map.get(DIGEST, "")

    @staticmethod
    def import_package() -> Any:
        """Import onnxruntime."""
        import onnxruntime

        return onnxruntime

    @classmethod
    def open(cls, file: bytes, source: str, threads: int) -> OnnxRuntimeEngine:
        """Load the content ``file`` of the ONNX file ``source``.

        Raises:
            UserError: ONNX Runtime cannot read it.
        """
        return cls(open_session(file, source, threads))

    def __call__(
        self, segmentation: NDArray[np.uint8], latent: NDArray[np.float32], attributes: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        """Class indices (N, H, W), latents (N, n_z), attributes (N, n_c) → images, uint8 (N, H, W, 3)."""
        inputs = {"segmentation": segmentation, "latent": latent, "attributes": attributes}
        images: NDArray[np.uint8] = self._session.run(None, inputs)[0]
        return images


def open_session(file: bytes, source: str, threads: int) -> Any:
    """Load any ONNX file into an ONNX Runtime session on the CPU.

    Raises:
        UserError: ONNX Runtime cannot read it.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = _ERRORS_ONLY
    try:
        return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no class of their own
        if is_out_of_memory(error):
            raise MemoryError(shorten(error)) from error
        raise UserError(
            f"{source} cannot be read by onnxruntime {onnxruntime.__version__} ({shorten(error)}): it is damaged, or "
            "made for a newer onnxruntime."
        ) from error
