"""Colours of photos with profiles of every kind, and with remarks in place of profiles."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from scgan.data.images import open_photo

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exchanged(name: str) -> bytes:
    """sRGB with red and blue primaries exchanged, under a name of four letters."""
    red, blue = SRGB.index(b"rXYZ"), SRGB.index(b"bXYZ")
    profile = bytearray(SRGB)
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(profile).replace("sRGB".encode("utf-16-be"), name.encode("utf-16-be"))


def linear_grey() -> bytes:
    """Profile of grey levels that are proportional to the light."""
    text = b"Linear grey\0"
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(79),
        b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3I", 63190, 65536, 54061),
        b"kTRC": b"curv" + bytes(4) + struct.pack(">IH", 1, 256) + bytes(2),
    }
    offset, table, body = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", offset + len(body), len(content))
        body += padded
    header = struct.pack(">I4sI4s4s4s", offset + len(body), b"lcms", 0x02100000, b"mntr", b"GRAY", b"XYZ ")
    header += struct.pack(">6H", 2024, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3I", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


@pytest.mark.parametrize("name", ["sRGB", "XXXX"])
def test_colours_count_not_the_name_of_the_profile(name: str, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (4, 4), (255, 0, 0)).save(file, icc_profile=exchanged(name))
    photo = open_photo(file)
    assert photo.pixels[0, 0].tolist() == [0, 0, 255]
    assert photo.notes == (f"colours converted from {name} built-in to sRGB",)
    same = SRGB.replace("sRGB".encode("utf-16-be"), name.encode("utf-16-be"))
    Image.new("RGB", (4, 4), (255, 7, 99)).save(file, icc_profile=same)
    assert open_photo(file).notes == () and open_photo(file).pixels[0, 0].tolist() == [255, 7, 99]


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_profiles_of_grey_levels(mode: str, tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new(mode, (4, 4), 128 if mode == "L" else (128, 255)).save(file, icc_profile=linear_grey())
    photo = open_photo(file)
    assert photo.notes == ("colours converted from Linear grey to sRGB",)
    assert photo.pixels[0, 0] == pytest.approx([188, 188, 188], abs=1)  # 0.5 of the light


def test_profiles_of_another_space_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    Image.new("RGB", (4, 4), (9, 9, 9)).save(file, icc_profile=linear_grey())
    assert open_photo(file).notes == ("colour profile 'Linear grey' cannot be used, colours taken as sRGB",)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    Image.new("RGB", (4, 4), (9, 9, 9)).save(file, icc_profile=lab)
    assert "cannot be used" in open_photo(file).notes[0]


def test_adobe_rgb_of_a_camera_is_mentioned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0xA005] = {1: "R03"}
    file = tmp_path / "a.jpg"
    Image.new("RGB", (4, 4)).save(file, exif=exif)
    (note,) = open_photo(file).notes
    assert note.startswith("the camera says Adobe RGB")
    exif.get_ifd(0x8769)[0xA005] = {1: "R98"}
    Image.new("RGB", (4, 4)).save(file, exif=exif)
    assert open_photo(file).notes == ()


@pytest.mark.parametrize(("gamma", "mentioned"), [(100000, True), (45455, False)])
def test_the_gamma_of_png_is_mentioned(gamma: int, mentioned: bool, tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add(b"gAMA", struct.pack(">I", gamma))
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=chunks)
    notes = open_photo(tmp_path / "a.png").notes
    assert notes == (("the PNG's gamma of 1 is left out, colours taken as sRGB",) if mentioned else ())
