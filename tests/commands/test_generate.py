"""``scgan generate``: images, masks and a manifest from which each image can be generated again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import scgan
from output_folders import pixels
from patience import MAX_SECONDS
from same_images import assert_same_images
from scgan.cli import main
from tflite_files import write_network


def generate(model: Path, out: Path, *options: str) -> list[dict[str, Any]]:
    assert main(["generate", str(model), "--out", str(out), *options]) == 0
    entries: list[dict[str, Any]] = json.loads((out / "manifest.json").read_text())["images"]
    assert sorted(path.name for path in (out / "images").iterdir()) == sorted(
        Path(entry["file"]).name for entry in entries
    )
    return entries


def test_the_models_own_examples(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = generate(tiny_model, tmp_path / "out")
    assert capsys.readouterr().out == f"6 images in {tmp_path / 'out'}\n"
    assert [entry["seed"] for entry in entries] == list(range(6))
    assert pixels(tmp_path / "out" / entries[0]["file"]).shape == (32, 32, 3)


_WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from scgan.cli import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_cached_engine_needs_no_torch(tiny_model: Path, tmp_path: Path) -> None:
    """The import of PyTorch takes longer than all else of a short command."""
    pytest.importorskip("onnxruntime")
    entries = generate(tiny_model, tmp_path / "first", "--engine", "onnxruntime")  # writes the engine's file
    command = ["generate", str(tiny_model), "--engine", "onnxruntime", "--out", str(tmp_path / "second")]
    subprocess.run([sys.executable, "-c", _WITHOUT_TORCH, *command], check=True, timeout=MAX_SECONDS)
    for entry in entries:
        assert_same_images(pixels(tmp_path / "first" / entry["file"]), pixels(tmp_path / "second" / entry["file"]))


def test_an_entry_is_enough_to_generate_its_image_again(tiny_model: Path, tmp_path: Path) -> None:
    model = scgan.load(tiny_model)
    entries = generate(tiny_model, tmp_path / "out", "--per-mask=3", "--seed=40", "--attributes=Blond_Hair,Young=0.25")
    assert [entry["seed"] for entry in entries] == list(range(40, 58))
    for entry in entries[::4]:
        assert entry["attributes"]["Blond_Hair"] == 1 and entry["attributes"]["Young"] == 0.25
        attributes = np.array([entry["attributes"][name] for name in model.schema.attribute_names])
        again = model.generate(pixels(tmp_path / "out" / entry["mask"]), attributes, seed=entry["seed"])
        assert_same_images(again, pixels(tmp_path / "out" / entry["file"]))


def test_a_manifest_gives_the_same_images(tiny_model: Path, tmp_path: Path) -> None:
    entries = generate(tiny_model, tmp_path / "first", "--per-mask=2", "--seed=5")
    manifest = str(tmp_path / "first" / "manifest.json")
    assert generate(tiny_model, tmp_path / "second", "--from", manifest) == entries
    for entry in entries:
        assert_same_images(*(pixels(tmp_path / out / entry["file"]) for out in ("first", "second")))


def test_an_image_is_the_same_alone_and_in_a_batch(tiny_model: Path, tmp_path: Path) -> None:
    mask = tmp_path / "mask.png"
    Image.fromarray(np.eye(32, dtype=np.uint8)).save(mask)
    generate(tiny_model, tmp_path / "many", "--masks", str(mask), "--per-mask=20")
    generate(tiny_model, tmp_path / "one", "--masks", str(mask), "--seed=13")
    images = [pixels(tmp_path / out / "images" / "mask-13.png") for out in ("many", "one")]
    assert_same_images(*images)


def test_masks_of_one_name_get_files_of_their_own(tiny_model: Path, tmp_path: Path) -> None:
    """Two masks: hair.png and hair.bmp."""
    (tmp_path / "masks").mkdir()
    for suffix, value in (("png", 1), ("bmp", 2)):
        Image.fromarray(np.full((32, 32), value, np.uint8)).save(tmp_path / "masks" / f"hair.{suffix}")
    entries = generate(tiny_model, tmp_path / "out", "--masks", str(tmp_path / "masks"))
    assert [np.unique(pixels(tmp_path / "out" / entry["mask"])).tolist() for entry in entries] == [[2], [1]]


def test_items_have_their_attributes(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    entries = generate(tiny_model, tmp_path / "out", "--data", str(toy_data), "--items", "3,17")
    attributes = np.load(toy_data / "attributes.npy")[[3, 17]]
    assert [list(entry["attributes"].values()) for entry in entries] == attributes.tolist()


def test_masks_of_files_get_the_most_frequent_attributes(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Zeros are rare in most data. Attributes that are given, even as an empty text, are those of the images."""
    vectors, counts = np.unique(scgan.load(tiny_model).examples.attributes, axis=0, return_counts=True)
    mask = tmp_path / "mask.png"
    Image.fromarray(np.eye(32, dtype=np.uint8)).save(mask)
    (entry,) = generate(tiny_model, tmp_path / "default", "--masks", str(mask))
    assert list(entry["attributes"].values()) == vectors[counts.argmax()].tolist()
    assert "model's examples (choose others with --attributes: Black_Hair, " in capsys.readouterr().err
    (entry,) = generate(tiny_model, tmp_path / "none", "--masks", str(mask), "--attributes", "")
    assert not any(entry["attributes"].values())
    assert "attributes: none is requested, so Black_Hair, " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--per-mask=0"], "--per-mask 0: at least 1 image is needed"),
        (["--masks=a", "--photo=b"], "masks can come from one source only, not from --masks and --photo"),
        (["--items=3"], "--items needs --data"),
        (["--align-face"], "--align-face moves a face of --landmarks or --photo"),
        (["--attributes=Bald"], "unknown attribute 'Bald'; known are Black_Hair"),
        (["--masks=nowhere"], "nowhere does not exist"),
        (["--data=nowhere"], "nowhere does not exist: make it with `scgan prepare`"),
        (["--device=abacus"], "device 'abacus' cannot be used here"),
        (["--from=nowhere.json"], "nowhere.json"),
        (["--from=nowhere.json", "--align-face"], "leave out --align-face"),
        (["--from=nowhere.json", "--parser-classes=a=b"], "leave out --parser-classes"),
    ],
)
def test_misuse(
    tiny_model: Path, options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["generate", str(tiny_model), "--out", str(tmp_path / "out"), *options]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


def test_an_image_is_not_a_manifest(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("RGB", (32, 32)).save(tmp_path / "image.png")
    assert main(["generate", str(tiny_model), "--out", str(tmp_path / "out"), f"--from={tmp_path / 'image.png'}"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert "image.png is not text, so not a manifest: give the manifest of generated images." in said


def test_a_face_is_aligned_with_those_of_the_model(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    face = np.load(toy_data / "landmarks.npy")[0]
    file = tmp_path / "small.json"
    file.write_text(json.dumps((face * 0.5).tolist()))
    shares = []
    for options in ([], ["--align-face"]):
        out = tmp_path / f"out{len(shares)}"
        (entry,) = generate(tiny_model, out, "--landmarks", str(file), *options)
        shares.append((pixels(out / entry["mask"]) > 0).mean())
    usual = (scgan.load(tiny_model).examples.segmentations > 0).mean()
    assert shares[0] < 0.4 * usual < 0.7 * usual < shares[1] < 1.4 * usual


def test_a_face_of_a_photo_is_aligned_by_default(tiny_model: Path, tmp_path: Path, shared_data: Path) -> None:
    """The face fills most of this photo; in the model's data it is smaller."""
    pytest.importorskip("onnxruntime")
    photo = str(shared_data / "london" / "neutral" / "100.jpg")
    shares = []
    for options in ([], ["--align-face"], ["--no-align-face"]):
        out = tmp_path / f"out{len(shares)}"
        (entry,) = generate(tiny_model, out, "--photo", photo, *options)
        shares.append((pixels(out / entry["mask"]) > 0).mean())
    usual = (scgan.load(tiny_model).examples.segmentations > 0).mean()
    assert shares[0] == shares[1] == pytest.approx(usual, rel=0.3)
    assert abs(shares[2] - usual) > abs(shares[0] - usual)


def test_the_mask_of_a_photo_by_segmentor_or_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A photo for a model whose masks are not drawn from landmarks: a red dress."""
    pytest.importorskip("ai_edge_litert", reason="the extra parser is not installed")
    photo = np.full((120, 80, 3), 230, np.uint8)
    photo[30:90, 20:60] = (200, 30, 30)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    weights, bias = np.array([[0, 0, 0], [0, -8, 0]], np.float32), np.array([0, 4], np.float32)
    network = write_network(tmp_path / "a.tflite", weights, bias, size=64, labels=("background", "clothes"))
    parser = ["--parser", str(network), "--parser-classes", "clothes=lower clothes"]
    for name, options in (("segmentor", []), ("parser", parser)):
        out = ["--engine", "torch", "--out", str(tmp_path / name)]
        assert main(["generate", "fashion", "--photo", str(tmp_path / "photo.png"), *options, *out]) == 0
        (mask,) = (tmp_path / name / "masks").iterdir()
        assert np.asarray(Image.open(mask)).any()
    schema = scgan.load("fashion").schema
    mask = np.asarray(Image.open(next((tmp_path / "parser" / "masks").iterdir())))
    assert set(np.unique(mask)) == {0, schema.class_names.index("lower clothes")}
    assert (mask > 0).mean() == pytest.approx(2 / 3 / 1.1**2, abs=0.06)  # a square around it, with a margin
    for options, message in (
        (["--parser", str(network)], "finds the masks of photos: give --photo"),
        (["--parser-classes", "a=b"], "--parser-classes are those of a network"),
        (["--photo", str(tmp_path / "photo.png"), "--parser", "none.tflite"], "none.tflite cannot be read"),
    ):
        assert main(["generate", "fashion", *options, "--out", str(tmp_path / "none")]) == 2
        assert message in capsys.readouterr().err
    faces = ["generate", "faces", "--photo", str(tmp_path / "photo.png"), *parser, "--out", str(tmp_path / "none")]
    assert main(faces) == 2
    assert "the masks of this model are drawn from landmarks" in capsys.readouterr().err


def test_a_detector_needs_a_photo(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["generate", str(tiny_model), "--out", str(tmp_path / "out"), "--detector", "mediapipe"]
    assert main(command) == 2
    assert "--detector mediapipe finds landmarks in photos: give --photo, or leave it out." in capsys.readouterr().err
    assert main([*command, "--from", str(tmp_path / "manifest.json")]) == 2
    assert "--from gives mask, attributes and seed of each image: leave out --detector." in capsys.readouterr().err


def test_dlib_is_used_on_request(tiny_model: Path, tmp_path: Path, shared_data: Path) -> None:
    pytest.importorskip("onnxruntime")
    pytest.importorskip("dlib")
    photo = str(shared_data / "london" / "neutral" / "100.jpg")
    masks = []
    for name in ("auto", "mediapipe", "dlib"):
        (entry,) = generate(tiny_model, tmp_path / name, "--photo", photo, "--detector", name)
        masks.append(pixels(tmp_path / name / entry["mask"]))
    assert np.array_equal(masks[0], masks[1]) and not np.array_equal(masks[0], masks[2])


def test_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["generate", str(tmp_path), "--out", str(tmp_path / "out")]) == 2
    assert "has no model.json: it is neither a model folder nor" in capsys.readouterr().err


def test_existing_output_is_kept_unless_replaced(
    tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "letter.txt").touch()
    assert main(["generate", str(tiny_model), "--out", str(out)]) == 2
    assert "exists already: choose another --out, or replace it with --overwrite" in capsys.readouterr().err
    assert (out / "letter.txt").exists()
    assert main(["generate", str(tiny_model), "--out", str(out), "--overwrite"]) == 2
    assert "was not written by scgan" in capsys.readouterr().err
    (out / "letter.txt").rename(out / "manifest.json")  # every folder of images has one
    (out / "old.png").touch()
    generate(tiny_model, out, "--overwrite")
    assert not (out / "old.png").exists()
