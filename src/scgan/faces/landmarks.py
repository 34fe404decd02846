"""68 facial landmarks: their numbering, mirror image and files, and the seven classes of face masks.

The points are those of the iBUG 300-W annotation, which dlib's predictor gives: jaw 0…16 (from the left edge of the
image, over the chin), eyebrows 17…21 and 22…26, bridge of the nose 27…30, its base 31…35, eyes 36…41 and 42…47, outer
lips 48…59, inner lips 60…67. Everywhere they are fractions of the image's width and height: 0 is the left or top edge,
1 the right or bottom edge.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.utils.colors import Color
from scgan.utils.errors import UserError
from scgan.utils.json_files import JsonError, read_json

Points = NDArray[np.float32]

LANDMARK_COUNT = 68

FACE_CLASSES = ("background", "skin", "eyebrows", "eyes", "nose", "lips", "mouth")
FACE_COLORS: tuple[Color, ...] = (
    (0, 0, 0),
    (236, 188, 150),
    (120, 72, 34),
    (60, 140, 220),
    (245, 150, 90),
    (214, 40, 70),
    (130, 20, 60),
)

JAW = slice(0, 17)
LEFT_EYEBROW, RIGHT_EYEBROW = slice(17, 22), slice(22, 27)  # left and right in the image
BRIDGE, NOSE_BASE = slice(27, 31), slice(31, 36)
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)
OUTER_LIPS, INNER_LIPS = slice(48, 60), slice(60, 68)

# Number of the point that takes each point's place in the mirror image.
MIRRORED = np.array(
    [
        *range(16, -1, -1),
        *range(26, 16, -1),
        *range(27, 31),
        *range(35, 30, -1),
        *(45, 44, 43, 42, 47, 46),
        *(39, 38, 37, 36, 41, 40),
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
        *(64, 63, 62, 61, 60, 67, 66, 65),
    ]
)


def mirror(points: Points) -> Points:
    """Flip points horizontally: x becomes 1 − x, left and right points change places.

    Args:
        points: float32 (…, 68, 2), fractions of width and height.
    """
    mirrored = np.asarray(points, np.float32)[..., MIRRORED, :].copy()
    mirrored[..., 0] = 1 - mirrored[..., 0]
    return mirrored


def load_points(path: Path | str) -> Points:
    """Read a JSON file: a list of 68 pairs [x, y], or an object with such a list named "landmarks".

    Returns:
        float32 (68, 2), fractions of width and height.

    Raises:
        UserError: the file is missing, not JSON, or does not hold 68 pairs of fractions.
    """
    path = Path(path)
    try:
        values = read_json(path)
    except JsonError as error:
        if isinstance(error.__cause__, OSError):
            raise UserError(f"{path} cannot be read: {error}.") from error
        raise UserError(f"{path} is not JSON ({error}): it must hold a list of 68 pairs [x, y].") from error
    if isinstance(values, dict):
        if "landmarks" not in values:
            raise UserError(f'{path} has no "landmarks": it must hold a list of 68 pairs [x, y].')
        values = values["landmarks"]
    return parse_points(values, str(path))


def parse_points(values: Any, where: str) -> Points:
    """Convert a list of 68 pairs [x, y], read from JSON.

    Args:
        values: the list.
        where: names its origin in errors.

    Returns:
        float32 (68, 2), fractions of width and height.

    Raises:
        UserError: the values are something else.
    """
    if not isinstance(values, list) or len(values) != LANDMARK_COUNT:
        actual = f"a list of {len(values)}" if isinstance(values, list) else f"{type(values).__name__}"
        raise UserError(f"{where} must hold a list of 68 landmarks [x, y], not {actual}.")
    for number, pair in enumerate(values):
        if not isinstance(pair, list) or len(pair) != 2 or not all(_is_number(value) for value in pair):
            raise UserError(f"{where}: landmark {number} must be two numbers [x, y], not {json.dumps(pair)}.")
    points = np.array(values, np.float32)
    if np.abs(points).max() > 2:
        raise UserError(
            f"{where}: the landmarks go up to {np.abs(points).max():g}, which looks like pixels: divide x by the "
            "image's width and y by its height, so that they lie between 0 and 1."
        )
    return points


def _is_number(value: object) -> bool:
    """True for a number that float32 can hold. JSON has integers of any length; Python also reads NaN and Infinity."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30
