"""Small random changes of masks: of a head in space, or of any mask in the image plane."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import zoom

from scgan.faces.checks import MIN_PIXELS, require_inside, require_valid_path
from scgan.faces.expression import express, measure
from scgan.faces.head import CENTER, LOG_SCALE, TILT, to_heads, to_points
from scgan.faces.landmarks import Points, mirror
from scgan.faces.rasterize import rasterize
from scgan.schema import Schema
from scgan.utils.errors import UserError

# Maximum changes at jitter 1, well below the differences between photos of aligned faces (standard deviations: yaw 14
# degrees, 0.9 smiles, 0.34 openings, 0.02, 1.3 degrees, 5 %, 0.9 % of the image). A shift is hardest for a model, since
# eyes and mouth of aligned photos are always in the same place: a shift by up to 1.5 % alone took the mean IoU of 64×64
# faces from .72 to .67, each other change at most to .70.
_YAW = 10.0  # degrees
_SMILE = 0.4
_MOUTH_OPEN = 0.2
_EYEBROWS = 0.02  # distances of the outer corners of the eyes
_TILT = 2.0  # degrees
_FACE_SCALE = 0.03
_FACE_SHIFT = 0.005  # of the image

_MASK_SCALE = 0.08
_MASK_SHIFT = 0.04  # of the image
_WARP = 0.025  # of the image, at each of the control points
_CONTROL_POINTS = 4  # in each direction; 13 times as far apart as the largest warp, so nothing folds over


class Variation(NamedTuple):
    """A varied mask.

    Attributes:
        segmentation: uint8 (H, W), class indices.
        landmarks: float32 (68, 2) that the mask was drawn from, or None.
        changes: for people to read; JSON values.
    """

    segmentation: NDArray[np.uint8]
    landmarks: Points | None
    changes: dict[str, Any]


def vary_face(points: Points, size: int, jitter: float, rng: np.random.Generator) -> Variation | None:
    """Turn, tilt, scale, shift and mirror a face, and change its expression.

    Args:
        points: float (68, 2), fractions of the image.
        size: height and width of the mask in pixels.
        jitter: scale of the changes, above 0; 1 for the maxima above.
        rng: random numbers.

    Returns:
        The varied face, or None if it broke: a class vanished, eyes or lips left the face, a landmark left the image.
    """
    mirrored = bool(rng.random() < 0.5)
    yaw, smile, mouth_open, eyebrows, tilt, scale, across, down = jitter * rng.uniform(-1, 1, 8)
    start = mirror(points) if mirrored else np.asarray(points, np.float32)
    expression = measure(start)
    varied = expression._replace(
        yaw=expression.yaw + _YAW * yaw,
        smile=expression.smile + _SMILE * smile,
        # The lips of a closed mouth must not cross.
        mouth_open=max(expression.mouth_open + _MOUTH_OPEN * mouth_open, min(expression.mouth_open, 0.0)),
        eyebrows=expression.eyebrows + _EYEBROWS * eyebrows,
    )
    head = to_heads(express(start, varied))
    head[TILT] += _TILT * tilt
    head[LOG_SCALE] += np.log1p(_FACE_SCALE) * scale
    head[CENTER] += _FACE_SHIFT * np.array([across, down])
    face = to_points(head)
    try:
        require_inside(face, "the varied face")
        require_valid_path(np.stack([start, face]), size, key_frame_count=1)
    except UserError:
        return None
    changes = {
        "mirrored": mirrored,
        "yaw": _YAW * yaw,
        "smile": _SMILE * smile,
        "mouth_open": varied.mouth_open - expression.mouth_open,
        "eyebrows": _EYEBROWS * eyebrows,
        "tilt": _TILT * tilt,
        "scale": np.exp(np.log1p(_FACE_SCALE) * scale),
        "across": _FACE_SHIFT * across,
        "down": _FACE_SHIFT * down,
    }
    return Variation(rasterize(face, size), face, _rounded(changes))


def vary_mask(
    segmentation: NDArray[np.uint8], schema: Schema, jitter: float, rng: np.random.Generator
) -> Variation | None:
    """Scale, shift, warp and mirror a mask. No pixel is blended; pixels beyond an edge repeat it.

    Args:
        segmentation: uint8 (H, W), class indices.
        schema: its ``mirrored_classes`` are swapped in a mirrored mask.
        jitter: scale of the changes, above 0; 1 for the maxima above.
        rng: random numbers.

    Returns:
        The varied mask, or None if it broke: a class of at least ``MIN_PIXELS`` pixels vanished.
    """
    mirrored = bool(rng.random() < 0.5)
    scale, across, down = jitter * rng.uniform(-1, 1, 3)
    controls = jitter * rng.uniform(-1, 1, (2, _CONTROL_POINTS, _CONTROL_POINTS))
    start = schema.mirrored_indices[segmentation[:, ::-1]] if mirrored else segmentation
    size = len(start)
    factor = np.exp(np.log1p(_MASK_SCALE) * scale)
    shift = _MASK_SHIFT * np.array([down, across])
    centers = np.stack(np.meshgrid(*[(np.arange(size) + 0.5) / size] * 2, indexing="ij"))
    warp = _WARP * zoom(controls, (1, size / _CONTROL_POINTS, size / _CONTROL_POINTS), order=3, mode="nearest")
    origin = 0.5 + (centers - 0.5 - shift[:, None, None]) / factor + warp
    rows, columns = np.clip(np.floor(origin * size).astype(int), 0, size - 1)
    warped = start[rows, columns]
    before, after = (np.bincount(mask.ravel(), minlength=schema.class_count) for mask in (start, warped))
    if ((before >= MIN_PIXELS) & (after == 0)).any():
        return None
    changes = {
        "mirrored": mirrored,
        "scale": factor,
        "across": _MASK_SHIFT * across,
        "down": _MASK_SHIFT * down,
        "warp": float(np.abs(warp).max()),
    }
    return Variation(warped, None, _rounded(changes))


def _rounded(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool) else round(float(value), 4) for name, value in changes.items()}
