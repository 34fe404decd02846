"""Compositions of images: grids, masks over photos, sheets of captioned cards. uint8 arrays in and out."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scgan.utils.colors import Color
from scgan.utils.typefaces import Font, Typeface, choose_typeface

Pixels = NDArray[np.uint8]

MAX_TEXT_LINES = 3

_MARGIN = 24
_CARD_GAP = 20
_IMAGE_GAP = 2  # between the images of a card
_PAPER = (250, 250, 248)
_INK = (32, 33, 36)
_FADED_INK = (110, 112, 118)


class Card(NamedTuple):
    """Images side by side with text below: a heading, then fainter lines.

    Attributes:
        images: uint8 (H, W, 3) each; all cards of a sheet have the same number and size.
        heading: one line, shortened if it is too long.
        text: wrapped to at most ``MAX_TEXT_LINES`` lines.
    """

    images: Sequence[Pixels]
    heading: str
    text: str


def grid(images: Pixels, columns: int, gap: int = 2, background: Color = (255, 255, 255)) -> Pixels:
    """Arrange images in rows of ``columns``: uint8 (N, H, W, 3) → (H', W', 3), with ``gap`` pixels between them."""
    count, height, width, _ = images.shape
    rows = -(-count // columns)
    canvas = np.empty((rows * (height + gap) - gap, columns * (width + gap) - gap, 3), np.uint8)
    canvas[:] = background
    for index, image in enumerate(images):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def overlay(images: Pixels, colors: Pixels, opacity: float = 0.55) -> Pixels:
    """Lay coloured masks over their photos: uint8 (…, H, W, 3). Photos turn grey, so every colour is the mask's."""
    grey = images @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.rint(grey[..., None] * (1 - opacity) + colors * opacity).astype(np.uint8)


def enlarge(image: Pixels, factor: int, smooth: bool = False) -> Pixels:
    """Enlarge uint8 (H, W, 3) by a whole factor: repeat pixels, or (``smooth``, for photos only) interpolate."""
    height, width, _ = image.shape
    resampling = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    return np.asarray(Image.fromarray(image).resize((width * factor, height * factor), resampling))


def png(image: Pixels) -> bytes:
    """Encode uint8 (H, W, 3) as a PNG file."""
    file = BytesIO()
    Image.fromarray(image).save(file, "PNG")
    return file.getvalue()


def sheet(title: str, cards: Sequence[Card], columns: int, legend: Sequence[tuple[str, Color]] = ()) -> Pixels:
    """Draw a page of cards below a title and a legend of colours.

    Args:
        title: one line at the top.
        cards: at least one; their images have one size and number.
        columns: cards in a row.
        legend: names and their colours, below the title.

    Returns:
        uint8 (height, width, 3).
    """
    texts = [title, *(name for name, _ in legend), *(card.heading + card.text for card in cards)]
    face = choose_typeface("…" + "".join(texts))
    cards = [card._replace(heading=face.drawable(card.heading), text=face.drawable(card.text)) for card in cards]
    legend = [(face.drawable(name), color) for name, color in legend]
    layout = _SheetLayout(cards, columns, [name for name, _ in legend], face)
    canvas = Image.new("RGB", (layout.width, layout.height), _PAPER)
    draw = ImageDraw.Draw(canvas)
    heading = _shorten(face.drawable(title), face.font(22), layout.width - 2 * _MARGIN)
    draw.text((_MARGIN, _MARGIN - 6), heading, _INK, face.font(22))
    for (name, color), (left, line) in zip(legend, layout.swatches, strict=True):
        x, y = _MARGIN + left, _MARGIN + 36 + 20 * line
        draw.rounded_rectangle((x, y, x + 13, y + 13), 3, color, outline=(190, 190, 190))
        draw.text((x + 19, y), name, _INK, face.font(12))
    top = layout.header_height
    for row, height in zip(layout.rows, layout.row_heights, strict=True):
        for column, index in enumerate(row):
            left = _MARGIN + column * (layout.card_width + _CARD_GAP)
            _draw_card(canvas, cards[index], layout.texts[index], (left, top), face)
        top += height
    return np.asarray(canvas)


class _SheetLayout:
    """Sizes and positions on a sheet, in pixels."""

    def __init__(self, cards: Sequence[Card], columns: int, legend: Sequence[str], face: Typeface) -> None:
        image_height, image_width, _ = cards[0].images[0].shape
        self.card_width = len(cards[0].images) * (image_width + _IMAGE_GAP) - _IMAGE_GAP
        self.texts = [_wrap(card.text, face.font(12), self.card_width, MAX_TEXT_LINES) for card in cards]
        self.width = 2 * _MARGIN + columns * (self.card_width + _CARD_GAP) - _CARD_GAP
        self.swatches = _lay_out_legend(legend, face.font(12), self.width - 2 * _MARGIN)
        self.header_height = _MARGIN + 40 + (20 * (self.swatches[-1][1] + 1) + 12 if self.swatches else 0)
        self.rows = [range(first, min(first + columns, len(cards))) for first in range(0, len(cards), columns)]
        self.row_heights = [
            image_height + 26 + 16 * max(len(self.texts[index]) for index in row) + _CARD_GAP for row in self.rows
        ]
        self.height = self.header_height + sum(self.row_heights) - _CARD_GAP + _MARGIN


def _draw_card(canvas: Image.Image, card: Card, text: Sequence[str], corner: tuple[int, int], face: Typeface) -> None:
    (left, top), (height, width, _) = corner, card.images[0].shape
    for number, image in enumerate(card.images):
        canvas.paste(Image.fromarray(image), (left + number * (width + _IMAGE_GAP), top))
    draw, card_width = ImageDraw.Draw(canvas), len(card.images) * (width + _IMAGE_GAP) - _IMAGE_GAP
    y = top + height + 5
    draw.text((left, y), _shorten(card.heading, face.font(14), card_width), _INK, face.font(14))
    for number, line in enumerate(text):
        draw.text((left, y + 19 + 16 * number), line, _FADED_INK, face.font(12))


def _lay_out_legend(names: Sequence[str], font: Font, width: int) -> list[tuple[int, int]]:
    """Position of each name: pixels from the left, and line."""
    positions, left, line = [], 0, 0
    for name in names:
        length = 19 + int(font.getlength(name)) + 18
        if left and left + length > width:
            left, line = 0, line + 1
        positions.append((left, line))
        left += length
    return positions


def _wrap(text: str, font: Font, width: int, max_lines: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if not lines[-1] or font.getlength(longer) <= width:
            lines[-1] = longer
        elif len(lines) == max_lines:
            lines[-1] = f"{longer} …"  # too long: it is shortened below
            break
        else:
            lines.append(word)
    return [_shorten(line, font, width) for line in lines]


def _shorten(text: str, font: Font, width: int) -> str:
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"
