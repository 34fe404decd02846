"""Colours of photos: from the profile that a file carries to sRGB."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

# A profile that changes no colour by more than this (of 255) is sRGB, whatever it is called.
_MAX_DIFFERENCE = 4
_GREY_MODES = ("1", "L", "LA")
_EXIF_INTEROPERABILITY, _INTEROPERABILITY_INDEX = 0xA005, 1
_ADOBE_RGB = "R03"
_SRGB_GAMMA = 0.45455  # of PNG


class _Profile(NamedTuple):
    """Name of a profile and the conversion of its colours to sRGB; None where none is needed or possible."""

    name: str
    is_srgb: bool
    transform: ImageCms.ImageCmsTransform | None


def to_srgb(image: Image.Image) -> tuple[Image.Image, str]:
    """The image in sRGB (mode RGB), without transparency, and a remark about its colours, or ""."""
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not profile:
        return image.convert("RGB"), _remark_without_profile(image)
    mode = "CMYK" if image.mode == "CMYK" else "RGB"
    if image.mode in _GREY_MODES and _space(profile) == "GRAY":
        mode = "L"
    name, is_srgb, transform = _open(profile, mode)
    if is_srgb:
        return image.convert("RGB"), ""
    if transform is None:
        return image.convert("RGB"), f"colour profile {name!r} cannot be used, colours taken as sRGB"
    converted = ImageCms.applyTransform(image.convert("RGB") if mode == "RGB" else image.convert(mode), transform)
    assert converted is not None  # None only where it works in place
    return converted, f"colours converted from {name} to sRGB"


def _remark_without_profile(image: Image.Image) -> str:
    """Remark about colours that are described otherwise than by a profile."""
    gamma = image.info.get("gamma")
    if isinstance(gamma, float) and "srgb" not in image.info and abs(gamma - _SRGB_GAMMA) > 0.02:
        return f"the PNG's gamma of {gamma:g} is left out, colours taken as sRGB"
    try:
        index = image.getexif().get_ifd(_EXIF_INTEROPERABILITY).get(_INTEROPERABILITY_INDEX)
    except Exception:  # malformed EXIF raises errors of many kinds; the pixels do not depend on it
        return ""
    if str(index).strip("\0 ") == _ADOBE_RGB:
        return "the camera says Adobe RGB, but there is no colour profile: colours taken as sRGB"
    return ""


def _space(profile: bytes) -> str:
    """Colour space of a profile, as in "RGB", "GRAY"."""
    return profile[16:20].decode("latin1").strip()


@lru_cache(maxsize=16)
def _open(profile: bytes, mode: str) -> _Profile:
    try:
        opened = ImageCms.ImageCmsProfile(BytesIO(profile))
        name = " ".join(ImageCms.getProfileDescription(opened).split()) or "without a name"
    except Exception:  # littleCMS raises errors of many kinds for damaged profiles
        return _Profile("damaged", False, None)
    try:
        transform = ImageCms.buildTransform(opened, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode != "CMYK" and _changes_nothing(transform, mode):
            return _Profile(name, True, None)
    except Exception:  # as above
        return _Profile(name, "srgb" in name.lower(), None)
    return _Profile(name, False, transform)


def _changes_nothing(transform: ImageCms.ImageCmsTransform, mode: str) -> bool:
    """True if a transform leaves colours of all kinds nearly as they are."""
    levels = np.arange(0, 256, 15, dtype=np.uint8)
    colors = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(len(levels), -1, 3)
    before = Image.fromarray(colors if mode == "RGB" else levels[None])
    after = ImageCms.applyTransform(before, transform)
    assert after is not None
    difference = np.asarray(after, np.int16) - np.asarray(before.convert("RGB"), np.int16)
    return bool(np.abs(difference).max() <= _MAX_DIFFERENCE)
