"""Toy faces: drawn faces with exact masks, landmarks and the attributes of the paper's face data."""

from __future__ import annotations

import colorsys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.data.sources.toyface_drawing import FaceAppearance, Paint, draw
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS, Points
from scgan.faces.mean_face import Proportions, face_points, project_face
from scgan.faces.pose import Pose
from scgan.faces.rasterize import rasterize
from scgan.schema import ImageSize, Schema
from scgan.utils.counts import require_at_most
from scgan.utils.errors import UserError
from scgan.utils.seeds import require_seed

TOY_ATTRIBUTES = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")

_HAIR: dict[str, Paint] = {
    "Black_Hair": (0.09, 0.08, 0.09),
    "Blond_Hair": (0.90, 0.74, 0.42),
    "Brown_Hair": (0.42, 0.25, 0.14),
}
_RED_HAIR: Paint = (0.72, 0.30, 0.12)
_GREY_HAIR: Paint = (0.72, 0.72, 0.74)
_SKIN: tuple[Paint, ...] = (
    (0.98, 0.84, 0.75),
    (0.93, 0.74, 0.61),
    (0.80, 0.58, 0.43),
    (0.60, 0.40, 0.28),
    (0.40, 0.26, 0.19),
)
_IRIS: tuple[Paint, ...] = ((0.30, 0.18, 0.10), (0.25, 0.45, 0.65), (0.30, 0.45, 0.28), (0.45, 0.30, 0.15))


@dataclass(frozen=True)
class ToyFaces:
    """A source of drawn faces.

    Item i depends on ``seed`` and i alone. Of every ten faces eight are for training, one for validation and one for
    the test.

    Attributes:
        count: number of faces, at least 1.
        size: height and width in pixels.
        seed: seed of the faces, 0 or more.

    Raises:
        UserError: the count or seed is too small, or the size is not supported.
    """

    max_skipped: ClassVar[float] = 0.0

    count: int
    size: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.count < 1:
            raise UserError(f"--count {self.count} is not a number of faces: give at least 1.")
        require_at_most("--count", self.count)
        require_seed(self.seed)
        _ = self.schema  # checks the size

    @cached_property
    def schema(self) -> Schema:
        return Schema(
            self.size, FACE_CLASSES, FACE_COLORS, TOY_ATTRIBUTES, attribute_groups=(TOY_ATTRIBUTES[:3],), landmarks=True
        )

    @cached_property
    def names(self) -> Sequence[str]:
        return [f"toy-{index:06d}" for index in range(self.count)]

    @cached_property
    def splits(self) -> Sequence[str]:
        return [(*("train",) * 8, "validation", "test")[index % 10] for index in range(self.count)]

    @property
    def description(self) -> dict[str, Any]:
        return {"source": "toyfaces", "count": self.count, "size": self.size, "seed": self.seed}

    @property
    def notes(self) -> SourceNotes:
        return SourceNotes("drawn from landmarks", "everything but the face")

    def read(self, index: int) -> Item:
        person = random_person(np.random.default_rng((self.seed, index)))
        image = draw(person.appearance, person.points, self.size)
        attributes = np.array([name in person.attributes for name in TOY_ATTRIBUTES], np.float32)
        return Item(image, rasterize(person.points, self.size), attributes, person.points)


def open_toyfaces(count: int = 2000, size: ImageSize = 64, seed: int = 0) -> ToyFaces:
    """Drawn faces with exact masks and attributes, good for a first try.

    Args:
        count: number of faces to draw
        size: height and width of the images in pixels
        seed: seed of the faces

    Raises:
        UserError: the count or seed is too small.

    Example:
        scgan prepare toyfaces --count 2000 --size 64 --out toys
    """
    return ToyFaces(count, size, seed)


@dataclass(frozen=True)
class Person:
    """Face that can be drawn at any size.

    Attributes:
        attributes: names of its attributes, out of ``TOY_ATTRIBUTES``.
        points: float32 (68, 2), fractions of the image.
        appearance: all other drawing parameters.
    """

    attributes: frozenset[str]
    points: Points
    appearance: FaceAppearance


def random_person(rng: np.random.Generator) -> Person:
    """Draw random attributes, proportions, pose, expression, light and background."""
    male, young = bool(rng.random() < 0.5), bool(rng.random() < 0.6)
    hair_name = str(rng.choice([*TOY_ATTRIBUTES[:3], ""], p=[0.29, 0.25, 0.28, 0.18]))
    attributes = {hair_name} - {""} | ({"Male"} if male else set()) | ({"Young"} if young else set())

    pose = Pose(
        yaw=float(np.clip(rng.normal(0, 13), -28, 28)),
        tilt=float(np.clip(rng.normal(0, 4), -10, 10)),
        center=(float(rng.uniform(0.47, 0.53)), float(rng.uniform(0.45, 0.5))),
        scale=float(rng.uniform(0.265, 0.31)),
    )
    smile, mouth_open = rng.uniform(-0.3, 1.4), max(0.0, rng.uniform(-1.0, 0.7))
    points = project_face(face_points(_random_proportions(rng, male, young), smile, mouth_open), pose)

    skin = _vary(rng, _between(_SKIN, rng.uniform(0, len(_SKIN) - 1)), 0.03)
    hair, gloss = _random_hair(rng, hair_name, young)
    eyebrows = _blend(hair, (0.25, 0.14, 0.08), 0.5 if gloss > 0.5 else 1.0)
    rouge = _blend((0.80, 0.22, 0.28), (0.62, 0.12, 0.24), rng.random())
    lips = _blend(_scaled(skin, (0.86, 0.62, 0.60)), rouge, 0.12 if male else rng.uniform(0.55, 0.9))
    light_angle = rng.uniform(-1.1, 1.1)
    light = np.array([np.sin(light_angle), -0.45, np.cos(light_angle)]) / np.hypot(1, 0.45)
    warmth = rng.uniform(-0.05, 0.05)
    brightness = rng.uniform(0.88, 1.06)
    beard = rng.choice([0.0, rng.uniform(0.2, 0.4), rng.uniform(0.6, 0.8)], p=[0.2, 0.45, 0.35]) if male else 0.0
    appearance = FaceAppearance(
        pose=pose,
        skin=skin if young else _blend(skin, (0.70, 0.66, 0.62), 0.18),
        hair=hair,
        eyebrows=eyebrows if young else _blend(eyebrows, _GREY_HAIR, 0.3),
        iris=_IRIS[rng.integers(len(_IRIS))],
        lips=lips,
        cloth=_random_color(rng),
        hair_length=0.0 if male else float(rng.uniform(1.2, 2.6)),
        hair_volume=float(rng.uniform(0.94, 1.12)),
        hair_part=float(rng.uniform(-1, 1)),
        hair_gloss=gloss,
        beard=float(beard),
        wrinkles=0.0 if young else float(rng.uniform(0.7, 1.0)),
        blush=float(rng.uniform(0.2, 0.5) if male else rng.uniform(0.5, 0.95)),
        eyebrow_opacity=0.95 if male else 0.72,
        lash_opacity=0.55 if male else 0.95,
        neckline=float(rng.uniform(-0.05, 0.5)),
        light=(float(light[0]), float(light[1]), float(light[2])),
        tint=(brightness + warmth, brightness, brightness - warmth),
        gaze=(float(rng.uniform(-0.03, 0.03)), float(rng.uniform(-0.01, 0.02))),
        background=(_random_color(rng), _random_color(rng)),
        background_angle=float(rng.uniform(0, 2 * np.pi)),
        shapes=[_random_shape(rng) for _ in range(rng.integers(0, 5))],
        strands=(*rng.uniform(0, 2 * np.pi, 3).tolist(),),
    )
    return Person(frozenset(attributes), points, appearance)


def _random_proportions(rng: np.random.Generator, male: bool, young: bool) -> Proportions:
    def around(mean: float, spread: float) -> float:
        return float(np.clip(rng.normal(mean, spread), mean - 2 * spread, mean + 2 * spread))

    return Proportions(
        face_width=around(1.0, 0.035),
        jaw_width=around(1.08 if male else 0.9, 0.03),
        chin_length=around(1.08 if male else 0.96, 0.06),
        eye_size=around(1.3 if male else 1.55, 0.15) * (1 if young else 0.9),
        eye_distance=around(1.0, 0.05),
        nose_width=around(1.15 if male else 0.98, 0.08),
        nose_length=around(1.0, 0.04),
        mouth_width=around(1.05, 0.07),
        lip_fullness=around(0.95 if male else 1.3, 0.12) * (1 if young else 0.85),
        eyebrow_height=around(0.0 if male else 0.05, 0.02),
        eyebrow_slant=around(-0.02 if male else -0.07, 0.05),
    )


def _random_hair(rng: np.random.Generator, name: str, young: bool) -> tuple[Paint, float]:
    """Colour and gloss of the hair; without a colour's name it is red, grey, or covered by a cap or scarf."""
    if name:
        # Age makes hair a little greyer; its colour can still be seen.
        hair = _vary(rng, _HAIR[name], 0.03)
        return (hair if young else _blend(hair, _GREY_HAIR, rng.uniform(0.05, 0.2))), 1.0
    if rng.random() < 0.5:
        return _vary(rng, _RED_HAIR if young else _GREY_HAIR, 0.05), 1.0
    # Hues from green to violet, which no hair has.
    return _color(rng.uniform(0.3, 0.85), rng.uniform(0.4, 0.8), rng.uniform(0.35, 0.85)), 0.15


def _random_color(rng: np.random.Generator) -> Paint:
    return _color(rng.random(), rng.uniform(0.1, 0.6), rng.uniform(0.25, 0.95))


def _random_shape(rng: np.random.Generator) -> tuple[float, float, float, float, Paint]:
    x, y = rng.uniform(-0.1, 1.1, 2).tolist()
    across, down = rng.uniform(0.05, 0.3, 2).tolist()
    return x, y, across, down, _random_color(rng)


def _color(hue: float, saturation: float, value: float) -> Paint:
    return colorsys.hsv_to_rgb(hue, saturation, value)


def _vary(rng: np.random.Generator, paint: Paint, spread: float) -> Paint:
    red, green, blue = (np.asarray(paint) + rng.normal(0, spread / 2) + rng.normal(0, spread / 2, 3)).tolist()
    return red, green, blue


def _blend(start: Paint, end: Paint, share: float) -> Paint:
    red, green, blue = ((1 - share) * np.asarray(start) + share * np.asarray(end)).tolist()
    return red, green, blue


def _between(paints: Sequence[Paint], place: float) -> Paint:
    """Interpolate a sequence of colours at a fractional place."""
    first = min(int(place), len(paints) - 2)
    return _blend(paints[first], paints[first + 1], place - first)


def _scaled(paint: Paint, factors: Paint) -> Paint:
    red, green, blue = (np.asarray(paint) * factors).tolist()
    return red, green, blue
