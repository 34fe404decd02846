"""Tests of a whole comparison with tiny networks: reuse, failures, tables, figures."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from scgan.comparison.compare import compare
from scgan.comparison.paper import PAPER
from scgan.comparison.runs import Graders
from scgan.comparison.variants import VARIANTS, Budget
from scgan.config import Config
from scgan.data.prepared import PreparedDataset
from scgan.evaluation.features import Features
from scgan.faces.landmarks import Points
from scgan.graders.find import load_or_train_attribute_grader, load_or_train_grader
from scgan.runs.train import train
from scgan.utils.errors import RunError, UserError

TINY = {
    "generator.width": 4,
    "generator.latent_size": 4,
    "discriminator.width": 2,
    "segmentor.width": 4,
    "training.batch_size": 4,
    "log.scalars_every": 1,
    "log.samples_every": 3,
    "spade.perceptual": 0,
}


def pixels(images: NDArray[np.uint8], points: Points | None) -> NDArray[np.float32]:
    return images[:, ::16, ::16].reshape(len(images), -1).astype(np.float32) / 255


@pytest.fixture
def run_comparison(
    toy_data: Path, tiny_graders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """``compare`` into ``tmp_path / "out"``, with untrained graders, features that are pixels, in this process."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    dataset = PreparedDataset.open(toy_data)
    graders = Graders(
        load_or_train_grader(dataset, grader=tiny_graders / "grader"),
        load_or_train_attribute_grader(dataset, grader=tiny_graders / "attribute-grader"),
        [Features("inception", pixels)],
    )

    def call(names: list[str], budget: str, settings: dict[str, Any] | None = None, **options: Any) -> int:
        options = {"recipe": "cpu", "graders": graders, "train": train_here, "photos": False, **options}
        return compare(
            toy_data,
            tmp_path / "out",
            names=names,
            seeds=[0],
            settings={**TINY, **(settings or {})},
            budget=Budget.parse(budget),
            **options,
        )

    return call


def train_here(run: Path, config: Config, data: Path, stopped: Callable[[], bool]) -> None:
    train(data, run, config, resume=(run / "config.yaml").is_file())
    (run / "memory.json").write_text("123")


def refuse(run: Path, config: Config, data: Path, stopped: Callable[[], bool]) -> None:
    raise AssertionError("nothing is to be trained")


def test_all_variants_are_compared_and_finished_runs_are_used_again(
    run_comparison: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    pretrain = {"segmentor.pretrain_steps": 1}
    assert run_comparison(list(VARIANTS), "8images", pretrain) == 0
    table = (out / "table.md").read_text()
    for variant in VARIANTS.values():
        assert table.count(f"| {variant.title} |") == 5
    # 6 images have fewer images than the 12 features.
    assert table.index("| KID ↓ |") < table.index("| FID, fewer images than features ↓ |")
    assert "Floor: " in table and "Ceiling: " in table
    assert len(list((out / "finished").iterdir())) == len(VARIANTS) - 1  # two are the same
    assert {file.name for file in (out / "figures").iterdir()} == {
        "methods.png",
        "growth.png",
        "losses.png",
        "shares.png",
    }
    results = json.loads((out / "results.json").read_text())["variants"]
    assert list(results) == list(VARIANTS)
    for values in results.values():
        (result,) = values["results"]
        assert result["images_seen"] == 8 and result["megabytes"] == 123
    assert results["scgan"]["runs"] == results["scgan-fixed-segmentor"]["runs"]
    page = (out / "page.html").read_text()
    assert "Spatial consistency" in page and page.count("<img") == 4

    capsys.readouterr()
    assert run_comparison(list(VARIANTS), "8images", pretrain, train=refuse) == 0
    assert capsys.readouterr().err.count("is finished already") == len(VARIANTS)
    assert (out / "table.md").read_text() == table


def test_a_failure_does_not_stop_the_others(
    run_comparison: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def train_some(run: Path, config: Config, data: Path, stopped: Callable[[], bool]) -> None:
        if config.method == "pix2pix":
            raise RunError("the term 'adversarial' became nan")
        train_here(run, config, data, stopped)

    assert run_comparison(["pix2pix", "wgan-gp"], "8images", train=train_some) == 1
    assert "failed: the term 'adversarial' became nan" in capsys.readouterr().err
    table = (tmp_path / "out" / "table.md").read_text()
    assert "- Pix2Pix: the term 'adversarial' became nan" in table and "| WGAN-GP |" in table
    assert len(list((tmp_path / "out" / "runs").glob("pix2pix*.failure.txt"))) == 1


def test_workers_of_a_cluster_give_the_same_scores(run_comparison: Callable[..., int], tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")
    local = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address=None,
        resources={"GPU": 1},
    )
    out, names = tmp_path / "out", ["scgan", "wgan-gp", "scgan-fixed-segmentor"]
    pretrain = {"segmentor.pretrain_steps": 1}
    assert run_comparison(names, "8images", pretrain) == 0
    expected = scores(out)
    out.rename(tmp_path / "local")
    with local as cluster:
        options = {"cluster": cluster.scheduler_address, "resources": {"GPU": 1}}
        assert run_comparison(names, "8images", pretrain, **options) == 0
    assert scores(out) == expected
    assert len(list((out / "finished").iterdir())) == 2  # two of the three are the same


def scores(out: Path) -> dict[str, Any]:
    variants = json.loads((out / "results.json").read_text())["variants"]
    return {name: [result["scores"] for result in values["results"]] for name, values in variants.items()}


def test_the_papers_numbers_stand_beside(run_comparison: Callable[..., int], tmp_path: Path) -> None:
    paper = PAPER["celeba"].numbers
    assert run_comparison(["scgan", "pix2pix"], "8images", recipe="paper", paper=paper) == 0
    table = (tmp_path / "out" / "table.md").read_text()
    header, _, *rows = [line for line in table.splitlines() if line.startswith("|")][4:]
    assert header.endswith("| paper: mask accuracy | paper: mean IoU |")
    assert [row.split("|")[-3:-1] for row in rows[:4]] == [
        [" 0.9895 ", " 0.7911 "],
        [" 0.9805 ", " 0.7871 "],
        [" 0.9204 ", "  "],
        [" 0.9928 ", "  "],
    ]
    assert "paper: FID" in table and "| 10.2 |" in table


def test_no_method_is_judged_by_features_that_it_was_trained_on(
    run_comparison: Callable[..., int], tmp_path: Path
) -> None:
    with pytest.raises(
        UserError, match=r"--method spade trains on the features of efficientnet-lite0, .*--set spade\.perceptual=0"
    ):
        run_comparison(["spade"], "8images", {"spade.perceptual": 10}, features=["efficientnet-lite0"], train=refuse)
    assert not (tmp_path / "out").exists()
