"""Videos: frames and frame rates read back, and errors before any work is done."""

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.utils.errors import UserError
from scgan.utils.video import ping_pong, require_writable, write_video


def moving_square(height: int = 32, width: int = 48) -> np.ndarray:
    frames = np.full((12, height, width, 3), (40, 90, 160), np.uint8)
    for number, frame in enumerate(frames):
        frame[8:24, 2 * number : 2 * number + 16] = (220, 180, 60)
    return frames


def read(path: Path) -> tuple[np.ndarray, Fraction]:
    av = pytest.importorskip("av")
    with av.open(path) as file:
        rate = file.streams.video[0].average_rate
        return np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]), rate


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_codecs(tmp_path: Path, suffix: str) -> None:
    path, frames = tmp_path / f"square{suffix}", moving_square()
    pytest.importorskip("av")
    write_video(path, frames, frame_rate=12.5)
    found, rate = read(path)
    assert found.shape == frames.shape
    assert rate == Fraction(25, 2)
    assert np.abs(found.astype(int) - frames).mean() < 6
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_color_tags_say_how_the_colors_were_converted(tmp_path: Path, suffix: str) -> None:
    """BT.709, limited range: a player that follows the tags shows the colors of the frames, small videos included."""
    av = pytest.importorskip("av")
    colors = np.array([(200, 40, 60), (30, 180, 70), (40, 60, 210)], np.uint8)
    frames = np.broadcast_to(colors[:, None, None], (3, 64, 64, 3))
    write_video(tmp_path / f"x{suffix}", frames)
    with av.open(tmp_path / f"x{suffix}") as file:
        context = file.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (1, 1)
        assert (context.color_primaries, context.color_trc) == (1, 1)
        shown = np.stack([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)])
    assert np.abs(shown.astype(int) - frames).max() <= 6


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webm"])
@pytest.mark.parametrize("rate", [0.1, 0.37, 1, 50])
def test_every_allowed_frame_rate_can_be_written(tmp_path: Path, suffix: str, rate: float) -> None:
    pytest.importorskip("av")
    write_video(tmp_path / f"x{suffix}", moving_square()[:3], rate)


def test_broadcast_rate_and_odd_sizes(tmp_path: Path) -> None:
    path, frames = tmp_path / "odd.mp4", moving_square(31, 47)
    pytest.importorskip("av")
    write_video(path, frames, frame_rate=24000 / 1001)
    found, rate = read(path)
    assert rate == Fraction(24000, 1001)
    assert found.shape == (12, 32, 48, 3)
    assert found[:, -1].mean() > 150  # the white line
    assert np.abs(found[:, :30, :46].astype(int) - frames[:, :30, :46]).mean() < 6


def test_gif(tmp_path: Path) -> None:
    path, frames = tmp_path / "square.gif", moving_square(31, 47)
    write_video(path, frames, frame_rate=25)
    with Image.open(path) as gif:
        assert gif.n_frames == 12
        assert gif.info["loop"] == 0
        for number, frame in enumerate(frames):
            gif.seek(number)
            assert gif.info["duration"] == 40
            assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - frame).max() <= 8


def test_there_and_back() -> None:
    assert ping_pong(np.arange(4)).tolist() == [0, 1, 2, 3, 2, 1]
    assert ping_pong(np.arange(2)).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("name", "rate", "message"),
    [
        ("x.avi", 24, r"x\.avi ends in \.avi: choose \.gif or \.mp4 or \.webm"),
        ("x", 24, "x ends in nothing"),
        ("x.mp4", 0, "frame rate of 0 is not between 0.1 and 240"),
        ("x.gif", 0.001, "frame rate of 0.001 is not between 0.1 and 240 frames a second"),
        ("x.webm", 0.001, "frame rate of 0.001 is not between 0.1"),
        ("x.webm", -3, "frame rate of -3"),
        ("x.mp4", float("nan"), "frame rate of nan"),
        ("x.gif", 60, r"a GIF shows at most 50 frames a second, not 60: write \.mp4 or \.webm"),
    ],
)
def test_refused(tmp_path: Path, name: str, rate: float, message: str) -> None:
    with pytest.raises(UserError, match=message):
        write_video(tmp_path / name, moving_square(), rate)
    assert not list(tmp_path.iterdir())


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    require_writable(Path("x.gif"), 24)
    with pytest.raises(UserError, match=r"writing \.mp4 needs av: pip install 'scgan\[video\]'"):
        require_writable(Path("x.mp4"), 24)


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("av")
    with pytest.raises(ValueError, match="shape"):
        write_video(tmp_path / "x.mp4", np.zeros((3, 32, 48, 5), np.uint8))
    assert not list(tmp_path.iterdir())
