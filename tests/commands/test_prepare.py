"""The command `scgan prepare`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from patience import MAX_SECONDS
from scgan.cli import main
from scgan.data.prepared import PreparedDataset
from scgan.data.sources import SOURCES


def make_folder(folder: Path, count: int = 20) -> list[str]:
    """Photos and masks of 20×30 pixels; the arguments to prepare them."""
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for index in range(count):
        Image.new("RGB", (20, 30), (index, 0, 0)).save(folder / "images" / f"{index:03}.png")
        Image.fromarray(np.eye(30, 20, dtype=np.uint8)).save(folder / "masks" / f"{index:03}.png")
    return ["folder", "--images", str(folder / "images"), "--masks", str(folder / "masks"), "--processes", "1"]


def test_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["prepare", *make_folder(tmp_path), "--out", str(tmp_path / "out"), "--size", "32", "--crop", "pad"]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    kept, *account = captured.out.splitlines()
    assert kept == f"kept 20 of 20 in {tmp_path / 'out'}; look at them: scgan inspect {tmp_path / 'out'}"
    assert account[0].startswith("classes: 2 (class 0, class 1)") and account[1].startswith("background: class 0")
    assert account[2:4] == ["mirror pairs: none", "ignored pixels: none; unknown values: none"]
    dataset = PreparedDataset.open(tmp_path / "out")
    assert dataset.schema.image_size == 32 and dataset.schema.class_count == 2
    assert dataset.source["crop"] == "pad"
    assert main(arguments) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0


def test_skipped_items_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["prepare", *make_folder(tmp_path), "--out", str(tmp_path / "out")]
    (tmp_path / "images" / "007.png").write_bytes(b"")
    assert main(arguments) == 2
    assert "1 of 20 items cannot be used, more than --max-skipped 0.01" in capsys.readouterr().err
    assert main([*arguments, "--max-skipped", "0.05"]) == 0
    captured = capsys.readouterr()
    assert "kept 19 of 20" in captured.out and "skipped 1 of 20 items, see" in captured.out
    assert (tmp_path / "out" / "skipped.csv").read_text().splitlines()[1].startswith("007,")


def test_options_have_dashes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["prepare", *make_folder(tmp_path), "--out", str(tmp_path / "out"), "--mask-orientation", "upright"]
    rows = "".join(f"{index:03}.png,{index % 2},{('train', 'val', 'test')[index % 3]}\n" for index in range(20))
    (tmp_path / "t.csv").write_text("file,x,use\n" + rows)
    assert main([*arguments, "--table", str(tmp_path / "t.csv"), "--split-column", "use"]) == 0
    assert PreparedDataset.open(tmp_path / "out").splits[:3] == ("train", "validation", "test")
    assert "column use of t.csv gives the splits" in capsys.readouterr().out


def test_toyfaces(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "toys"
    assert main(["prepare", "toyfaces", "--count", "10", "--size", "32", "--processes", "1", "--out", str(out)]) == 0
    assert "kept 10 of 10" in capsys.readouterr().out
    assert PreparedDataset.open(out).landmarks is not None


def test_celeba_and_deepfashion(shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deepfashion = [
        "deepfashion",
        str(shared_data / "deepfashion-ccp"),
        "--attributes",
        "color,sleeve",
        "--processes",
        "1",
    ]
    assert main(["prepare", *deepfashion, "--out", str(tmp_path / "fashion"), "--size", "32"]) == 0
    dataset = PreparedDataset.open(tmp_path / "fashion")
    assert len(dataset) == 96 and dataset.schema.attribute_names[-1] == "sleeve=1"

    pytest.importorskip("onnxruntime")
    celeba = tmp_path / "celeba"
    (celeba / "img_align_celeba").mkdir(parents=True)
    for number in range(1, 13):
        name = f"img_align_celeba/{number:06}.jpg"
        (celeba / name).write_bytes((shared_data / "celeba-lfw" / name).read_bytes())
    rows = [f"{number:06}.jpg 1 -1" for number in range(1, 13)]
    (celeba / "list_attr_celeba.txt").write_text("\n".join(["12", "Bald Male", *rows]))
    options = ["--attributes", "Male, Bald", "--processes", "2", "--size", "32"]
    assert main(["prepare", "celeba", str(celeba), "--out", str(tmp_path / "faces"), *options]) == 0
    faces = PreparedDataset.open(tmp_path / "faces")
    assert len(faces) == 12 and faces.schema.attribute_names == ("Male", "Bald")
    np.testing.assert_array_equal(faces.attributes, [[0, 1]] * 12)
    np.testing.assert_array_equal(np.unique(np.asarray(faces.segmentations)), range(7))
    assert "drawn from landmarks that mediapipe found" in capsys.readouterr().out
    main(["inspect", str(tmp_path / "faces")])
    assert "landmarks: found by mediapipe, free to use" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["toyfaces", "--processes", "0"], "--processes 0: at least 1 is needed"),
        (["toyfaces", "--seed", "-1"], "--seed is -1: it must be a whole number from 0"),
        (["celeba", "nowhere", "--max-skipped", "2"], "--max-skipped 2.0: it is a share"),
        (["celeba", "nowhere"], "nowhere is not a folder"),
        (["deepfashion", "nowhere"], "nowhere is not a folder"),
        (["folder", "--images", "nowhere", "--masks", "nowhere"], "nowhere is not a folder"),
    ],
)
def test_misuse(arguments: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prepare", *arguments, "--out", str(tmp_path / "out")]) == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [[], ["photos"], ["toyfaces"], ["toyfaces", "--out", "x", "--size", "65"]])
def test_arguments_that_are_none(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["prepare", *arguments])
    assert exit_.value.code == 2


@pytest.mark.parametrize("source", SOURCES)
def test_help_has_an_example(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["prepare", source, "--help"])
    assert exit_.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"Example: scgan prepare {source}" in shown
    assert "--size {32,64,128,256}" in shown and "--max-skipped" in shown


def test_help_follows_from_the_opener(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["prepare", "celeba", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "holds img_align_celeba/ and list_attr_celeba.txt" in shown
    assert "default: Black_Hair,Blond_Hair,Brown_Hair,Male,Young" in shown
    assert "largest accepted share of items that cannot be used (default: 0.05)" in shown


@pytest.mark.parametrize("arguments", [["--help"], ["deepfashion", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = f"""
import sys
from scgan.cli import main
try:
    main(["prepare", *{arguments}])
except SystemExit:
    pass
print(sorted({{"torch", "h5py", "scipy", "dlib"}} & set(sys.modules)))
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.splitlines()[-1] == "[]"


def test_ctrl_c_saves_and_says_how_to_resume(tmp_path: Path) -> None:
    options = ["--count", "20000", "--size", "32", "--processes", "2", "--out", str(tmp_path / "toys")]
    running = subprocess.Popen(
        [sys.executable, "-m", "scgan", "prepare", "toyfaces", *options],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    images = tmp_path / "toys.partial" / "images.npy"
    end = time.monotonic() + MAX_SECONDS
    while not images.exists() or images.stat().st_size < 10_000:
        assert time.monotonic() < end
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGINT)  # as a terminal does: to parent and workers
    _, errors = running.communicate(timeout=MAX_SECONDS)
    assert running.returncode == 130
    assert "run the same command again to resume" in errors and "Traceback" not in errors
    assert json.loads((tmp_path / "toys.partial" / "journal.json").read_text())["done"] > 0
    assert not (tmp_path / "toys").exists()
