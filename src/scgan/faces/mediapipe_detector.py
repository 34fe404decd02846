"""MediaPipe's face detector and face mesh, run by ONNX Runtime; the networks come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.faces.detector import Detector
from scgan.faces.landmarks import Points
from scgan.faces.mediapipe_points import MESH_COUNT, MESH_LEFT_EYE, MESH_RIGHT_EYE, to_landmarks
from scgan.utils.optional import require_packages

FOLDER = Path(__file__).with_name("mediapipe_models")

_BOX_SIZE, _MESH_SIZE = 256, 192  # inputs of the networks, in pixels
_GRIDS = ((16, 2), (8, 6))  # cells of each grid of boxes along one side, boxes of each cell
_MIN_SCORE = 0.65  # MediaPipe's, for this network
_MIN_OVERLAP = 0.3  # of boxes of one face
_MIN_PRESENCE = 0.5
_MARGIN = 1.5  # side of the square that the mesh network sees, in sides of the face's box
_ERRORS_ONLY = 3


class FaceRegion(NamedTuple):
    """A square around a face, in pixels of the image.

    Attributes:
        center: (2,).
        side: length of its sides.
        angle: radians by which it is turned clockwise.
    """

    center: NDArray[np.float64]
    side: float
    angle: float


class MediapipeDetector(Detector):
    """MediaPipe's face detector for all distances (BlazeFace, 256×256) and its face mesh of 468 points.

    Raises:
        UserError: ONNX Runtime is not installed.
    """

    name = "mediapipe"

    def __init__(self) -> None:
        require_packages("finding faces in photos with mediapipe", "onnx", "onnxruntime")
        self._boxes, self._mesh = (_open(FOLDER / f"face_{name}.onnx") for name in ("detection", "landmarks"))
        self._anchors = _anchors()

    def _find(self, image: NDArray[np.uint8]) -> list[Points]:
        size = np.array(image.shape[1::-1])
        meshes: list[NDArray[np.float64]] = []
        for region in self.find_regions(image):
            mesh = self.find_mesh(image, region)
            if mesh is not None and not any(_same_face(mesh, other) for other in meshes):
                meshes.append(mesh)
        meshes.sort(key=lambda mesh: float(np.linalg.norm((mesh.min(0) + mesh.max(0)) / 2 - size / 2)))
        return [(to_landmarks(mesh) / size).astype(np.float32) for mesh in meshes]

    def find_mesh(self, image: NDArray[np.uint8], region: FaceRegion) -> NDArray[np.float64] | None:
        """Points of the face in a region, (468, 2), in pixels of the image; None if there is no face.

        The second pass looks at the region of the points of the first, as MediaPipe does from frame to frame.
        """
        mesh = None
        for _ in range(2):
            pixels, matrix, origin = _cut(image, region)
            points, presence = self._mesh.run(["points", "presence"], {"image": pixels[None]})
            if _sigmoid(presence).item() < _MIN_PRESENCE:
                return None
            mesh = points.reshape(MESH_COUNT, 3)[:, :2].astype(np.float64) @ matrix.T + origin
            region = _region_of(mesh)
        return mesh

    def find_regions(self, image: NDArray[np.uint8]) -> list[FaceRegion]:
        """Regions around all faces, the surest first."""
        height, width = image.shape[:2]
        scale = _BOX_SIZE / max(height, width)
        small = Image.fromarray(image).resize((round(width * scale) or 1, round(height * scale) or 1))
        left, top = (_BOX_SIZE - small.width) // 2, (_BOX_SIZE - small.height) // 2
        pixels = np.full((1, _BOX_SIZE, _BOX_SIZE, 3), -1, np.float32)
        pixels[0, top : top + small.height, left : left + small.width] = np.asarray(small, np.float32) / 127.5 - 1
        boxes, scores = self._boxes.run(["boxes", "scores"], {"image": pixels})
        scores = _sigmoid(scores[0, :, 0])
        values = boxes[0].reshape(-1, 8, 2).astype(np.float64)  # centre, size, eyes, nose, mouth, ears
        values[:, [0, *range(2, 8)]] += self._anchors[:, None]
        values[:, [0, *range(2, 8)]] -= (left, top)
        values *= (width / small.width, height / small.height)
        likely = scores >= _MIN_SCORE
        return [_region_of_box(box) for box in _merge(values[likely], scores[likely])]


def _open(file: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # the networks are small, and `scgan prepare` has one detector in each process
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(file.read_bytes(), options, providers=["CPUExecutionProvider"])


def _anchors() -> NDArray[np.float64]:
    """Centres from which the network measures boxes and points, in pixels of its input: (896, 2)."""
    grids = []
    for cells, count in _GRIDS:
        y, x = np.mgrid[:cells, :cells] + 0.5
        grids.append(np.stack([x, y], -1).reshape(-1, 2).repeat(count, 0) * (_BOX_SIZE / cells))
    return np.concatenate(grids)


def _merge(boxes: NDArray[np.float64], scores: NDArray[Any]) -> list[NDArray[np.float64]]:
    """Join boxes of one face: their mean weighted by their scores, as MediaPipe does; the surest first.

    Args:
        boxes: (N, 8, 2): centre, size and six points of each.
        scores: (N,).
    """
    merged = []
    order = np.argsort(-scores, kind="stable")
    while len(order):
        center, size = boxes[order, 0], boxes[order, 1]
        low = np.maximum(center - size / 2, center[0] - size[0] / 2)
        high = np.minimum(center + size / 2, center[0] + size[0] / 2)
        shared = (high - low).clip(min=0).prod(1)
        near = shared >= _MIN_OVERLAP * (size.prod(1) + size[0].prod() - shared)
        near[0] = True  # a box of no size
        merged.append(np.average(boxes[order[near]], axis=0, weights=scores[order[near]]))
        order = order[~near]
    return merged


def _region_of_box(box: NDArray[np.float64]) -> FaceRegion:
    center, size, one, other = box[:4]  # the person's right eye, left in the image, and the other one
    return FaceRegion(center, float(size.max()) * _MARGIN, _angle(other - one))


def _region_of(mesh: NDArray[np.float64]) -> FaceRegion:
    """The region around the points of a mesh."""
    angle = _angle(mesh[MESH_RIGHT_EYE] - mesh[MESH_LEFT_EYE])
    turn = _rotation(angle)
    low, high = (mesh @ turn).min(0), (mesh @ turn).max(0)
    return FaceRegion(turn @ (low + high) / 2, max(1.0, float((high - low).max())) * _MARGIN, angle)


def _cut(image: NDArray[np.uint8], region: FaceRegion) -> tuple[NDArray[np.float32], NDArray[Any], NDArray[Any]]:
    """Cut out a region: float32 (192, 192, 3) in [0, 1]; matrix and origin that lead from it to pixels of the image."""
    scale = max(region.side, 1.0) / _MESH_SIZE
    matrix = _rotation(region.angle) * scale
    origin = region.center - matrix @ (_MESH_SIZE / 2, _MESH_SIZE / 2)
    photo = Image.fromarray(image)
    width, height = photo.size
    if scale > 2:  # the bilinear filter below sees four pixels only
        shrink = 2 / scale
        photo = photo.resize((round(width * shrink) or 1, round(height * shrink) or 1), Image.Resampling.BOX)
    to_photo = np.array([photo.width / width, photo.height / height])
    (a, b), (d, e) = matrix * to_photo[:, None]
    c, f = origin * to_photo
    size = (_MESH_SIZE, _MESH_SIZE)
    square = photo.transform(size, Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR)
    pixels: NDArray[np.float32] = np.asarray(square, np.float32) / np.float32(255)
    return pixels, matrix, origin


def _same_face(mesh: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """True if two meshes lie on one face: nearer to each other than half of its width."""
    return bool(np.linalg.norm(mesh.mean(0) - other.mean(0)) < np.ptp(other[:, 0]) / 2)


def _angle(vector: NDArray[np.float64]) -> float:
    return float(np.arctan2(vector[1], vector[0]))


def _rotation(angle: float) -> NDArray[np.float64]:
    cosine, sine = np.cos(angle), np.sin(angle)
    return np.array([[cosine, -sine], [sine, cosine]])


def _sigmoid(values: NDArray[Any]) -> NDArray[Any]:
    return 1 / (1 + np.exp(-values.clip(-50, 50)))
