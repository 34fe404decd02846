"""Alignment of faces: tilt, size and position of one face given to another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.faces.head import LOG_SCALE, PLACE, to_heads, to_points
from scgan.faces.landmarks import Points


def align_face(path: NDArray[Any], target: NDArray[Any]) -> Points:
    """Move a sequence of faces so that its middle frame has the tilt, size and position of another face.

    Args:
        path: float (S, 68, 2), fractions of the image; S = 1 for a single face.
        target: float (68, 2).

    Returns:
        float32 (S, 68, 2).
    """
    heads = to_heads(path)
    heads[:, PLACE] += to_heads(target)[PLACE] - heads[len(heads) // 2, PLACE]
    return to_points(heads)


def relative_size(face: NDArray[Any], reference: NDArray[Any]) -> float:
    """Size of a face divided by that of another: float (68, 2) each; 1 means equal."""
    return float(np.exp(to_heads(face)[LOG_SCALE] - to_heads(reference)[LOG_SCALE]))
