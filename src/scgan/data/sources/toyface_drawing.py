"""Drawing of toy faces: parts of the face are painted with the outlines of which their masks are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from scgan.data.sources.toyface_canvas import CIRCLE, Canvas, Field
from scgan.faces.landmarks import LEFT_EYE, RIGHT_EYE, Points
from scgan.faces.pose import Pose
from scgan.faces.rasterize import outlines

Paint = tuple[float, float, float]

_WHITE: Paint = (0.95, 0.94, 0.91)
_DARK: Paint = (0.12, 0.07, 0.06)


@dataclass(frozen=True)
class FaceAppearance:
    """Drawing parameters of a face besides its 68 points. Colours are RGB in [0, 1], lengths in units of the face.

    Attributes:
        pose: pose of the points; hair, ears, wrinkles and shading follow it.
        skin, hair, eyebrows, iris, lips, cloth: colours.
        hair_length: distance of the hair's ends below the bridge of the nose; 0 is short hair that shows the ears.
        hair_volume: factor of the hair's width and height.
        hair_part: side to which the hair is higher, -1…1.
        hair_gloss: strength of strands and light; small for a scarf or cap.
        beard: opacity of a beard, 0…1.
        wrinkles: depth, 0…1.
        blush: redness of the cheeks, 0…1.
        eyebrow_opacity, lash_opacity: 0…1.
        neckline: depth of the cloth's opening.
        light: unit vector towards the light (x to the right, y down, z towards the camera).
        tint: colour of the light.
        gaze: offset of the irises.
        background: colours at the two ends of a gradient.
        background_angle: direction of the gradient in radians.
        shapes: blurred ellipses behind the person, each x, y, radius across and down (fractions) and colour.
        strands: phases of the hair's waves in radians.
    """

    pose: Pose
    skin: Paint
    hair: Paint
    eyebrows: Paint
    iris: Paint
    lips: Paint
    cloth: Paint
    hair_length: float
    hair_volume: float
    hair_part: float
    hair_gloss: float
    beard: float
    wrinkles: float
    blush: float
    eyebrow_opacity: float
    lash_opacity: float
    neckline: float
    light: Paint
    tint: Paint
    gaze: tuple[float, float]
    background: tuple[Paint, Paint]
    background_angle: float
    shapes: Sequence[tuple[float, float, float, float, Paint]]
    strands: tuple[float, float, float]


def draw(appearance: FaceAppearance, points: Points, size: int) -> NDArray[np.uint8]:
    """Draw a person whose skin, eyebrows, eyes, nose, lips and mouth are those of ``rasterize(points)``.

    Args:
        appearance: the rest of the person, the light and the background.
        points: float32 (68, 2), fractions of the image.
        size: height and width in pixels.

    Returns:
        uint8 (size, size, 3), RGB.
    """
    skin, nose, left_eyebrow, right_eyebrow, left_eye, right_eye, lips, mouth = (line for _, line in outlines(points))
    canvas = Canvas.blank(appearance.pose, size)
    _background(canvas, appearance)
    _hair_behind(canvas, appearance)
    _body(canvas, appearance)
    _hair(canvas, appearance)
    _skin(canvas.around(skin), appearance, points, skin)
    _nose(canvas.around(nose), appearance, points, nose)
    for eyebrow in (left_eyebrow, right_eyebrow):
        part = canvas.around(eyebrow)
        part.paint(part.cover(eyebrow) * appearance.eyebrow_opacity, appearance.eyebrows)
    for eye in (left_eye, right_eye):
        _eye(canvas.around(eye), appearance, eye)
    _mouth(canvas.around(lips), appearance, points, lips, mouth)
    image = canvas.image * np.asarray(appearance.tint, np.float32)
    return (np.clip(image, 0, 1) * 255 + 0.5).astype(np.uint8)


def _background(canvas: Canvas, appearance: FaceAppearance) -> None:
    # The background is out of focus, so few pixels are enough for any size.
    size = 48
    ticks = np.linspace(0, 1, size) - 0.5
    along = (
        np.cos(appearance.background_angle) * ticks[None, :]
        + np.sin(appearance.background_angle) * ticks[:, None]
        + 0.5
    )
    start, end = np.asarray(appearance.background) * 255
    image = Image.fromarray((start + np.clip(along, 0, 1)[..., None] * (end - start)).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for x, y, across, down, (red, green, blue) in appearance.shapes:
        box = ((x - across) * size, (y - down) * size, (x + across) * size, (y + down) * size)
        pen.ellipse(box, fill=(int(red * 255), int(green * 255), int(blue * 255)))
    image = image.filter(ImageFilter.GaussianBlur(1.5)).resize((canvas.size, canvas.size), Image.Resampling.BICUBIC)
    canvas.image[:] = np.asarray(image, np.float32) / 255


def _hair_behind(canvas: Canvas, appearance: FaceAppearance) -> None:
    """Long hair that is visible behind the neck."""
    if appearance.hair_length:
        outline = appearance.pose.project(_hair_outline(appearance), outline=True)
        part = canvas.around(outline)
        part.paint(part.cover(outline), np.asarray(appearance.hair) * 0.5)


def _body(canvas: Canvas, appearance: FaceAppearance) -> None:
    pose = appearance.pose
    # Shoulders follow the head a little.
    body = Pose(pose.yaw / 3, pose.tilt / 3, pose.center, pose.scale)
    end = 1.62 + appearance.neckline
    shoulders = _smooth(
        body.project(_mirrored([(0.0, 1.3), (0.4, 1.32), (0.62, 1.5), (1.2, 1.68), (1.6, 1.95), (1.8, 3.2)], -0.5))
    )
    neck = _smooth(
        body.project(_mirrored([(0.47, 0.6), (0.43, 1.2), (0.46, 1.42), (0.36, end - 0.08), (0.0, end)], -0.4))
    )
    rim = _smooth(body.project(_mirrored([(0.5, 1.2), (0.54, 1.4), (0.42, end - 0.02), (0.0, end + 0.07)], -0.4)))
    part = canvas.around(np.concatenate([shoulders, neck]))
    side = 1 + 0.25 * appearance.light[0] * np.clip(part.across, -1.5, 1.5)
    cloth = part.cover(shoulders)
    part.paint(cloth, _lit(appearance.cloth, side))
    part.paint(cloth * part.cover(rim), _lit(appearance.cloth, side * 0.72))
    shadow = 0.85 - 0.3 * np.exp(-(np.maximum(part.down - 1.2, 0) ** 2) / 0.05)
    part.paint(part.cover(neck), _lit(appearance.skin, shadow * side))
    for ear in (-1, 1):
        shape = [(ear * 0.86 + 0.11 * x, 0.22 + 0.22 * y, -0.8) for x, y in CIRCLE]
        outline = pose.project(np.array(shape), outline=True)
        part = canvas.around(outline)
        part.paint(part.cover(outline), np.asarray(appearance.skin) * (0.88, 0.8, 0.78))


def _hair(canvas: Canvas, appearance: FaceAppearance) -> None:
    """Hair around the face. Neck and face, which are painted before and after it, stay free."""
    pose = appearance.pose
    outline = pose.project(_hair_outline(appearance), outline=True)
    part = canvas.around(outline)
    cover = part.cover(outline)
    if appearance.hair_length:
        parted = _mirrored([(0.0, -0.6), (0.5, -0.4), (0.62, 0.3), (0.6, 1.0), (0.72, 1.9), (0.9, 3.5)], -0.4)
        cover = cover * (1 - part.cover(_smooth(pose.project(parted, outline=True)), blur=0.03))
    crown_x, crown_y = part.place(pose.project(np.array([[0.25 * appearance.hair_part, -1.1, -0.5]]))[0])
    x, y = part.across - crown_x, part.down - crown_y
    angle, radius = np.arctan2(x, y), np.hypot(x, y)
    waves = np.zeros_like(angle)
    for count, phase, bend in zip((8, 15, 26), appearance.strands, (2.0, -3.0, 4.0), strict=True):
        waves += np.sin(count * angle + phase + bend * radius)
    waves *= np.clip(2 * radius - 0.1, 0, 1)
    gloss = np.exp(-((radius - 0.4) ** 2) / 0.05) * np.clip(
        0.5 + appearance.light[0] * x - appearance.light[1] * 0.5, 0, 1
    )
    shade = 0.92 + 0.22 * appearance.light[0] * np.clip(x, -1, 1) - 0.12 * np.clip(y - 0.5, 0, 1)
    part.paint(cover, _lit(appearance.hair, shade + appearance.hair_gloss * (0.06 * waves + 0.25 * gloss)))


def _hair_outline(appearance: FaceAppearance) -> NDArray[np.float64]:
    """Closed line (n, 3) in the face's unit, to be projected as an outline."""
    length = appearance.hair_length
    # Right half, from the crown down.
    half = [(0.0, -1.36), (0.42, -1.3), (0.76, -1.02), (0.93, -0.55), (0.93, -0.1)]
    if length:
        low = [(1.02, 0.45 * length + 0.35), (1.08, 0.8 * length + 0.2), (0.9, length), (0.5, length + 0.1)]
        half = [*half, (0.98, 0.3), *low]
    else:
        half = [*half, (0.86, 0.16), (0.6, 0.2)]
    shape = _smooth(_mirrored(half, -0.65))
    above = np.clip(-shape[:, 1], 0, None)
    shape[:, 0] *= 1 + (appearance.hair_volume - 1) * 0.6
    shape[:, 1] -= above * (appearance.hair_volume - 1) + 0.12 * appearance.hair_part * shape[:, 0] * np.clip(
        above - 0.5, 0, None
    )
    if length:
        shape[:, 0] += 0.05 * np.sin(6 * shape[:, 1] + appearance.strands[0]) * np.clip(shape[:, 1], 0, 1)
    return shape


def _skin(canvas: Canvas, appearance: FaceAppearance, points: Points, outline: NDArray[Any]) -> None:
    # The face is shaded like an ellipsoid.
    middle_x, middle_y = canvas.place((points[0] + points[16] + points[8] + points[27]) / 4)
    x, y = (canvas.across - middle_x) / 1.05, (canvas.down - middle_y + 0.05) / 1.35
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0.02, 1))
    shade = 0.68 + 0.4 * (x * appearance.light[0] + y * appearance.light[1] + z * appearance.light[2])
    for eye in (LEFT_EYE, RIGHT_EYE):
        shade -= 0.09 * canvas.glow(points[eye].mean(axis=0), 0.24, 0.16)
    shade -= 0.08 * canvas.glow(2 * points[57] - points[66], 0.2, 0.07)
    shade -= 0.13 * canvas.glow(1.2 * points[33] - 0.2 * points[27], 0.17, 0.06)
    if appearance.wrinkles:
        lines = appearance.pose.project(_WRINKLES.reshape(-1, 3)).reshape(*_WRINKLES.shape[:2], 2)
        shade *= 1 - 0.35 * appearance.wrinkles * canvas.cover_lines(list(lines), 0.035)
    paint = _lit(appearance.skin, shade)
    cheeks = appearance.pose.project(np.array([[-0.48, 0.5, -0.25], [0.48, 0.5, -0.25]]))
    blush = appearance.blush * (canvas.glow(cheeks[0], 0.24, 0.2) + canvas.glow(cheeks[1], 0.24, 0.2))
    paint = paint * (1 - blush[..., None] * np.array([0.0, 0.22, 0.18], np.float32))
    if appearance.beard:
        beard = canvas.cover(_beard(points), blur=0.06)[..., None] * appearance.beard
        paint = paint + beard * (np.asarray(appearance.eyebrows, np.float32) * shade[..., None] - paint)
    canvas.paint(canvas.cover(outline), paint)


def _nose(canvas: Canvas, appearance: FaceAppearance, points: Points, outline: NDArray[Any]) -> None:
    """Shaded sides and ridge of the nose, and its nostrils."""
    (top_x, top_y), (tip_x, tip_y) = canvas.place(points[27]), canvas.place(points[30])
    share = np.clip((canvas.down - top_y) / (tip_y - top_y), 0, 1.3)
    side = (canvas.across - top_x - share * (tip_x - top_x)) / (0.08 + 0.1 * share)
    shade = 0.91 + 0.14 * np.clip(side, -1.2, 1.2) * appearance.light[0]
    shade += 0.14 * np.exp(-3 * (side - 0.3 * appearance.light[0]) ** 2) + 0.1 * canvas.glow(points[30], 0.07, 0.06)
    shade -= 0.16 * canvas.glow(points[33], 0.2, 0.06)
    cover = canvas.cover(outline)
    canvas.image[:] *= 1 + cover[..., None] * (shade[..., None] * np.array([1.02, 0.97, 0.96], np.float32) - 1)
    nostrils = canvas.glow(0.8 * points[32] + 0.2 * points[31], 0.05, 0.035)
    nostrils += canvas.glow(0.8 * points[34] + 0.2 * points[35], 0.05, 0.035)
    canvas.paint(0.6 * cover * nostrils, _DARK)


def _eye(canvas: Canvas, appearance: FaceAppearance, outline: NDArray[Any]) -> None:
    center = outline.mean(axis=0) + np.asarray(appearance.gaze) * canvas.pose.scale
    reflection = center + 0.03 * canvas.pose.scale * np.array([appearance.light[0], -1])
    cover = canvas.cover(outline)
    canvas.paint(cover, np.asarray(_WHITE) * 0.95)
    canvas.paint(cover * canvas.cover_disc(center, 0.085), appearance.iris)
    canvas.paint(cover * canvas.cover_disc(center, 0.042), _DARK)
    canvas.paint(cover * canvas.cover_disc(reflection, 0.02), _WHITE)
    canvas.paint(appearance.lash_opacity * canvas.cover_lines([outline[:4]], 0.035), _DARK)


def _mouth(canvas: Canvas, appearance: FaceAppearance, points: Points, lips: NDArray[Any], mouth: NDArray[Any]) -> None:
    cover, opening = canvas.cover(lips), canvas.cover(mouth)
    canvas.paint(cover, appearance.lips)
    upper_lip = np.concatenate([points[48:55], points[64:59:-1]])
    canvas.paint(cover * canvas.cover(upper_lip), np.asarray(appearance.lips) * 0.8)
    shine = (points[57] + points[66]) / 2 + 0.04 * canvas.pose.scale * np.array([appearance.light[0], 0])
    canvas.paint(0.3 * cover * canvas.glow(shine, 0.09, 0.03), _WHITE)
    canvas.paint(opening, (0.28, 0.06, 0.08))
    teeth = np.concatenate([points[60:65], points[64:59:-1] + 0.075 * (points[8] - points[27])])
    canvas.paint(opening * canvas.cover(teeth), np.asarray(_WHITE) * 0.95)


def _beard(points: Points) -> NDArray[Any]:
    """Outline along the jaw, up the cheeks and over the upper lip: (n, 2)."""

    def cheek(jaw: int, corner: int, wing: int, lip: int) -> list[NDArray[Any]]:
        return [
            0.6 * points[jaw] + 0.4 * points[corner],
            0.75 * points[corner] + 0.25 * points[wing],
            0.45 * points[lip] + 0.55 * points[wing],
        ]

    moustache = (points[33] + points[51]) / 2
    return np.stack([*points[2:15], *cheek(13, 54, 35, 53), moustache, *reversed(cheek(3, 48, 31, 49))])


def _lit(paint: Paint, shade: Field) -> Field:
    """Shade a colour (1 is full light); shadows are warmer than light."""
    darkness = (1 - np.clip(shade, 0.05, 1.6))[..., None] * np.array([0.95, 1.02, 1.05], np.float32)
    return (1 - darkness) * np.asarray(paint, np.float32)


def _mirrored(half: Sequence[tuple[float, float]], z: float) -> NDArray[np.float64]:
    """Complete the right half of an outline (top first), at one depth: (n, 3)."""
    left = [(-x, y) for x, y in reversed(half) if x > 0]
    return np.array([(x, y, z) for x, y in [*half, *left]])


# Weights of four corners in a row for the six points between the middle two (Catmull-Rom).
_SHARE = np.arange(6)[:, None] / 6
_SPLINE = _SHARE ** [0, 1, 2, 3] @ np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]]) / 2


def _smooth(corners: NDArray[Any]) -> NDArray[np.float64]:
    """Closed smooth curve through the corners (n, k): (6 n, k)."""
    rows = (np.arange(len(corners))[:, None] + (-1, 0, 1, 2)) % len(corners)
    return (_SPLINE @ corners[rows]).reshape(-1, corners.shape[1])


def _wrinkle(*corners: tuple[float, float]) -> NDArray[np.float64]:
    """Line of three corners on the face and its mirror image, bent around the head: (2, 3, 3)."""
    x, y = np.array(corners).T
    return np.stack([np.stack([side * x, y, -0.05 - 0.5 * x**2], axis=1) for side in (-1, 1)])


_WRINKLES = np.concatenate(
    [
        _wrinkle((0.0, -0.62), (0.2, -0.63), (0.36, -0.6)),
        _wrinkle((0.0, -0.5), (0.25, -0.51), (0.45, -0.47)),
        _wrinkle((0.0, -0.38), (0.25, -0.4), (0.45, -0.36)),
        _wrinkle((0.06, -0.12), (0.06, -0.18), (0.05, -0.25)),
        _wrinkle((0.22, 0.5), (0.34, 0.62), (0.4, 0.78)),
        _wrinkle((0.2, 0.16), (0.32, 0.22), (0.44, 0.18)),
        _wrinkle((0.56, 0.03), (0.62, 0.0), (0.68, -0.04)),
        _wrinkle((0.56, 0.07), (0.63, 0.09), (0.7, 0.1)),
    ]
)
