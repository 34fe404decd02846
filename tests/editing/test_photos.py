"""Photos: faces chosen and refused, masks of whole photos, sizes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import scgan
from scgan import Synthesizer, UserError
from scgan.editing.photos import PhotoOptions, open_project_photo, place
from scgan.editing.placement import cut_classes
from scgan.faces.mean_face import toy_landmarks
from scgan.inference.mask_files import save_mask
from scgan.inference.photo_parser import PhotoParser
from tflite_files import write_network


def grey(file: Path, width: int, height: int) -> Path:
    Image.new("RGB", (width, height), (90, 90, 90)).save(file)
    return file


def test_sizes(tmp_path: Path, model: Synthesizer) -> None:
    with pytest.raises(UserError, match="has 10×8 pixels, which is too small for a photo"):
        open_project_photo(grey(tmp_path / "a.png", 10, 8))
    with pytest.raises(UserError, match="more than 16 times as long as wide"):
        open_project_photo(grey(tmp_path / "b.png", 800, 20))
    with pytest.raises(UserError, match="is missing"):
        open_project_photo(tmp_path / "none.png")
    points = tmp_path / "points.json"
    points.write_text(json.dumps((toy_landmarks(scale=0.3) * 0.1 + 0.4).tolist()))
    with pytest.raises(UserError, match=r"is only \d pixels wide, the model draws 32: take a larger photo"):
        place(model, grey(tmp_path / "c.png", 60, 60), PhotoOptions(landmarks=points))


def test_files_that_are_no_single_photo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"is a folder, not an image: name a file in it\.$"):
        open_project_photo(tmp_path)
    first, second = (Image.new("RGB", (20, 30), color) for color in ("red", "blue"))
    first.save(tmp_path / "two.gif", save_all=True, append_images=[second])
    assert open_project_photo(tmp_path / "two.gif")[0, 0].tolist() == [255, 0, 0]
    assert "two.gif has 2 images; the first one is used." in capsys.readouterr().err


def test_turned_heads_are_refused(tmp_path: Path, model: Synthesizer) -> None:
    points = tmp_path / "points.json"
    points.write_text(json.dumps(toy_landmarks(yaw=55).tolist()))
    with pytest.raises(UserError, match=r"the head is turned by about 5.°, beyond 40°"):
        place(model, grey(tmp_path / "a.png", 90, 90), PhotoOptions(landmarks=points))


def test_a_mask_of_the_whole_photo(tmp_path: Path, model: Synthesizer, photo_files: tuple[Path, Path]) -> None:
    photo, landmarks = photo_files
    mask = np.zeros((120, 160), np.uint8)
    mask[20:100, 50:110] = 1
    save_mask(tmp_path / "mask.png", mask, model.schema)
    placed = place(model, photo, PhotoOptions(mask=tmp_path / "mask.png"))
    assert placed.landmarks is None and set(np.unique(placed.segmentation)) == {0, 1}
    assert placed.placement.side((120, 160)) == 120  # the central square
    aligned = place(model, photo, PhotoOptions(mask=tmp_path / "mask.png", landmarks=landmarks))
    assert aligned.placement == place(model, photo, PhotoOptions(landmarks=landmarks)).placement
    with pytest.raises(UserError, match="--face chooses the face that the mask is drawn from, --mask gives it"):
        place(model, photo, PhotoOptions(mask=tmp_path / "mask.png", face=1))
    for options in (PhotoOptions(landmarks=landmarks, face=1), PhotoOptions(landmarks=landmarks, detector="dlib")):
        with pytest.raises(UserError, match="--landmarks gives them: leave out one"):
            place(model, photo, options)
    save_mask(tmp_path / "square.png", mask[:, :120], model.schema)
    with pytest.raises(UserError, match=r"is 120×120, which are not the proportions of .*photo.png \(160×120\)"):
        place(model, photo, PhotoOptions(mask=tmp_path / "square.png"))


def test_a_mask_smaller_than_its_photo(tmp_path: Path) -> None:
    """Models of street photos see the square around the mask's foreground, whatever the mask's own size."""
    fashion = scgan.load("fashion", engine="torch")
    photo = grey(tmp_path / "a.png", 120, 200)
    mask = np.zeros((200, 120), np.uint8)
    mask[40:160, 30:90] = 3
    placements = []
    for size in ((200, 120), (100, 60)):
        small = np.asarray(Image.fromarray(mask).resize(size[::-1], Image.Resampling.NEAREST))
        save_mask(tmp_path / "mask.png", small, fashion.schema)
        placed = place(fashion, photo, PhotoOptions(mask=tmp_path / "mask.png"))
        placements.append(placed.placement)
        assert (placed.segmentation == 3).sum() == pytest.approx(fashion.schema.image_size**2 * 0.5 / 1.1**2, rel=0.1)
    assert placements[0].corner == pytest.approx(placements[1].corner, abs=0.01)


def test_a_network_that_finds_the_mask(tmp_path: Path, model: Synthesizer, photo_files: tuple[Path, Path]) -> None:
    pytest.importorskip("ai_edge_litert", reason="the extra parser is not installed")
    photo, landmarks = photo_files
    weights, bias = np.array([[0, 0, 0], [-8, 8, 0]], np.float32), np.array([0, 1.5], np.float32)
    network = write_network(tmp_path / "a.tflite", weights, bias, size=64, labels=("background", "clothes"))
    options = PhotoOptions(landmarks=landmarks, parser=network, parser_classes=("clothes=lips",))
    placed, drawn = place(model, photo, options), place(model, photo, PhotoOptions(landmarks=landmarks))
    assert placed.placement == drawn.placement and placed.landmarks is None
    assert set(np.unique(placed.segmentation)) == {0, model.schema.class_names.index("lips")}
    mask = PhotoParser(network, ["clothes=lips"], model.schema).segment(open_project_photo(photo))
    np.testing.assert_array_equal(placed.segmentation, cut_classes(mask, placed.placement, 32))
    with pytest.raises(UserError, match="--mask and --parser both give the photo's mask"):
        place(model, photo, options._replace(mask=photo))
    with pytest.raises(UserError, match="--parser-classes are those of a network: give it as --parser"):
        place(model, photo, options._replace(parser=None))


def test_photos_without_or_with_several_faces(tmp_path: Path, model: Synthesizer, shared_data: Path) -> None:
    with pytest.raises(UserError, match=r"no face found: choose a photo with a face"):
        place(model, grey(tmp_path / "none.png", 64, 64))
    people = sorted((shared_data / "london" / "neutral").glob("*.jpg"))[:2]
    two = np.concatenate([np.asarray(Image.open(file).convert("RGB").resize((160, 160))) for file in people], axis=1)
    Image.fromarray(two).save(tmp_path / "two.png")
    with pytest.raises(UserError, match=r"2 faces found: choose one by its number from the left, --face 1"):
        place(model, tmp_path / "two.png")
    with pytest.raises(UserError, match=r"--face 3: .*two.png shows 2"):
        place(model, tmp_path / "two.png", PhotoOptions(face=3))
    right = place(model, tmp_path / "two.png", PhotoOptions(face=2))
    assert right.placement.corner.real > 0.4
