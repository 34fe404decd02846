"""Pictures of pictures: grids, masks laid over photos, sheets of labelled cards. uint8 arrays in and out."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from scgan.utils.colors import Color

Pixels = NDArray[np.uint8]

_PAPER = (250, 250, 248)
_INK = (32, 33, 36)
_FADED_INK = (110, 112, 118)


class Card(NamedTuple):
    """Pictures side by side with text below: the first line is a heading, the others are fainter.

    Attributes:
        pictures: uint8 (H, W, 3) each, all cards alike.
        heading: one line, shortened where it is too long.
        text: as many lines as it takes, at most three.
    """

    pictures: Sequence[Pixels]
    heading: str
    text: str


def grid(images: Pixels, columns: int, gap: int = 2, background: Color = (255, 255, 255)) -> Pixels:
    """Images in rows of ``columns``: uint8 (N, H, W, 3) → (H', W', 3), with ``gap`` pixels between them."""
    count, height, width, _ = images.shape
    rows = -(-count // columns)
    canvas = np.empty((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), np.uint8)
    canvas[:] = background
    for index, image in enumerate(images):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def overlay(images: Pixels, colors: Pixels, opacity: float = 0.55) -> Pixels:
    """Coloured masks over their photos made grey, so that every colour is the mask's: uint8 (…, H, W, 3)."""
    grey = images @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.rint(grey[..., None] * (1 - opacity) + colors * opacity).astype(np.uint8)


def enlarge(image: Pixels, factor: int, smooth: bool = False) -> Pixels:
    """Each pixel as ``factor``² pixels, or (``smooth``, for photos only) interpolated: uint8 (H, W, 3)."""
    height, width, _ = image.shape
    how = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(image).resize((width * factor, height * factor), how))


def png(image: Pixels) -> bytes:
    """uint8 (H, W, 3) → the bytes of a PNG file."""
    file = BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def sheet(title: str, cards: Sequence[Card], columns: int, legend: Sequence[tuple[str, Color]] = ()) -> Pixels:
    """A page of cards under a title and a legend of colours.

    Args:
        title: one line at the top.
        cards: at least one; their pictures have one size and number.
        columns: how many cards stand in a row.
        legend: names and their colours, below the title.

    Returns:
        uint8 (height, width, 3).
    """
    picture_height, picture_width, _ = cards[0].pictures[0].shape
    card_width = len(cards[0].pictures) * (picture_width + 2) - 2
    title_font, bold, small = (ImageFont.load_default(size) for size in (22, 14, 12))
    texts = [_wrap(card.text, small, card_width, most=3) for card in cards]
    margin, gap = 24, 20
    width = 2 * margin + columns * (card_width + gap) - gap
    swatches = _lay_out_legend([name for name, _ in legend], small, width - 2 * margin)
    header = margin + 40 + (20 * (swatches[-1][1] + 1) + 12 if swatches else 0)
    rows = [range(first, min(first + columns, len(cards))) for first in range(0, len(cards), columns)]
    heights = [picture_height + 26 + 16 * max(len(texts[index]) for index in row) + gap for row in rows]

    canvas = Image.new("RGB", (width, header + sum(heights) - gap + margin), _PAPER)
    draw = ImageDraw.Draw(canvas)
    draw.text((margin, margin - 6), _shorten(title, title_font, width - 2 * margin), _INK, title_font)
    for (name, color), (left, line) in zip(legend, swatches, strict=True):
        x, y = margin + left, margin + 36 + 20 * line
        draw.rounded_rectangle((x, y, x + 13, y + 13), 3, color, outline=(190, 190, 190))
        draw.text((x + 19, y), name, _INK, small)
    top = header
    for row, height in zip(rows, heights, strict=True):
        for column, index in enumerate(row):
            left = margin + column * (card_width + gap)
            for place, picture in enumerate(cards[index].pictures):
                canvas.paste(Image.fromarray(picture), (left + place * (picture_width + 2), top))
            y = top + picture_height + 5
            draw.text((left, y), _shorten(cards[index].heading, bold, card_width), _INK, bold)
            for number, text in enumerate(texts[index]):
                draw.text((left, y + 19 + 16 * number), text, _FADED_INK, small)
        top += height
    return np.asarray(canvas)


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def _lay_out_legend(names: Sequence[str], font: _Font, width: int) -> list[tuple[int, int]]:
    """For each name how far from the left it stands, and in which line."""
    places, left, line = [], 0, 0
    for name in names:
        length = 19 + int(font.getlength(name)) + 18
        if left and left + length > width:
            left, line = 0, line + 1
        places.append((left, line))
        left += length
    return places


def _wrap(text: str, font: _Font, width: int, most: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or font.getlength(longer) <= width:
            lines[-1] = longer
        elif len(lines) == most:
            lines[-1] = f"{longer} …"  # too long: it is shortened below
            break
        else:
            lines.append(word)
    return [_shorten(line, font, width) for line in lines]


def _shorten(text: str, font: _Font, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
