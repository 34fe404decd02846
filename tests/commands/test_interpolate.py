"""``scgan interpolate``: every kind of path from every kind of keyframe, and one sentence for each error."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from damage import reseal_dataset
from same_images import assert_same_images
from scgan.cli import main
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.rasterize import rasterize
from scgan.inference.mask_files import save_mask
from scgan.inference.synthesizer import Synthesizer, load


@pytest.fixture(scope="module")
def synthesizer(tiny_model: Path) -> Synthesizer:
    return load(tiny_model)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory, synthesizer: Synthesizer) -> Path:
    """Four faces as landmarks and as masks, and some files that are neither."""
    folder = tmp_path_factory.mktemp("faces")
    for number, yaw in enumerate((-15, 15, -10, 10)):
        points = toy_landmarks(yaw, smile=0.3 * number)
        (folder / f"{number}.json").write_text(json.dumps(points.tolist()))
        save_mask(folder / f"{number}.png", rasterize(points, 32), synthesizer.schema)
    (folder / "few.json").write_text(json.dumps([[0.5, 0.5]] * 67))
    (folder / "outside.json").write_text(json.dumps((toy_landmarks(center=(0.5, 0.75))).tolist()))
    other = np.full((32, 32), 9, np.uint8)
    Image.fromarray(other).save(folder / "other.png")
    Image.new("RGB", (128, 128), (120, 130, 140)).save(folder / "grey.jpg")
    return folder


def sheet(path: Path, rows: int, columns: int) -> np.ndarray:
    """Images of a sheet of 32×32, (rows, columns, 32, 32, 3)."""
    with Image.open(path) as image:
        pixels = np.asarray(image)
    assert pixels.shape == (rows * 34 - 2, columns * 34 - 2, 3)
    return np.stack([[pixels[r * 34 : r * 34 + 32, c * 34 : c * 34 + 32] for c in range(columns)] for r in range(rows)])


def run(model: Path, out: Path, *options: object) -> int:
    return main(["interpolate", str(model), "--out", str(out), "--size", "32", *map(str, options)])


SHEETS = {  # options → rows and columns of the sheet with its masks
    "--along left2right": (2, 4),
    "--along nosmile2smile --builtin toy --no-masks": (1, 4),
    "--along landmarks": (2, 4),
    "--along landmarks --landmarks 0.json 1.json 2.json": (2, 4),
    "--along left2right --landmarks 3.json": (2, 4),
    "--along mask": (2, 4),
    "--along mask --masks 0.png 1.png": (2, 4),
    "--along latent": (1, 5),
    "--along latent --seed-keyframes 4 5 6 --linear --masks 2.png": (1, 5),
    "--along attributes --attribute-keyframes Male Young=0.5": (1, 5),
    "--along nosmile2smile --rows latent": (4, 4),
    "--along latent --rows left2right": (3, 5),
    "--along attributes --rows latent --attribute-keyframes '' Male,Young": (3, 5),
    "--along left2right --rows nosmile2smile": (3, 8),
    "--along landmarks --rows nosmile2smile --landmarks 0.json 1.json": (3, 8),
    "--along latent --rows latent": (3, 5),
    "--along landmarks --rows landmarks --landmarks 0.json 1.json 2.json 3.json": (3, 8),
    "--along mask --rows mask --masks 0.png 1.png 2.png 3.png": (3, 8),
    "--along mask --rows attributes --attribute-keyframes Male Young Male,Young": (4, 4),
}


@pytest.mark.parametrize("options", SHEETS)
def test_every_kind_of_path(
    tiny_model: Path, faces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.chdir(faces)
    out = tmp_path / "sheet.png"
    assert run(tiny_model, out, *shlex.split(options), "--steps", 4, "--row-steps", 3) == 0
    rows, columns = SHEETS[options]
    images = sheet(out, rows, columns)
    assert (images[-1, -1] != images[-1, -2]).any()
    assert list(tmp_path.iterdir()) == [out]


def test_images_are_those_of_generate(tiny_model: Path, synthesizer: Synthesizer, tmp_path: Path) -> None:
    out = tmp_path / "strip.png"
    assert (
        run(
            tiny_model,
            out,
            *["--along", "latent", "--seed-keyframes", "3", "8", "--steps", "5", "--attributes", "Male"],
        )
        == 0
    )
    images = sheet(out, 1, 6)[0]
    mask = synthesizer.examples.segmentations[0]
    assert_same_images(images[1], synthesizer.generate(mask, "Male", seed=3))
    assert_same_images(images[5], synthesizer.generate(mask, "Male", seed=8))


def test_attributes_between(tiny_model: Path, synthesizer: Synthesizer, tmp_path: Path) -> None:
    out = tmp_path / "strip.png"
    options = "--along attributes --attribute-keyframes Male Young --steps 3 --seed 2"
    assert run(tiny_model, out, *options.split()) == 0
    mask = synthesizer.examples.segmentations[0]
    assert_same_images(sheet(out, 1, 4)[0, 2], synthesizer.generate(mask, "Male=0.5,Young=0.5", seed=2))


def test_end_points_found_in_data(
    tiny_model: Path, toy_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "strip.png"
    assert run(tiny_model, out, "--along", "left2right", "--data", toy_data, "--steps", 6) == 0
    said = capfd.readouterr()
    assert "left2right: from " in said.err
    assert "attributes: " in said.err
    assert said.out == f"6 images in {out}\n"
    masks = sheet(out, 2, 6)[0]
    # The middle of the face moves to the right of its own outline: the head turns.
    skin = masks.any(axis=-1)
    nose = (masks == (245, 150, 90)).all(axis=-1)

    def middle(region: np.ndarray) -> float:
        return float(np.nonzero(region)[1].mean())

    places = [middle(n) - middle(s) for n, s in zip(nose, skin, strict=True)]
    assert places[-1] - places[0] > 3
    assert places == pytest.approx(sorted(places), abs=0.5)


def test_items_of_a_prepared_folder(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "strip.png"
    assert run(tiny_model, out, "--along", "landmarks", "--data", toy_data, "--items", "3,17", "--steps", 2) == 0
    masks = np.load(toy_data / "segmentations.npy")
    shown = sheet(out, 2, 2)[0].any(axis=-1)
    np.testing.assert_array_equal(shown, masks[[3, 17]] > 0)


def test_a_photo_turns(tiny_model: Path, tmp_path: Path, shared_data: Path) -> None:
    pytest.importorskip("onnxruntime")
    photos = [shared_data / "london" / mood / "100.jpg" for mood in ("neutral", "smiling")]
    assert run(tiny_model, tmp_path / "a.png", "--along", "left2right", "--photo", photos[0], "--steps", 3) == 0
    assert run(tiny_model, tmp_path / "b.png", "--along", "landmarks", "--photo", *photos, "--steps", 3) == 0


def test_a_face_of_another_size(
    tiny_model: Path, synthesizer: Synthesizer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "small.json", tmp_path / "x.png"
    file.write_text(json.dumps(toy_landmarks(scale=0.14).tolist()))
    options = ("--along", "left2right", "--landmarks", file, "--steps", 3, "--overwrite")
    assert run(tiny_model, out, *options) == 0
    assert "small.json: the face is 0.5" in capfd.readouterr().err
    small = sheet(out, 2, 3)[0, 1].any(axis=-1).sum()
    assert run(tiny_model, out, *options, "--align-face") == 0
    assert "times as large" not in capfd.readouterr().err
    usual = np.mean([(mask > 0).sum() for mask in synthesizer.examples.segmentations])
    assert sheet(out, 2, 3)[0, 1].any(axis=-1).sum() == pytest.approx(usual, rel=0.25)
    assert small < 0.3 * usual


@pytest.mark.parametrize("suffix", ["gif", "mp4", "webm"])
def test_videos(tiny_model: Path, tmp_path: Path, suffix: str) -> None:
    if suffix != "gif":
        pytest.importorskip("av")
    out = tmp_path / f"video.{suffix}"
    options = ("--along", "left2right", "--rows", "latent", "--row-steps", 2, "--steps", 5, "--frame-rate", 10)
    assert run(tiny_model, out, *options, "--ping-pong") == 0
    if suffix == "gif":
        with Image.open(out) as video:
            assert video.size == (3 * 34 - 2, 32)
            assert video.n_frames == 8
            assert video.info["duration"] == 100
    else:
        import av

        with av.open(out) as video:
            assert [frame.width for frame in video.decode(video=0)] == [100] * 8


REFUSED = {  # options → part of the message
    "--along sideways": "--along is sideways: it must be left2right, nosmile2smile",
    "--along latent --steps 1": "--steps 1: a path has at least its two ends",
    "--along latent --rows mask --row-steps 0": "--row-steps 0: a path has at least its two ends",
    "--along latent --size 3": "--size 3: an image's side is between 8 and 2048 pixels",
    "--along latent --ping-pong": "--ping-pong is for videos",
    "--along latent --attribute-keyframes Male": "--attribute-keyframes are for --along attributes or --rows",
    "--along mask --seed-keyframes 3 4": "--seed-keyframes are for --along latent or --rows latent: add one",
    "--along mask --rows left2right": "masks follow masks or landmarks, not both",
    "--along left2right --rows left2right": "are the same motion",
    "--along attributes": "a path of attributes needs keyframes, --attribute-keyframes",
    "--along attributes --attribute-keyframes Male": "at least 2 keyframes, found 1",
    "--along attributes --attribute-keyframes Male Blue": "unknown attribute 'Blue'",
    "--along latent --seed-keyframes 3": "at least 2 keyframes, found 1",
    "--along latent --rows latent --seed-keyframes 1 2 3": "needs 4 keyframes, its corners row by row",
    "--along latent --seed-keyframes 5 5 --masks 0.png 1.png": "the mask does not change along this path, but 2",
    "--along landmarks --landmarks 0.json": "landmarks needs 2 keyframes, found 1",
    "--along landmarks --masks 0.png 1.png": "masks do not hold the 68 landmarks of a face",
    "--along left2right --landmarks 0.json 1.json": "left2right is the motion of one face, but 2",
    "--along landmarks --landmarks 0.json few.json": "few.json must hold a list of 68 landmarks",
    "--along landmarks --landmarks 0.json outside.json": "outside.json: landmark 4 lies outside",
    "--along mask --masks 0.png other.png": "other.png",
    "--along mask --masks 0.png none.png": "none.png does not exist",
    "--along mask --items 3,17": "--items needs --data",
    "--along left2right --photo grey.jpg": "grey.jpg: no face found",
    "--along left2right --data nowhere": "nowhere does not exist",
}


@pytest.mark.parametrize("options", REFUSED)
def test_refused(
    tiny_model: Path,
    faces: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    options: str,
) -> None:
    if "--photo" in options:
        pytest.importorskip("onnxruntime")
    monkeypatch.chdir(faces)
    arguments = ["interpolate", str(tiny_model), "--out", str(tmp_path / "x.png"), *shlex.split(options)]
    try:
        assert main(arguments) == 2
    except SystemExit as stop:  # the parser's message
        assert stop.code == 2
    said = capfd.readouterr().err
    assert REFUSED[options] in said
    assert "Traceback" not in said
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x.avi", "x", "x.jpg"])
def test_unknown_containers(tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    assert run(tiny_model, tmp_path / name, "--along", "latent") == 2
    assert "choose .png for an image, or .gif, .mp4, .webm for a video" in capfd.readouterr().err


def test_several_faces(tiny_model: Path, tmp_path: Path, shared_data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("onnxruntime")
    with Image.open(shared_data / "london" / "neutral" / "100.jpg") as image:
        face = image.convert("RGB").crop((100, 100, 412, 412))
    both = Image.new("RGB", (624, 624), "white")
    both.paste(face, (0, 100))
    both.paste(face, (312, 100))
    both.save(tmp_path / "both.png")
    options = ("--along", "left2right", "--photo", tmp_path / "both.png")
    assert run(tiny_model, tmp_path / "x.png", *options) == 2
    assert "both.png: 2 faces found: crop the photo so that it shows one" in capfd.readouterr().err


def test_data_of_another_model(
    tiny_model: Path, toy_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import shutil

    other = tmp_path / "other"
    shutil.copytree(toy_data, other)
    content = json.loads((other / "dataset.json").read_text())
    content["schema"]["class_names"][2] = "fur"
    reseal_dataset(other, schema=content["schema"])
    for options in (("--along", "left2right"), ("--along", "mask", "--items", "1,2")):
        assert run(tiny_model, tmp_path / "x.png", *options, "--data", other) == 2
        assert "only the model has eyebrows" in capfd.readouterr().err


def test_what_exists_is_kept(tiny_model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.png"
    out.write_text("mine")
    assert run(tiny_model, out, "--along", "latent") == 2
    assert "exists already" in capfd.readouterr().err
    assert out.read_text() == "mine"
    assert run(tiny_model, out, "--along", "latent", "--steps", 2, "--overwrite") == 0
    assert sheet(out, 1, 3).any()
