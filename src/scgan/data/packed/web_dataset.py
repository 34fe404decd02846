"""Tar files of WebDataset: the files of an item have one name, up to the first dot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scgan.data.images import SUFFIXES
from scgan.data.names import composed, without_suffixes
from scgan.data.packed.items import PackedFile, PackedItem, is_file_name, one_mask, split_in, suffix_of
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import join_names, shorten

_TARS = (".tar", ".tar.gz", ".tgz")
_LOSSY = ("jpg", "jpeg", "jfif", "webp")


def find_tars(path: Path) -> list[Path]:
    """A tar file itself, or those of a folder that holds no images; else none."""
    if path.is_file():
        return [path] if path.name.lower().endswith(_TARS) else []
    files = sorted(file for file in path.iterdir() if not file.name.startswith(".")) if path.is_dir() else []
    if any(file.suffix.lower() in SUFFIXES for file in files):
        return []
    return [file for file in files if file.name.lower().endswith(_TARS)]


def read_tars(path: Path) -> Iterator[PackedItem]:
    """Read all items.

    Raises:
        UserError: the library is not installed, a file is damaged, or an item does not consist of photo and mask.
    """
    require_packages(f"reading {path}", "webdataset", "webdataset")
    names: set[str] = set()
    for tar in find_tars(path):
        split = split_in(tar.name)
        for sample in _samples(tar):
            item = _item(sample, tar, split, names)
            names.add(item.name)
            yield item


def _samples(tar: Path) -> Iterator[Mapping[str, Any]]:
    from webdataset.tariterators import group_by_keys, tar_file_expander

    try:
        with tar.open("rb") as stream:  # the library's own pipeline leaves it open
            yield from group_by_keys(tar_file_expander([{"url": str(tar), "stream": stream}]))
    except Exception as error:  # tarfile, zlib and the library raise many kinds
        raise UserError(f"{tar} is no tar file of WebDataset, or damaged ({shorten(error)}): get it again.") from error


def _item(sample: Mapping[str, Any], tar: Path, split: str | None, names: set[str]) -> PackedItem:
    where = f"{tar}, {sample['__key__']}"
    images = [key for key in sample if f".{key.rpartition('.')[2].lower()}" in SUFFIXES]
    found = one_mask(images) or _by_format(images)
    if found is None:
        raise UserError(
            f"{where}: photo and mask cannot be told apart among {join_names(images)}: name the files of an item like "
            "a.jpg and a.mask.png."
            if images
            else f"{where}: there is no image; name the files of an item like a.jpg and a.mask.png."
        )
    photo, mask = (PackedFile(sample[key], suffix_of(f".{key}", sample[key])) for key in found)
    values, own_split = _values(sample, where)
    name = _name(values.pop("name", ""), sample["__key__"], tar, names)
    return PackedItem(name, photo, mask, values, own_split or split)


def _by_format(images: list[str]) -> tuple[str, str] | None:
    """Photo and mask by their formats: a mask is not stored as JPEG."""
    lossy = [key for key in images if key.rpartition(".")[2].lower() in _LOSSY]
    if len(images) != 2 or len(lossy) != 1:
        return None
    return lossy[0], next(key for key in images if key not in lossy)


def _values(sample: Mapping[str, Any], where: str) -> tuple[dict[str, str], str | None]:
    """Single values of the item's JSON file and class file, and the split if the JSON names one."""
    values: dict[str, str] = {}
    try:
        content = json.loads(sample["json"]) if "json" in sample else {}
        if "cls" in sample:
            values["cls"] = sample["cls"].decode().strip()
    except ValueError as error:
        raise UserError(f"{where}: its .json or .cls file cannot be read ({shorten(error)}).") from error
    if isinstance(content, dict):
        values |= {name: str(value) for name, value in content.items() if isinstance(value, str | bool | int | float)}
    return values, values.pop("split", None)


def _name(own: str, key: str, tar: Path, names: set[str]) -> str:
    """Name of an item that no other has: that of its JSON, or of its files, alone, with its folder, or with its tar."""
    key = composed(key)
    whole = key.replace("/", "_")
    for name in (without_suffixes(own), key.rpartition("/")[2], whole, f"{tar.name.partition('.')[0]}-{whole}"):
        if name not in names and is_file_name(name):
            return name
    raise UserError(f"{tar} has two items {key}, or the name cannot be that of a file: give each a name of its own.")
