"""Features of pretrained classifiers, by which generated and real images are compared. Imports torch only when used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.utils.batching import batches
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.optional import require_packages
from scgan.utils.progress import progress, say
from scgan.utils.text import shorten

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset

_BATCH = 64
_EFFICIENTNET_SIZE = 128  # it takes any size; above, small images only become smoother and the time grows


class Features(NamedTuple):
    """A set of features.

    Attributes:
        name: as in ``FEATURES``, for files and scores.
        extract: uint8 (N, H, W, 3) → float32 (N, D).
    """

    name: str
    extract: Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def efficientnet_lite0(device: str) -> Features:
    """1,280 features of EfficientNet-Lite0, offline, computed on ``device``.

    Raises:
        UserError: the extra ``eval`` is not installed.
    """
    import torch
    import torch.nn.functional as F

    from scgan.networks.pretrained import EfficientNetLite0
    from scgan.utils.tensors import images_to_tensor

    network = EfficientNetLite0().to(device)

    @torch.inference_mode()
    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        tensor = images_to_tensor(images, torch.device(device), torch.float32)
        resized = F.interpolate(tensor, (_EFFICIENTNET_SIZE,) * 2, mode="bilinear", antialias=True)
        return network(resized).cpu().numpy()

    return Features("efficientnet-lite0", extract)


def inception(device: str) -> Features:
    """The 2,048 features of the FID, through torchmetrics, computed on ``device``.

    Raises:
        UserError: the extra ``fid`` is not installed, or its weights are not in the cache and cannot be downloaded.
    """
    require_packages("--features inception", "fid", "torchmetrics", "torch_fidelity")
    import torch
    from torchmetrics.image.fid import NoTrainInceptionV3

    try:
        network = NoTrainInceptionV3(name="inception-v3-compat", features_list=["2048"]).to(device)
    except (OSError, RuntimeError) as error:  # urllib's errors are OSErrors
        reason = " ".join(str(error).split())
        raise UserError(
            f"the weights of Inception are not cached and cannot be downloaded ({reason}): download them on a "
            "machine with a connection, or measure with --features efficientnet-lite0."
        ) from error

    @torch.inference_mode()
    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return network(torch.from_numpy(images).to(device).permute(0, 3, 1, 2)).float().cpu().numpy()

    return Features("inception", extract)


FEATURES = {"efficientnet-lite0": efficientnet_lite0, "inception": inception}
"""Sets of features by name: functions of the device."""


def make_features(name: str, device: str = "cpu") -> Features:
    """Load one of ``FEATURES``, to be computed on ``device``.

    Raises:
        UserError: a package or the weights are missing.
    """
    return FEATURES[name](device)


def features_of_real_images(
    dataset: PreparedDataset, rows: NDArray[np.int64], features: Features, cache: Path | None = None
) -> NDArray[np.float32]:
    """Features of a data set's images, float32 (N, D), cached by fingerprint so that they are computed once.

    Args:
        dataset, rows: which images.
        features: which features.
        cache: folder for the cached features; the user's cache folder by default.
    """
    digest = hashlib.sha256(rows.tobytes()).hexdigest()[:12]
    file = (cache or cache_folder("features")) / f"{dataset.fingerprint}-{digest}-{features.name}.npz"
    if file.is_file():
        try:
            return _read_features(file, len(rows))
        except Exception as error:  # NumPy and zipfile raise many kinds
            say(f"{file} is damaged ({shorten(error)}); the features are computed again.")
    parts = []
    with progress(f"features ({features.name})", len(rows)) as advance:
        for part in batches(len(rows), _BATCH):  # fifty thousand images would fill the memory
            parts.append(features.extract(dataset.images[rows[part]]))
            advance(len(parts[-1]), "")
    values = np.concatenate(parts)
    with atomic_file(file) as partial:
        np.savez(partial, features=values)
    return values


def _read_features(file: Path, count: int) -> NDArray[np.float32]:
    """Features of ``count`` images from the cache; the file is a ZIP file, which has checksums."""
    with np.load(file, allow_pickle=False) as arrays:
        values: NDArray[np.float32] = arrays["features"]
    if values.ndim != 2 or len(values) != count or values.dtype != np.float32:
        raise ValueError(f"it holds {values.dtype} {values.shape}")
    return values
