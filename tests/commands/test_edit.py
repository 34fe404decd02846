"""``scgan invert`` and ``scgan edit``: from a photo to the edited photo."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from output_folders import pixels
from scgan.cli import main
from scgan.faces.mean_face import toy_landmarks


@pytest.fixture
def project(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 6, 3), np.uint8)).resize((96, 96)).save(
        tmp_path / "photo.png"
    )
    (tmp_path / "points.json").write_text(json.dumps(toy_landmarks(scale=0.35).tolist()))
    command = ["invert", str(tiny_model), str(tmp_path / "photo.png"), "--out", str(tmp_path / "p.json")]
    assert main([*command, "--landmarks", str(tmp_path / "points.json"), "--steps=1", "--correction-steps=1"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'p.json'}\n"
    return tmp_path / "p.json"


def test_photo_in_edited_photo_out(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def edit(out: str, *options: str) -> int:
        return main(["edit", str(project), "--out", str(tmp_path / out), *options])

    assert edit("a.png", "--turn", "10", "--smile", ".5", "--set", "Blond_Hair=1", "Male=0") == 0
    assert edit("b.jpg", "--turn=10", "--into", str(tmp_path / "photo.png")) == 0
    assert edit("c.png", "--no-blend", "--write-mask", str(tmp_path / "mask.png")) == 0
    assert edit("d.png", "--mask", str(tmp_path / "mask.png"), "--no-keep-background") == 0
    sizes = [pixels(tmp_path / name).shape[:2] for name in ("a.png", "b.jpg", "c.png", "d.png", "mask.png")]
    assert sizes == [(32, 32), (96, 96), (32, 32), (32, 32), (32, 32)]
    assert b"Edited by scgan" in (tmp_path / "a.png").read_bytes()
    capsys.readouterr()
    for code, options, message in [
        (2, ["x.png"], "nothing to change: give --turn, --smile, --set or --mask for example."),
        (2, ["a.png", "--turn=1"], "exists already"),
        (2, ["x.gif", "--turn=1"], "the image is a PNG or JPEG"),
        (2, ["x.png", "--no-blend", "--into", str(tmp_path / "photo.png")], "cannot go --into a photo"),
        (2, ["x.png", "--turn=1", "--model", "fashion"], "was made with another model"),
        (2, ["photo.png", "--turn=1", "--into", str(tmp_path / "photo.png"), "--overwrite"], "is an input"),
        (2, ["x.png", "--turn=1", "--write-mask", str(tmp_path / "x.png")], "--write-mask and --out are both"),
        (
            2,
            [
                "x.png",
                "--turn=1",
                "--overwrite",
                *(f"--{name}={tmp_path / 'photo.png'}" for name in ("into", "write-mask")),
            ],
            "photo.png): choose another --write-mask",
        ),
    ]:
        assert edit(*options) == code
        assert message in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "x.png").exists()
