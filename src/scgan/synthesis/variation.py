"""Small changes of a mask that leave it one: a head in space, or any shape in the picture."""

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

# The largest changes at jitter 1, well below what photos of aligned faces differ by among each other (standard
# deviations: turn 14 degrees, 0.9 smiles, 0.34 openings, 0.02, 1.3 degrees, 5 %, 0.9 % of the picture). A model follows
# a new place worst, since eyes and mouth were always in the same one: a shift by up to 1.5 % alone took the mean IoU of
# 64×64 faces from .72 to .67, each other change at most to .70.
_YAW = 10.0  # degrees
_SMILE = 0.4
_MOUTH_OPEN = 0.2
_EYEBROWS = 0.02  # distances of the outer corners of the eyes
_TILT = 2.0  # degrees
_FACE_SCALE = 0.03
_FACE_SHIFT = 0.005  # of the picture

_SHAPE_SCALE = 0.08
_SHAPE_SHIFT = 0.04  # of the picture
_WARP = 0.025  # of the picture, at each of the control points
_CONTROL_POINTS = 4  # in each direction: their distance is 13 times the largest warp: nothing folds over


class Variation(NamedTuple):
    """A varied mask.

    Attributes:
        segmentation: uint8 (H, W), class indices.
        landmarks: float32 (68, 2), the points it was drawn from, or None.
        changes: what was changed, for people; JSON values.
    """

    segmentation: NDArray[np.uint8]
    landmarks: Points | None
    changes: dict[str, Any]


def vary_face(points: Points, size: int, jitter: float, random: np.random.Generator) -> Variation | None:
    """A face that turns, tilts, comes nearer, moves and changes its expression a little, or in the mirror.

    Args:
        points: float (68, 2), fractions of the picture.
        size: height and width of the mask in pixels.
        jitter: 1 for the changes above, less or more in proportion; above 0.
        random: decides them.

    Returns:
        The face, or None where it broke: a class is lost, eyes or lips left the face, a point left the picture.
    """
    mirrored = bool(random.random() < 0.5)
    yaw, smile, mouth_open, eyebrows, tilt, scale, across, down = jitter * random.uniform(-1, 1, 8)
    start = mirror(points) if mirrored else np.asarray(points, np.float32)
    found = measure(start)
    wanted = found._replace(
        yaw=found.yaw + _YAW * yaw,
        smile=found.smile + _SMILE * smile,
        # A closed mouth closes no further: its lips would cross.
        mouth_open=max(found.mouth_open + _MOUTH_OPEN * mouth_open, min(found.mouth_open, 0.0)),
        eyebrows=found.eyebrows + _EYEBROWS * eyebrows,
    )
    head = to_heads(express(start, wanted))
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
        "mouth_open": wanted.mouth_open - found.mouth_open,
        "eyebrows": _EYEBROWS * eyebrows,
        "tilt": _TILT * tilt,
        "scale": np.exp(np.log1p(_FACE_SCALE) * scale),
        "across": _FACE_SHIFT * across,
        "down": _FACE_SHIFT * down,
    }
    return Variation(rasterize(face, size), face, _rounded(changes))


def vary_shape(
    segmentation: NDArray[np.uint8], schema: Schema, jitter: float, random: np.random.Generator
) -> Variation | None:
    """A mask that is scaled, shifted and bent a little, or mirrored; each pixel has a class of the old mask.

    What moves in over an edge repeats that edge.

    Args:
        segmentation: uint8 (H, W), class indices.
        schema: which classes change places in a mirror.
        jitter: 1 for the changes above, less or more in proportion; above 0.
        random: decides them.

    Returns:
        The mask, or None where it broke: a class of at least ``MIN_PIXELS`` pixels is lost.
    """
    mirrored = bool(random.random() < 0.5)
    scale, across, down = jitter * random.uniform(-1, 1, 3)
    controls = jitter * random.uniform(-1, 1, (2, _CONTROL_POINTS, _CONTROL_POINTS))
    start = schema.mirrored_indices[segmentation[:, ::-1]] if mirrored else segmentation
    size = len(start)
    factor = np.exp(np.log1p(_SHAPE_SCALE) * scale)
    shift = _SHAPE_SHIFT * np.array([down, across])
    places = np.stack(np.meshgrid(*[(np.arange(size) + 0.5) / size] * 2, indexing="ij"))
    bent = _WARP * zoom(controls, (1, size / _CONTROL_POINTS, size / _CONTROL_POINTS), order=3, mode="nearest")
    origin = 0.5 + (places - 0.5 - shift[:, None, None]) / factor + bent
    rows, columns = np.clip(np.floor(origin * size).astype(int), 0, size - 1)
    varied = start[rows, columns]
    before, after = (np.bincount(mask.ravel(), minlength=schema.class_count) for mask in (start, varied))
    if ((before >= MIN_PIXELS) & (after == 0)).any():
        return None
    changes = {
        "mirrored": mirrored,
        "scale": factor,
        "across": _SHAPE_SHIFT * across,
        "down": _SHAPE_SHIFT * down,
        "bent": float(np.abs(bent).max()),
    }
    return Variation(varied, None, _rounded(changes))


def _rounded(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, bool) else round(float(value), 4) for name, value in changes.items()}
