"""Preparing on a cluster: the same bytes; lost workers and a lost scheduler."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from dask_processes import DaskProcesses, dask_processes
from deadly_source import DEADLY, DeadlySource
from patience import MAX_SECONDS
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.utils.errors import RunError, UserError

pytest.importorskip("distributed", reason="the extra cluster is not installed")


def contents(dataset: PreparedDataset) -> dict[str, bytes]:
    """Files by name, without the memo of their inodes."""
    return {file.name: file.read_bytes() for file in dataset.path.iterdir() if file.name != "checked.json"}


def test_lost_processes(tmp_path: Path) -> None:
    """One story, since processes take seconds to start: a worker is lost, then the scheduler."""
    source = DeadlySource(tmp_path / "victim")
    expected = contents(prepare(source, tmp_path / "local", processes=1))
    with dask_processes(tmp_path) as dask:
        _wait_for_workers(dask)
        other = DeadlySource(source.victim, brightness=9, home=os.getpid())
        with pytest.raises(
            UserError, match=r"a worker of --cluster reads item n0 differently .another image.: it needs"
        ):
            prepare(other, tmp_path / "other", cluster=str(dask.file))

        source.victim.write_text("0")
        assert contents(prepare(source, tmp_path / "worker lost", cluster=str(dask.file))) == expected
        assert sorted(worker.poll() is None for worker in dask.workers) == [False, True]

        source.victim.write_text(str(dask.scheduler.pid))
        out = tmp_path / "scheduler lost"
        with pytest.raises(
            RunError, match=r"the scheduler of --cluster .*scheduler.json was lost: run the same command"
        ):
            prepare(source, out, cluster=str(dask.file))
    done = json.loads((tmp_path / "scheduler lost.partial" / "journal.json").read_text())["done"]
    assert done <= DEADLY
    assert contents(prepare(source, out, processes=1)) == expected


def _wait_for_workers(dask: DaskProcesses) -> None:
    """Wait until both workers can get tasks, so that the kill of one is not the end of all."""
    from distributed import Client

    with Client(scheduler_file=str(dask.file), set_as_default=False) as client:
        end = time.monotonic() + MAX_SECONDS
        while len(client.nthreads()) < 2:
            assert time.monotonic() < end
            time.sleep(0.05)
