"""The examples of docs/extending.md, each applied to its own copy of the package and run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from doc_commands import cap, write_capped_settings
from extending_examples import SECTIONS, Job, apply_example, copy_package, file_blocks, run_jobs
from quick_graders import cache_quick_graders
from scgan.data.prepared import PreparedDataset

MAX_LINES = 30
RUN = {
    "loss": "A loss of the generator",
    "method": "A method",
    "source": "A data source",
    "metric": "A metric",
}


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (20, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def folders(
    tmp_path_factory: pytest.TempPathFactory, toy_data: Path, tiny_model: Path, images: np.ndarray
) -> dict[str, Path]:
    """Folder in which each example ran its commands; it holds what they name, and their output in ``said``."""
    root = tmp_path_factory.mktemp("examples")
    jobs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        cache_quick_graders(toy_data)
        for name, title in RUN.items():
            folder = root / name
            folder.mkdir()
            (folder / "toys").symlink_to(toy_data)
            (folder / "model").symlink_to(tiny_model)
            patch.chdir(folder)
            write_capped_settings()
            copy_package(root / f"{name}-copy")
            apply_example(title, root / f"{name}-copy")
            jobs.append(Job(root / f"{name}-copy" / "src", folder, commands(title)))
        jobs[0].commands.append(["train", "--help"])
        np.savez(root / "source" / "arrays.npz", images=images, masks=np.minimum(images[..., 0] // 100, 2))
        run_jobs(jobs)
    return {name: root / name for name in RUN}


def commands(title: str) -> list[list[str]]:
    """Words of the commands of a section, shortened."""
    text = "".join(re.findall(r"```sh\n(.*?)```", SECTIONS[title], re.DOTALL))
    lines = [shlex.split(line)[1:] for line in text.splitlines()]
    return [[*cap(words), "--log.scalars_every", "1"] if words[0] == "train" else words for words in lines]


def logged_terms(run: Path) -> set[str]:
    lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    return {name for line in lines for name in json.loads(line)}


@pytest.mark.parametrize("title", SECTIONS)
def test_examples_are_small(title: str) -> None:
    """At most 30 lines of code, imports and blank lines included; lines of context do not count."""
    blocks = file_blocks(SECTIONS[title])
    lines = [
        line
        for language, _, content in blocks
        for line in content.splitlines()
        if language != "diff" or line[:1] == "+"
    ]
    assert blocks and len(lines) <= MAX_LINES


def test_a_loss(folders: dict[str, Path]) -> None:
    assert "generator/total_variation" in logged_terms(folders["loss"] / "smooth")
    said = (folders["loss"] / "said").read_text(encoding="utf-8")
    assert "Weight of the total variation loss" in " ".join(said.split())


def test_a_method(folders: dict[str, Path]) -> None:
    assert "generator/l1" in logged_terms(folders["method"] / "regressed")
    assert len(list((folders["method"] / "regressed-images" / "images").glob("*.png"))) > 1


def test_a_data_source(folders: dict[str, Path], images: np.ndarray) -> None:
    dataset = PreparedDataset.open(folders["source"] / "from-npz")
    assert dataset.schema.class_names == ("class 0", "class 1", "class 2")
    np.testing.assert_array_equal(dataset.images, images)


def test_a_metric(folders: dict[str, Path]) -> None:
    assert "sharpness" in (folders["metric"] / "said").read_text(encoding="utf-8")
    scores = json.loads((folders["metric"] / "scores.json").read_text(encoding="utf-8"))
    score = scores["realism"]["sharpness"]
    assert 0 < score["model"] < 4 and 0 < score["real"] < 4
