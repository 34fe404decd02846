"""The README's commands and Python, run as written; only the names stand for small data, and the steps are capped."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from scgan.cli import main
from scgan.methods import graders

README = Path(__file__).parents[1] / "README.md"
PHOTOS = 80


def test_commands_and_python_of_the_readme(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("dlib", reason="dlib is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(graders, "STEPS", 2)
    few_photos(shared_data / "celeba-lfw", tmp_path / "path" / "to" / "CelebA")
    (tmp_path / "capped.yaml").write_text(
        "training: {steps: 2}\nsegmentor: {width: 4, steps_before: 1}\n"
        "generator: {width: 4}\ndiscriminator: {width: 4}\n",
        encoding="utf-8",
    )
    commands = blocks("sh", "scgan ")
    assert {command.split()[1] for command in commands} >= {"prepare", "inspect", "train", "generate", "evaluate"}
    for command in commands:
        words = shlex.split(command, comments=True)[1:]
        code = main([*words, "--config", "capped.yaml"] if words[0] == "train" else words)
        assert code == 0, command
    examples = len(list((tmp_path / "pictures" / "masks").glob("*.png")))
    assert len(list((tmp_path / "pictures" / "images").glob("*.png"))) == 4 * examples > 0

    for text in re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL):
        names: dict[str, object] = {}
        exec(text, names)
        assert names["image"].shape == (64, 64, 3)  # type: ignore[attr-defined]
        assert names["images"].shape == (4, 64, 64, 3)  # type: ignore[attr-defined]
        assert names["pair"].shape == (2, 64, 64, 3)  # type: ignore[attr-defined]


def blocks(language: str, start: str) -> list[str]:
    """The lines of the README's code blocks in ``language`` that begin with ``start``."""
    found = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in found for line in block.splitlines() if line.startswith(start)]


def few_photos(source: Path, folder: Path) -> None:
    """The first photos of a CelebA folder, as a folder of the same layout."""
    (folder / "img_align_celeba").mkdir(parents=True)
    names = [f"{number:06}.jpg" for number in range(1, PHOTOS + 1)]
    for name in names:
        shutil.copy(source / "img_align_celeba" / name, folder / "img_align_celeba" / name)
    for table, header in (("identity_CelebA.txt", 0), ("list_eval_partition.txt", 0), ("list_attr_celeba.txt", 2)):
        lines = (source / table).read_text(encoding="utf-8").splitlines()
        rows = lines[header : header + PHOTOS]
        heading = [str(PHOTOS), lines[1]] if header else []
        (folder / table).write_text("\n".join([*heading, *rows]) + "\n", encoding="utf-8")
