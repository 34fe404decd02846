"""What pictures are compared by when realism is measured: the features of pretrained classifiers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from scgan.data.prepared import PreparedDataset
from scgan.networks.pretrained import EfficientNetLite0
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.progress import progress
from scgan.utils.tensors import images_to_tensor

_BATCH = 64
_EFFICIENTNET_SIZE = 128  # it takes any size; above, small pictures only become smoother and the time grows


class Features(NamedTuple):
    """A set of features.

    Attributes:
        name: as in ``FEATURES``, for files and scores.
        frechet_name, kernel_name: what the two distances are called; only Inception's is FID.
        extract: uint8 (N, H, W, 3) → float32 (N, D).
    """

    name: str
    frechet_name: str
    kernel_name: str
    extract: Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def efficientnet_lite0(device: str) -> Features:
    """1,280 features of EfficientNet-Lite0, offline, computed on ``device``.

    Raises:
        UserError: the extra ``eval`` is not installed.
    """
    network = EfficientNetLite0().to(device)

    @torch.inference_mode()
    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        tensor = images_to_tensor(images, torch.device(device), torch.float32)
        resized = F.interpolate(tensor, (_EFFICIENTNET_SIZE,) * 2, mode="bilinear", antialias=True)
        return network(resized).cpu().numpy()

    return Features("efficientnet-lite0", "FD (EfficientNet-Lite0)", "KD (EfficientNet-Lite0)", extract)


def inception(device: str) -> Features:
    """The 2,048 features of the FID, through torchmetrics, computed on ``device``.

    Raises:
        UserError: the extra ``fid`` is not installed, or its weights are not there and cannot be downloaded.
    """
    try:
        from torchmetrics.image.fid import NoTrainInceptionV3

        network = NoTrainInceptionV3(name="inception-v3-compat", features_list=["2048"]).to(device)
    except (ImportError, ModuleNotFoundError) as error:
        raise UserError("the FID needs Inception from torch-fidelity: pip install 'scgan[fid]'.") from error
    except (OSError, RuntimeError) as error:  # urllib's errors are OSErrors
        reason = " ".join(str(error).split())
        raise UserError(
            f"the weights of Inception are not there and cannot be downloaded ({reason}): fetch them once on a machine "
            "with a connection, or measure with --features efficientnet-lite0."
        ) from error

    @torch.inference_mode()
    def extract(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return network(torch.from_numpy(images).to(device).permute(0, 3, 1, 2)).float().cpu().numpy()

    return Features("inception", "FID", "KID", extract)


FEATURES = {"efficientnet-lite0": efficientnet_lite0, "inception": inception}


def make_features(name: str, device: str = "cpu") -> Features:
    """Those of ``FEATURES`` by name, computed on ``device``.

    Raises:
        UserError: what they need is not installed or not there.
    """
    return FEATURES[name](device)


def features_of_photos(
    dataset: PreparedDataset, rows: NDArray[np.int64], features: Features, cache: Path | None = None
) -> NDArray[np.float32]:
    """Those of a data set's photos, float32 (N, D), kept by fingerprint so that they are computed once.

    Args:
        dataset, rows: which photos.
        features: which features.
        cache: where they are kept; the user's cache folder by default.
    """
    digest = hashlib.sha256(rows.tobytes()).hexdigest()[:12]
    file = (cache or cache_folder("features")) / f"{dataset.fingerprint}-{digest}-{features.name}.npy"
    if file.is_file():
        return np.load(file, allow_pickle=False)
    parts = []
    with progress(f"features ({features.name})", len(rows)) as advance:
        for first in range(0, len(rows), _BATCH):  # of fifty thousand photos not all are to be in memory
            parts.append(features.extract(dataset.images[rows[first : first + _BATCH]]))
            advance(len(parts[-1]), "")
    found = np.concatenate(parts)
    with atomic_file(file) as beside:
        np.save(beside, found)
    return found
