"""Tables of images with labelled axes, drawn by matplotlib: PNG for pages, SVG and PDF for papers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.images import grid
from scgan.utils.optional import require_packages

Pixels = NDArray[np.uint8]

FORMATS = ("png", "svg", "pdf")

_CELL_INCHES = 0.9
_GAP = 4  # pixels
_NAME_LENGTH = 13  # characters that fit over a cell
_FONT_SIZE = 8.0


class ImageTable(NamedTuple):
    """Images in rows and columns with names.

    Attributes:
        title: one line.
        images: uint8 (R, C, H, W, 3), drawn as they are, pixel by pixel in a PNG.
        rows, columns: R and C names.
        down, across: what changes from row to row and from column to column.
        asides: how many of the first columns stand apart (masks, photos).
        captions: text inside of an image, by row and column.
    """

    title: str
    images: Pixels
    rows: Sequence[str]
    columns: Sequence[str]
    down: str
    across: str
    asides: int = 0
    captions: Mapping[tuple[int, int], str] = {}


def require_matplotlib() -> None:
    """Check, before any work is done, that figures can be drawn.

    Raises:
        UserError: matplotlib is not installed.
    """
    require_packages("drawing figures", "plots", "matplotlib")


def save_table(path: Path, table: ImageTable) -> None:
    """Draw a table; the format follows from the name: ``.png``, ``.svg`` or ``.pdf``. The same table, the same bytes.

    Raises:
        UserError: another format, or matplotlib is not installed.
    """
    if path.suffix[1:] not in FORMATS:
        raise UserError(f"{path} ends in {path.suffix or 'nothing'}: figures are .png, .svg or .pdf.")
    require_matplotlib()
    import matplotlib

    undated = {".png": {}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[path.suffix]
    with atomic_file(path) as partial, matplotlib.rc_context({"svg.hashsalt": "scgan", "font.size": _FONT_SIZE}):
        _draw(table).savefig(partial, dpi=table.images.shape[3] / _CELL_INCHES, metadata=undated, bbox_inches="tight")


def _draw(table: ImageTable) -> Any:
    from matplotlib.figure import Figure
    from matplotlib.patheffects import withStroke

    # One image for all cells stays sharp, and keeps the file small.
    pixels, left, top = _join(table)
    height, width = table.images.shape[2:4]
    figure = Figure(figsize=(pixels.shape[1] / width * _CELL_INCHES, pixels.shape[0] / width * _CELL_INCHES))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels, interpolation="none")
    axes.xaxis.tick_top()
    columns = [_wrapped(name) for name in table.columns]
    longest = max(len(line) for name in columns for line in name.split("\n"))
    # A word that cannot be broken would reach into the next column.
    axes.set_xticks(left + width / 2, columns, fontsize=_FONT_SIZE * min(1.0, _NAME_LENGTH / longest))
    axes.set_yticks(top + height / 2, [_wrapped(name) for name in table.rows])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel(table.across)
    axes.set_ylabel(table.down)
    axes.set_title(table.title, fontsize=10, pad=10)
    outline = [withStroke(linewidth=2, foreground="black")]
    for (row, column), text in table.captions.items():
        corner = (left[column] + 0.05 * width, top[row] + 0.95 * height)
        axes.text(*corner, _wrapped(text), color="white", fontsize=7, path_effects=outline)
    return figure


def _join(table: ImageTable) -> tuple[Pixels, NDArray[np.int64], NDArray[np.int64]]:
    """Join all images into one; also return the left edge of each column and the top edge of each row, in pixels."""
    row_count, column_count, height, width, _ = table.images.shape
    parts = [part for part in np.split(table.images, [table.asides], axis=1) if part.size]
    sheets = [grid(part.reshape(-1, height, width, 3), part.shape[1], _GAP) for part in parts]
    space = np.full((len(sheets[0]), 3 * _GAP, 3), 255, np.uint8)
    columns, rows = np.arange(column_count), np.arange(row_count)
    # The space takes the place of an ordinary gap.
    left = columns * (width + _GAP) + 2 * _GAP * (columns >= table.asides) * (len(parts) > 1)
    joined = sheets if len(parts) == 1 else [sheets[0], space, sheets[1]]
    return np.concatenate(joined, axis=1), left, rows * (height + _GAP)


def _wrapped(text: str) -> str:
    """Break a name into short lines; a list like ``Male,Young`` may be broken after a comma."""
    return fill(re.sub(r",(?=\S)", ", ", text), _NAME_LENGTH, break_long_words=False)
