"""Numbers of images that nobody means."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.cli import main
from scgan.utils.counts import MAX_IMAGES, require_at_most


@pytest.mark.parametrize(
    ("words", "option"),
    [
        ("generate faces --per-mask", "--per-mask"),
        ("synthesize faces --data data --count", "--count"),
        ("prepare toyfaces --size 32 --count", "--count"),
        ("grid faces --latents", "--latents"),
        ("interpolate faces --along latent --steps", "--steps"),
    ],
)
def test_commands_refuse_them_before_any_work(
    words: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    out = "out.png" if "interpolate" in words else "out"
    assert main([*words.split(), "99999999999", "--out", out]) == 2
    assert f"{option} 99999999999: at most " in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_largest_number_is_accepted() -> None:
    require_at_most("--count", MAX_IMAGES)
