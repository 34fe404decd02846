"""Pipes and devices in the place of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scgan.cli import main
from scgan.data.images import read_photo
from scgan.utils.errors import ItemError, UserError
from scgan.utils.files import refuse_existing_file, refuse_existing_folder
from scgan.utils.json_files import JsonError, file_digest, read_json
from scgan.utils.npz import read_npz
from scgan.utils.text import read_text

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_readers_do_not_wait_for_a_pipe(pipe: Path) -> None:
    for read, kind in (
        (read_json, JsonError),
        (read_text, UserError),
        (file_digest, OSError),
        (read_photo, ItemError),
        (lambda file: read_npz(file, ["x"], 1), OSError),
    ):
        with pytest.raises(kind, match="pipe or a device"):
            read(pipe)


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "faces", "--photo", "{}", "--out", "out"),
        ("generate", "faces", "--masks", "{}", "--out", "out"),
        ("generate", "{}", "--out", "out"),
        ("inspect", "{}"),
        ("train", "--data", "data", "--recipe", "cpu", "--config", "{}", "--out", "out"),
    ],
)
@pytest.mark.parametrize("file", ["pipe", "/dev/zero"])
def test_commands_refuse_them_at_once(
    words: tuple[str, ...],
    file: str,
    pipe: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([word.format(file) for word in words]) == 2
    message = f"scgan {words[0]}: {file} is a pipe or a device: save its content as a file, and name that.\n"
    assert capsys.readouterr().err == message
    assert list(tmp_path.iterdir()) == [pipe]


def test_links_that_lead_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    Path("dead").symlink_to("nothing")
    for words in (["inspect", "loop"], ["generate", "faces", "--out", "loop"]):
        assert main(words) == 2
        assert "loop is a link that leads to itself: name another file or folder." in capsys.readouterr().err
    for refuse in (refuse_existing_file, refuse_existing_folder):
        with pytest.raises(UserError, match="dead is a link to something that does not exist: remove it, or choose"):
            refuse(Path("dead"), overwrite=True)
