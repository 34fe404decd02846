"""68 facial points: their detection in photos, their mirror image, and the seven classes drawn from them."""

from __future__ import annotations

from scgan.schema import Color

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
