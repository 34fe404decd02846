"""Pairs of photo and mask files, matched by their names."""

from __future__ import annotations

import re
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from scgan.data import file_kinds, image_plugins, mask_arrays
from scgan.data.file_kinds import read_kind
from scgan.data.images import SUFFIXES
from scgan.data.mask_pixels import MASK_SUFFIXES
from scgan.data.names import composed, without_suffixes
from scgan.utils.errors import UserError
from scgan.utils.text import counted, join_names

MASK_WORDS = (
    "gtfine_labelids|gtfine_color|labelids|labeltrainids|masks?|labels?|lbl|seg|segm|segs|segmentations?|segmented|gt|"
    "ground_?truth|annotations?|annotated|anno|ann|parsing|parse|trimap|matte|target"
)
_PHOTO_WORDS = "images?|img|frames?|photos?|pics?|rgb|leftimg8bit|sat|colou?r|input|orig|original|raw"
_MASK_TAG = re.compile(rf"[_\-. ]+({MASK_WORDS})$|^({MASK_WORDS})[_\-. ]+", re.IGNORECASE)
_PHOTO_TAG = re.compile(rf"[_\-. ]+({_PHOTO_WORDS})$|^({_PHOTO_WORDS})[_\-. ]+", re.IGNORECASE)
_BRUSH_MASK = re.compile(r"task-\d+-annotation-\d+-by-")
# Formats that masks are not kept in; a photo and a mask of one name differ by them.
_LOSSY = (".jpg", ".jpeg", ".jfif", ".webp", *image_plugins.SUFFIXES)
# Formats that are left out beside a file of the same name in a usual format, which was made from it.
_TEXTS = frozenset({".json", ".xml", ".txt", ".csv", ".tsv", ".yaml", ".yml", ".md"})
_SECOND_CHOICE = (*image_plugins.SUFFIXES, mask_arrays.SUFFIX)
# Suffixes of images that are not read; somebody who has such files among others wants to know.
_UNREAD = frozenset(
    {".jp2", ".j2k", ".jpf", ".psd", ".xcf", ".svg", ".eps", ".pdf", ".tga", ".exr"}
    | {".raw", ".cr2", ".cr3", ".nef", ".arw", ".dng", ".orf", ".rw2", ".ppm", ".pgm", ".pbm", ".pnm", ".dcm", ".nii"}
    | {".npy", ".npz", ".mat", ".h5", ".pkl", ".pt"}
)

Files = dict[str, Path]


class Pairs(NamedTuple):
    """Files of items. An item may lack its photo or its mask.

    Attributes:
        photos: item → file.
        masks: item → file.
        assumptions: sentences about names that differ and files that are left out.
    """

    photos: Files
    masks: Files
    assumptions: list[str]


def match_files(images: Path, masks: Path) -> Pairs:
    """Find the pairs of photo and mask in two folders, or in one.

    Names that are the same but for their suffix come first. The others may differ in case, in the form of composed
    letters, in a second suffix (a.jpg.png), in words such as ``_mask``, ``label_`` or ``_img``, in one more part that
    all masks have, or in leading zeros. Hidden files are left out.

    Raises:
        UserError: a folder is missing or has no images, two files have one name, a photo has two masks, or there is no
            pair at all.
    """
    photo_files, assumptions = _image_files(images)
    if images.resolve() == masks.resolve():
        photo_files, mask_files = _separated(images, photo_files)
    else:
        mask_files, remarks = _image_files(masks, MASK_SUFFIXES)
        assumptions += remarks
    photos, masks_by_name = _by_name(images, photo_files), _by_name(masks, mask_files)
    partners = _partners(photos, masks_by_name)
    if not partners and not photos.keys() & masks_by_name.keys():
        if _BRUSH_MASK.match(mask_files[0].name):
            raise UserError(
                f"{masks} has brush masks of Label Studio ({mask_files[0].name}), without names of photos: export as "
                "JSON, and give it with --annotations."
            )
        raise UserError(
            f"no photo of {images} has a mask in {masks}: they are matched by name, but the first are called "
            f"{photo_files[0].name} and {mask_files[0].name}."
        )
    if partners:
        name, mask = next(iter(partners.items()))
        assumptions.append(
            f"{counted(len(partners), 'mask')} of photos with another name, as {masks_by_name[mask].name} for "
            f"{photos[name].name}"
        )
    photo_of = {mask: photo for photo, mask in partners.items()}
    matched = {photo_of.get(name, name): file for name, file in masks_by_name.items()}
    return Pairs(photos, matched, assumptions)


def list_photos(folder: Path) -> tuple[Files, list[str]]:
    """Name without suffix → file, of the photos of a folder; and remarks about files that are left out.

    Raises:
        UserError: the folder is missing or has no images, or two files have one name.
    """
    files, remarks = _image_files(folder)
    return _by_name(folder, files), remarks


def _image_files(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> tuple[list[Path], list[str]]:
    """Image files of a folder by name, and remarks about those that are left out."""
    if not folder.is_dir():
        raise UserError(_not_a_folder(folder))

    def is_image(file: Path) -> bool:
        return file.suffix.lower() in suffixes

    entries = sorted(folder.iterdir())
    shown = [file for file in entries if not file.name.startswith(".") and _can_be_read(file)]
    files = [file for file in shown if is_image(file)]
    others = Counter(file.suffix.lower() for file in shown if not is_image(file) and file.suffix and file.is_file())
    if not files:
        inner = [entry.name for entry in entries if entry.is_dir() and any(is_image(file) for file in entry.iterdir())]
        hint = f"; its folders {join_names(inner)} have some: give one of them" if inner else ""
        if others and not inner:
            annotations = others.keys() <= {".json", ".xml", ".txt", ".csv"}
            remedy = "give annotations with --annotations" if annotations else "convert them to PNG"
            hint = f", only {join_names(_counted(others))}: {remedy}"
        raise UserError(f"{folder} has no images ({', '.join(suffixes)}){hint}.")
    hidden = [file.name for file in entries if is_image(file) and file.name.startswith(".")]
    remarks = [f"{counted(len(hidden), 'hidden file')} of {folder} left out ({hidden[0]})"] if hidden else []
    if unread := {suffix: count for suffix, count in others.items() if suffix in _UNREAD}:
        remarks.append(f"{join_names(_counted(unread))} of {folder} left out: convert them to PNG or JPEG")
    if odd := [file.name for file in shown if not is_image(file) and _is_odd_image(file)]:
        remarks.append(
            f"{counted(len(odd), 'image')} of {folder} left out, without a usual suffix ({odd[0]}): rename them"
        )
    usual = {composed(file.stem) for file in files if file.suffix.lower() not in _SECOND_CHOICE}
    kept = [file for file in files if file.suffix.lower() not in _SECOND_CHOICE or composed(file.stem) not in usual]
    if doubles := Counter(file.suffix.lower() for file in files if file not in set(kept)):
        remarks.append(f"{join_names(_counted(doubles))} of {folder} left out, which has files of the same name")
    return kept, remarks


def _can_be_read(file: Path) -> bool:
    """False for folders, pipes and devices; reading a pipe would wait forever. A broken link is an item's own fault."""
    try:
        return stat.S_ISREG(file.stat().st_mode)
    except OSError:
        return True


def _is_odd_image(file: Path) -> bool:
    """True for an image with another suffix or none, which nothing else would mention."""
    suffix = file.suffix.lower()
    return suffix not in _UNREAD | _TEXTS and file.is_file() and file_kinds.is_image(file)


def _counted(suffixes: Mapping[str, int]) -> list[str]:
    return [counted(count, f"{suffix} file") for suffix, count in suffixes.items()]


def _not_a_folder(path: Path) -> str:
    """Sentence about a path in place of a folder of images."""
    if not path.exists():
        return f"{path} is not a folder."
    if path.suffix.lower() in (".json", ".xml"):
        return f"{path} is not a folder but a file: annotations are given with --annotations."
    if path.suffix.lower() == ".csv":
        return f"{path} is not a folder but a table: run lengths in a table are not read, convert them to PNG or COCO."
    if (kind := read_kind(path)) and kind.remedy.startswith("unpack"):
        return f"{path} is not a folder but {kind.name}: unpack it, and give the folder with the images."
    return f"{path} is not a folder but a file: give the folder that holds the images."


def _separated(folder: Path, files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Photos and masks of one folder: told apart by a word in the name, else by the format."""
    masks = [file for file in files if _MASK_TAG.search(without_suffixes(file.name))]
    if not masks:
        masks = [file for file in files if file.suffix.lower() not in _LOSSY]
    photos = [file for file in files if file not in set(masks)]
    if not photos or not masks:
        raise UserError(
            f"{folder} holds photos and masks that cannot be told apart ({files[0].name}, {files[-1].name}): put the "
            "masks into a folder of their own, or call them NAME_mask.png."
        )
    return photos, masks


def _by_name(folder: Path, files: Iterable[Path]) -> Files:
    """Name without suffix → file."""
    by_name: Files = {}
    for file in files:
        name = composed(file.stem)
        if name in by_name:
            raise UserError(f"{folder} has {by_name[name].name} and {file.name}: remove one of them.")
        by_name[name] = file
    return by_name


def _partners(photos: Files, masks: Files) -> dict[str, str]:
    """Photo → mask of another name.

    Raises:
        UserError: a photo has two masks, or a mask may belong to two photos.
    """
    reduced_masks = {name: _reduced(name, _MASK_TAG) for name in masks}
    reduced_photos = {name: _reduced(name, _PHOTO_TAG) for name in photos}
    exact = photos.keys() & masks.keys()
    _require_single(photos, masks, {name: reduced for name, reduced in reduced_masks.items() if name not in exact})
    partners: dict[str, str] = {}
    for rule in (lambda name: name, _affix_rule(reduced_photos, reduced_masks, exact), _number):
        left_photos = {n: rule(r) for n, r in reduced_photos.items() if n not in exact and n not in partners}
        taken = set(partners.values())
        left_masks = {n: rule(r) for n, r in reduced_masks.items() if n not in exact and n not in taken}
        partners |= _unique_matches(photos, masks, left_photos, left_masks)
    return dict(sorted(partners.items()))


def _require_single(photos: Files, masks: Files, reduced: Mapping[str, str]) -> None:
    """Check that no photo with a mask of its own name has another mask."""
    for name, text in reduced.items():
        for photo in (text, without_suffixes(name)):
            if photo in masks and photo in photos:
                raise UserError(
                    f"photo {photos[photo].name} has two masks, {masks[photo].name} and {masks[name].name}: keep one."
                )


def _unique_matches(
    photos: Files, masks: Files, photo_keys: Mapping[str, str], mask_keys: Mapping[str, str]
) -> dict[str, str]:
    groups: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for index, keys in enumerate((photo_keys, mask_keys)):
        for name, key in keys.items():
            if key:
                groups[key][index].append(name)
    matches = {}
    for own_photos, own_masks in groups.values():
        if (len(own_photos) > 1 and own_masks) or (len(own_masks) > 1 and own_photos):
            files = [photos[name].name for name in own_photos] + [masks[name].name for name in own_masks]
            raise UserError(
                f"{join_names(files)} may belong together, but more than one photo and one mask have this name: keep "
                "one kind of masks in the folder, and give each the name of its photo."
            )
        if own_photos and own_masks:
            matches[own_photos[0]] = own_masks[0]
    return matches


def _reduced(name: str, tag: re.Pattern[str]) -> str:
    """The name without further suffixes of images, without the words of ``tag``, in lower case."""
    while (shorter := tag.sub("", without_suffixes(name)).strip()) not in ("", name):
        name = shorter
    return name.casefold()


def _affix_rule(photos: Mapping[str, str], masks: Mapping[str, str], exact: Iterable[str]) -> Callable[[str], str]:
    """Removes what the names of all masks have more than those of their photos, if there is such a part."""
    names = {text for name, text in photos.items() if name not in set(exact)}
    others = [text for name, text in masks.items() if name not in set(exact) and text not in names]
    if len(others) < 2:
        return lambda name: name
    for name in sorted(names, key=len, reverse=True):
        before, found, after = others[0].partition(name)
        affix = before + after
        if found and re.search(r"[^\W\d_]", affix) and all(_stripped(one, before, after) in names for one in others):
            return lambda name: _stripped(name, before, after)
    return lambda name: name


def _stripped(name: str, before: str, after: str) -> str:
    if name.startswith(before) and name.endswith(after) and len(name) > len(before + after):
        return name[len(before) : len(name) - len(after)]
    return name


def _number(name: str) -> str:
    """Digits without leading zeros; "" for other names, which this rule leaves alone."""
    return str(int(name)) if name.isdecimal() else ""
