"""Layout of Pascal VOC's folders: masks, and lists of the photos that have some."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from scgan.data.images import SUFFIXES
from scgan.data.names import NameFinder
from scgan.utils.errors import UserError
from scgan.utils.text import join_names, read_text

_MASKS = "SegmentationClass"
# Older versions of labelme's labelme2voc.py have arrays in SegmentationClass, and the masks here.
_MASK_FOLDERS = (_MASKS, "SegmentationClassPNG")
_SPLITS: dict[str, str] = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
}


class VocFolder(NamedTuple):
    """Folder of Pascal VOC.

    Attributes:
        root: folder with labelmap.txt and ImageSets.
        masks: its folder of masks.
    """

    root: Path
    masks: Path


class VocLists(NamedTuple):
    """Photos that the lists of ``ImageSets/Segmentation`` name.

    Attributes:
        splits: item → split, "" for items of lists with another name; empty where there are no lists.
        note: sentence about the splits.
    """

    splits: dict[str, str]
    note: str


def find_voc_folder(path: Path | None) -> VocFolder | None:
    """The VOC folder that a path means: itself, the folder around its masks, or the only one inside; None for others.

    Raises:
        UserError: several folders inside have masks.
    """
    if path is None or not path.is_dir():
        return None
    if (masks := _masks(path)) is not None:
        return VocFolder(path, masks)
    if path.name.startswith(_MASKS) and _has_images(path):
        return VocFolder(path.parent, path)
    inner = [folder.parent for pattern in ("*", "*/*") for folder in sorted(path.glob(f"{pattern}/{_MASKS}"))]
    if len(inner) > 1:
        raise UserError(
            f"{path} has several folders of Pascal VOC, {join_names(folder.relative_to(path) for folder in inner)}: "
            "give one of them."
        )
    return find_voc_folder(inner[0]) if inner else None


def read_voc_lists(root: Path, items: Sequence[str]) -> VocLists:
    """Read the lists of a VOC folder.

    Args:
        root: the folder.
        items: names of its photos.
    """
    finder, splits, names = NameFinder(items), dict[str, str](), list[str]()
    for file in sorted((root / "ImageSets" / "Segmentation").glob("*.txt")):
        split = _SPLITS.get(file.stem.lower(), "")
        names += [file.stem] if split else []
        for line in read_text(file).split("\n"):
            match = finder.find(line.strip().strip('"')) if line.strip() else None
            if match and (split or match[0] not in splits):
                splits[match[0]] = split
    return VocLists(splits, f"splits are those of {root / 'ImageSets' / 'Segmentation'} ({join_names(names)})")


def _masks(folder: Path) -> Path | None:
    """The folder of masks in a VOC folder; None in others."""
    folders = [folder / name for name in _MASK_FOLDERS if (folder / name).is_dir()]
    return next(filter(_has_images, folders), folders[0]) if folders else None


def _has_images(folder: Path) -> bool:
    return any(file.suffix.lower() in SUFFIXES for file in folder.iterdir())
