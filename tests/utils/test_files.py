"""Atomic output files and folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.cli import main
from scgan.utils.errors import UserError
from scgan.utils.files import (
    atomic_file,
    atomic_folder,
    claimed_folder,
    refuse_existing_file,
    refuse_existing_folder,
    refuse_other_suffix,
    refuse_unwritable_folder,
    user_path,
)


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    with atomic_file(path) as partial:
        partial.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    assert [p.name for p in path.parent.iterdir()] == ["file.txt"]


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"), atomic_file(path) as partial:
        partial.write_text("half")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_a_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    for content in ("first", "second"):
        with atomic_folder(path) as partial:
            (partial / content).write_text(content)
    assert [p.name for p in path.iterdir()] == ["second"]
    with pytest.raises(RuntimeError, match="stop"), atomic_folder(path) as partial:
        raise RuntimeError("stop")
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_nothing_is_written_through_a_link_with_a_temporary_name(tmp_path: Path) -> None:
    victim, folder, out = tmp_path / "victim.txt", tmp_path / "victims", tmp_path / "out"
    victim.write_text("kept")
    folder.mkdir()
    (folder / "old.txt").write_text("kept")
    (tmp_path / "file.txt.partial.txt").symlink_to(victim)
    (tmp_path / "out.partial").symlink_to(folder)
    with atomic_file(tmp_path / "file.txt") as partial:
        partial.write_text("new")
    with pytest.raises(UserError, match=r"out.partial is a link, .*: remove the link"), claimed_folder(out, False):
        pass
    with atomic_folder(out) as partial:
        (partial / "new.txt").write_text("new")
    assert victim.read_text() == "kept" and [path.name for path in folder.iterdir()] == ["old.txt"]
    assert (tmp_path / "file.txt").read_text() == "new" and not (tmp_path / "file.txt").is_symlink()
    assert [path.name for path in out.iterdir()] == ["new.txt"]


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not a file that can be replaced"), atomic_file(tmp_path):
        pass


def test_what_exists_is_replaced_only_on_demand(tmp_path: Path) -> None:
    file, folder = tmp_path / "file.txt", tmp_path / "folder"
    for require in (refuse_existing_file, refuse_existing_folder):
        require(tmp_path / "new" / "newer", overwrite=False)
    file.touch()
    folder.mkdir()
    refuse_existing_file(file, overwrite=True)
    refuse_existing_folder(folder, overwrite=True)
    with pytest.raises(UserError, match=r"file.txt exists already.*--overwrite"):
        refuse_existing_file(file, overwrite=False)
    with pytest.raises(UserError, match=r"folder exists already.*--overwrite"):
        refuse_existing_folder(folder, overwrite=False)


def test_a_file_is_no_folder_and_nothing_goes_below_it(tmp_path: Path) -> None:
    file = tmp_path / "file.txt"
    file.touch()
    with pytest.raises(UserError, match=r"file.txt is a file"):
        refuse_existing_folder(file, overwrite=True)
    with pytest.raises(UserError, match="is not a file that can be replaced"):
        refuse_existing_file(tmp_path, overwrite=True)
    for require in (refuse_existing_file, refuse_existing_folder):
        with pytest.raises(UserError, match=r"cannot be created, .*file.txt is a file"):
            require(file / "new" / "newer", overwrite=True)


def test_a_folder_that_scgan_did_not_write_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").touch()
    with pytest.raises(UserError, match="was not written by scgan: remove it yourself"):
        refuse_existing_folder(tmp_path, overwrite=True)
    (tmp_path / "manifest.json").touch()
    refuse_existing_folder(tmp_path, overwrite=True)


def test_what_has_a_name_nearby_stays(tmp_path: Path) -> None:
    for name in ("folder", "folder.old"):
        (tmp_path / name).mkdir()
    with atomic_folder(tmp_path / "folder"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "folder.old"]


def test_no_command_replaces_what_it_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Inputs are protected even if scgan wrote them."""
    masks = tmp_path / "made" / "masks"
    masks.mkdir(parents=True)
    for folder in (masks, masks.parent):
        (folder / "manifest.json").touch()
        command = ["generate", "faces", "--masks", str(masks), "--out", str(folder), "--overwrite"]
        assert main(command) == 2
        assert f"an input ({masks}): choose another --out" in capsys.readouterr().err
    assert main(["train", "--data", str(masks), "--out", str(masks), "--overwrite"]) == 2
    assert "is an input" in capsys.readouterr().err
    images = ["--images", str(masks), "--masks", str(masks), "--classes", "c.json"]
    assert main(["prepare", "folder", *images, "--out", str(masks.parent), "--overwrite"]) == 2
    assert "contains an input" in capsys.readouterr().err
    assert (masks / "manifest.json").is_file()


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("out", [".", "..", "/", "new/..", "../here", "link"])
def test_the_current_folder_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, overwrite: bool
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "link").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UserError, match=f"^{out} is the current folder or contains it: choose another --out"):
        refuse_existing_folder(Path(out), overwrite)


def test_a_folder_is_called_by_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    with pytest.raises(UserError, match=f"ends in ..: write the folder's own name, {tmp_path / 'a'}"):
        refuse_existing_folder(tmp_path / "a" / "b" / "..", True)


def test_paths_of_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert user_path("~") == tmp_path and user_path(Path("~/x")) == tmp_path / "x"
    assert user_path("a~") == Path("a~") and user_path("./~x") == user_path(user_path("./~x")) == tmp_path / "~x"
    for text, message in (("", "is empty"), ("a\0b", "zero byte"), ("~nobody-of-this-name", "does not exist")):
        with pytest.raises(UserError, match=message):
            user_path(text)
    with pytest.raises(TypeError):
        user_path(b"bytes")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["x.png", "x.SVG", "run.json", "page.html", "model.onnx", "data.zip", "sub/x.mp4"])
def test_a_folder_has_no_name_of_a_file(tmp_path: Path, name: str) -> None:
    for refuse in (lambda path: refuse_existing_folder(path, overwrite=True), refuse_unwritable_folder):
        with pytest.raises(
            UserError, match=r"is the name of a file, but this command writes a folder: leave out \.\w+\.$"
        ):
            refuse(tmp_path / name)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x", "v1.0", "faces.64", "a.png.d", ".png"])
def test_other_names_with_a_dot_are_folders(tmp_path: Path, name: str) -> None:
    refuse_existing_folder(tmp_path / name, overwrite=False)
    refuse_unwritable_folder(tmp_path / name)


def test_a_file_is_named_as_what_it_holds(tmp_path: Path) -> None:
    for name in ("page", "page.html", "page.HTM", "page.of.me", "v1.0"):
        refuse_other_suffix(tmp_path / name, ".html", ".htm")
    for name, better in (("page.png", "page.html"), ("a.b.JSON", "a.b.html")):
        with pytest.raises(UserError, match=rf"but the file that is written there is a \.html: name it .*/{better}\.$"):
            refuse_other_suffix(tmp_path / name, ".html", ".htm")


@pytest.mark.parametrize(
    "command",
    [
        ["generate", "faces", "--out", "x.png"],
        ["grid", "faces", "--out", "x.png"],
        ["export", "faces", "--out", "x.onnx"],
        ["export", "faces", "--out", "x.onnx", "--format", "onnx"],
        ["prepare", "toyfaces", "--count", "4", "--out", "x.zip"],
        ["train", "--data", "DATA", "--out", "x.pt", "--recipe", "cpu"],
        ["synthesize", "faces", "--data", "DATA", "--count", "4", "--out", "x.csv"],
        ["compare", "--data", "DATA", "--out", "x.html", "--budget", "64images"],
        ["reproduce", "celeba", "--data", "DATA", "--out", "x.md"],
        ["show", "--out", "x.png"],
        ["report", "faces", "--data", "DATA", "--out", "x.pdf"],
        ["evaluate", "faces", "--data", "DATA", "--out", "x.csv"],
        ["inspect", "DATA", "--sheet", "x.jpg"],
        ["interpolate", "faces", "--along", "latent", "--out", "x.jpg"],
    ],
    ids=lambda command: command[0],
)
def test_every_command_checks_the_name_of_its_output(
    command: list[str],
    toy_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([str(toy_data) if word == "DATA" else word for word in command]) == 2
    error = capsys.readouterr().err
    assert "x." in error
    assert any(words in error for words in ("is the name of a file", "ends in ."))
    assert not any(tmp_path.iterdir())
