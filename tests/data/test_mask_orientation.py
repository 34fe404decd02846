"""Masks of photos that carry an EXIF orientation: sizes tell, colours tell, the user tells, or it is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from scgan.data.images import upright
from scgan.data.mask_orientation import border_steps
from scgan.data.sources.folder import Folder, open_folder

WIDE, SQUARE = (24, 40), (32, 32)


def scene(shape: tuple[int, int]) -> NDArray[np.uint8]:
    """A mask without symmetry."""
    mask = np.zeros(shape, np.uint8)
    mask[2:9, 3:16] = 1
    mask[2:20, 3:6] = 1
    return mask


def source(
    folder: Path,
    orientation: int,
    shape: tuple[int, int],
    stored: bool,
    *,
    count: int = 6,
    plain: bool = False,
    **options: str,
) -> Folder:
    """Photos as a camera stores them, and masks as drawn on the stored pixels or on the photo as shown."""
    for name in ("images", "masks"):
        (folder / name).mkdir(parents=True)
    mask = scene(shape)
    for index in range(count):
        exif = Image.Exif()
        exif[0x0112] = orientation
        pixels = np.full((*shape, 3), 120, np.uint8) if plain else np.where(mask[..., None] == 1, 200 + index, 40)
        photo = Image.fromarray(np.broadcast_to(pixels, (*shape, 3)).astype(np.uint8))
        photo.save(folder / "images" / f"{index}.jpg", exif=exif, quality=98, subsampling=0)
        drawn = mask if stored else np.ascontiguousarray(upright(mask, orientation))
        Image.fromarray(drawn).save(folder / "masks" / f"{index}.png")
    return open_folder(images=folder / "images", masks=folder / "masks", size=32, crop="pad", **options)


def share_right(folder: Folder) -> float:
    item = folder.read(0)
    return float(((item.image[..., 0] > 120) == (item.segmentation == 1)).mean())


@pytest.mark.parametrize("stored", [True, False])
@pytest.mark.parametrize("shape", [WIDE, SQUARE])
@pytest.mark.parametrize("orientation", range(2, 9))
def test_sizes_or_colours_tell(orientation: int, shape: tuple[int, int], stored: bool, tmp_path: Path) -> None:
    folder = source(tmp_path, orientation, shape, stored)
    assert share_right(folder) > 0.97
    (note,) = [text for text in folder.notes.assumptions if "EXIF" in text]
    assert note.startswith("6 photos carry an EXIF orientation; their masks were")
    assert ("turned likewise" in note) == stored


def test_sizes_tell_of_a_single_photo(tmp_path: Path) -> None:
    folder = source(tmp_path, 6, WIDE, stored=True, count=1)
    assert share_right(folder) > 0.97 and "1 photo carries" in " ".join(folder.notes.assumptions)


@pytest.mark.parametrize("shape", [WIDE, SQUARE])
def test_masks_of_half_the_size(shape: tuple[int, int], tmp_path: Path) -> None:
    source(tmp_path, 6, shape, stored=True)
    for file in (tmp_path / "masks").iterdir():
        with Image.open(file) as mask:
            half = mask.resize((mask.width // 2, mask.height // 2), Image.Resampling.NEAREST)
        half.save(file)
    folder = open_folder(images=tmp_path / "images", masks=tmp_path / "masks", size=32, crop="pad")
    assert share_right(folder) > 0.93


def test_otherwise_it_is_said_and_can_be_chosen(tmp_path: Path) -> None:
    folder = source(tmp_path / "a", 3, SQUARE, stored=True, plain=True)
    (note,) = [text for text in folder.notes.assumptions if "EXIF" in text]
    assert "neither sizes nor colours tell" in note and "add --mask-orientation stored" in note
    np.testing.assert_array_equal(folder.read(0).segmentation, scene(SQUARE))
    for choice, expected in (("stored", scene(SQUARE)[::-1, ::-1]), ("upright", scene(SQUARE))):
        folder = source(tmp_path / choice, 3, SQUARE, stored=True, plain=True, mask_orientation=choice)
        np.testing.assert_array_equal(folder.read(0).segmentation, expected)
        assert not [text for text in folder.notes.assumptions if "EXIF" in text]


@pytest.mark.parametrize("suffixes", [("jpg", "tif"), ("tif", "png"), ("tif", "tif")])
def test_tiff_files_with_an_orientation(suffixes: tuple[str, str], tmp_path: Path) -> None:
    """Pillow turns the pixels of TIFF files, and of no others."""
    source(tmp_path, 6, WIDE, stored=True)
    exif = Image.Exif()
    exif[0x0112] = 6
    for name, suffix in zip(("images", "masks"), suffixes, strict=True):
        for file in list((tmp_path / name).iterdir()):
            with Image.open(file) as image:
                image.load()
            file.unlink()
            image.save(file.with_suffix(f".{suffix}"), exif=exif, **({"quality": 98} if suffix == "jpg" else {}))
    folder = open_folder(images=tmp_path / "images", masks=tmp_path / "masks", size=32, crop="pad")
    assert share_right(folder) > 0.97


def test_masks_with_an_orientation_where_nothing_else_tells(tmp_path: Path) -> None:
    source(tmp_path, 3, SQUARE, stored=True, plain=True)
    exif = Image.Exif()
    exif[0x0112] = 3
    for file in (tmp_path / "masks").iterdir():
        Image.fromarray(scene(SQUARE)).save(file, exif=exif)
    folder = open_folder(images=tmp_path / "images", masks=tmp_path / "masks", size=32)
    np.testing.assert_array_equal(folder.read(0).segmentation, scene(SQUARE)[::-1, ::-1])
    assert "because they carry the same orientation" in " ".join(folder.notes.assumptions)


def test_photos_without_orientation_are_not_mentioned(tmp_path: Path) -> None:
    folder = source(tmp_path, 1, WIDE, stored=True)
    assert share_right(folder) > 0.97 and not [text for text in folder.notes.assumptions if "EXIF" in text]


def test_border_steps_by_hand() -> None:
    image = np.zeros((1, 2, 3, 3), np.uint8)
    image[0, :, 1], image[0, :, 2] = 30, 90
    mask = np.array([[[0, 0, 1], [0, 1, 1]]], np.uint8)
    # Row 0: 60 between columns 1 and 2; row 1: 30 between columns 0 and 1; column 1 between the rows: 0.
    assert border_steps(image, mask).tolist() == [30.0]
    assert border_steps(image, np.zeros_like(mask)).tolist() == [0.0]
