"""OpenVINO as an engine."""

from __future__ import annotations

import sys
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.engines.engine import DIGEST
from scgan.utils.errors import UserError
from scgan.utils.text import shorten

_REPORTER = "openvino_telemetry"


class OpenVinoEngine:
    """Generator in an OpenVINO model on the CPU; ``open`` makes one."""

    name = "openvino"

    def __init__(self, model: Any, digest: str) -> None:
        self._model, self.digest = model, digest
        # OpenVINO drops inputs on which the images do not depend.
        self._names = {name for port in model.inputs for name in port.names}

    @staticmethod
    def import_package() -> Any:
        """Import openvino, but keep it from reporting the import over the network."""
        if "openvino" in sys.modules:
            return sys.modules["openvino"]
        reporter = sys.modules.get(_REPORTER)
        sys.modules[_REPORTER] = None  # type: ignore[assignment]
        try:
            import openvino.frontend
        finally:
            del sys.modules[_REPORTER]
            if reporter is not None:
                sys.modules[_REPORTER] = reporter
        return openvino

    @classmethod
    def open(cls, file: bytes, source: str, threads: int) -> OpenVinoEngine:
        """Load the content ``file`` of the ONNX file ``source``.

        Raises:
            UserError: OpenVINO cannot read it.
        """
        openvino = cls.import_package()
        settings = {
            "INFERENCE_PRECISION_HINT": "f32",  # the default is bfloat16 on processors that multiply it
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
        }
        try:
            # Named, because otherwise every reader tries the file, and some write their failure to the terminal.
            reader = openvino.frontend.FrontEndManager().load_by_framework("onnx")
            graph = reader.convert(reader.load(BytesIO(file)))
            place = ["framework", DIGEST]
            digest = graph.get_rt_info(place).astype(str) if graph.has_rt_info(place) else ""
            model = openvino.Core().compile_model(graph, "CPU", settings)
        except Exception as error:  # its errors have no class of their own
            version = openvino.__version__.partition("-")[0]
            raise UserError(
                f"{source} cannot be read by openvino {version} ({shorten(error)}): it is damaged, or made for a newer "
                "openvino."
            ) from error
        return cls(model, digest)

    def __call__(
        self, segmentation: NDArray[np.uint8], latent: NDArray[np.float32], attributes: NDArray[np.float32]
    ) -> NDArray[np.uint8]:
        """Class indices (N, H, W), latents (N, n_z), attributes (N, n_c) → images, uint8 (N, H, W, 3)."""
        values = {"segmentation": segmentation, "latent": latent, "attributes": attributes}
        inputs = {name: value for name, value in values.items() if name in self._names}
        images: NDArray[np.uint8] = self._model(inputs)["images"].copy()  # the next call overwrites the result
        return images
