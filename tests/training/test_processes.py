"""Processes of a training: their number, and the end of all when one is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from patience import MAX_SECONDS
from scgan.cli import main
from scgan.training.processes import (
    launched_fabric,
    process_environment,
    require_same_step,
    require_started_processes,
)
from scgan.utils.errors import UserError

TORCHRUN = {"TORCHELASTIC_RUN_ID": "none", "RANK": "1", "LOCAL_RANK": "1"}
LAUNCHERS = (
    "TORCHELASTIC_RUN_ID",
    "RANK",
    "LOCAL_RANK",
    "WORLD_SIZE",
    "LOCAL_WORLD_SIZE",
    "MASTER_ADDR",
    "MASTER_PORT",
)
SRUN = {
    "SLURM_STEP_NUM_TASKS": "4",
    "SLURM_NTASKS": "4",
    "SLURM_PROCID": "3",
    "SLURM_LOCALID": "1",
    "SLURM_NODEID": "1",
}


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*LAUNCHERS, *SRUN, "SLURM_STEP_NUM_NODES", "SLURM_STEP_NODELIST"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "devices", "nodes"),
    [
        ({}, 1, 1),
        ({}, 2, 1),
        ({**TORCHRUN, "WORLD_SIZE": "4"}, 2, 2),
        ({**TORCHRUN, "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"}, 2, 2),
        ({**SRUN, "SLURM_STEP_NUM_NODES": "2"}, 2, 2),
        ({**SRUN, "SLURM_STEP_NUM_NODES": "2"}, 1, 1),
        ({"SLURM_STEP_NUM_TASKS": "4"}, 4, 1),
        ({"SLURM_STEP_NUM_TASKS": "4"}, 1, 1),  # four trainings of one process each
        ({"SLURM_STEP_NUM_TASKS": "1", "SLURM_NTASKS": "1"}, 2, 1),  # an interactive job: the other process is ours
        ({"WORLD_SIZE": "3"}, 1, 1),  # of a container, for example, that no launcher started
        ({"MASTER_ADDR": "first", "NODE_RANK": "1"}, 2, 2),
    ],
)
def test_numbers_of_processes_that_agree(
    variables: dict[str, str], devices: int, nodes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    require_started_processes(devices, nodes)


@pytest.mark.parametrize(
    ("variables", "devices", "nodes", "message"),
    [
        ({**TORCHRUN, "WORLD_SIZE": "2"}, 1, 1, "2 processes were started, but .* make 1: change the settings"),
        ({"LOCAL_RANK": "0", "WORLD_SIZE": "2"}, 2, 2, "2 processes were started, but .* make 4"),
        ({"SLURM_STEP_NUM_TASKS": "4"}, 2, 1, "4 processes were started, but .* make 2"),
        (
            {**TORCHRUN, "WORLD_SIZE": "4", "LOCAL_WORLD_SIZE": "2"},
            *(4, 1, "processes were started on 2 nodes, but --training.nodes is 1: --training.devices is"),
        ),
        ({**SRUN, "SLURM_STEP_NUM_NODES": "2"}, 1, 4, "processes were started on 2 nodes, but --training.nodes is 4"),
        ({}, 2, 2, "--training.nodes 2: start the command on each node, with torchrun or srun"),
    ],
)
def test_numbers_of_processes_that_differ(
    variables: dict[str, str], devices: int, nodes: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=message):
        require_started_processes(devices, nodes)


def test_tasks_of_a_step_of_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of `srun --ntasks 4` on two nodes, without --ntasks-per-node, in a larger job."""
    for name, value in {
        **SRUN,
        "SLURM_NTASKS": "8",
        "SLURM_STEP_NODELIST": "gpu[07-08]",
        "SLURM_JOB_ID": "1234567",
    }.items():
        monkeypatch.setenv(name, value)
    environment = process_environment(4)
    assert (environment.world_size(), environment.global_rank(), environment.local_rank()) == (4, 3, 1)
    assert (environment.node_rank(), environment.main_address, environment.main_port) == (1, "gpu07", 19567)
    environment.validate_settings(2, 2)


class GatheredSteps(NamedTuple):
    """Stands for the connection of two processes."""

    steps: list[int]

    def all_gather(self, value: torch.Tensor) -> torch.Tensor:
        return torch.tensor(self.steps)


def test_processes_that_see_other_checkpoints() -> None:
    require_same_step(GatheredSteps([6, 6]), 6, Path("run"))
    with pytest.raises(UserError, match=r"would resume run at different steps \(0, 6\): put the run on a disk that"):
        require_same_step(GatheredSteps([6, 0]), 6, Path("run"))


def test_training_of_one_process_in_a_job_of_four_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SLURM_NTASKS": "4", "SLURM_JOB_NAME": "work", "SLURM_PROCID": "3"}.items():
        monkeypatch.setenv(name, value)
    with launched_fabric("cpu", "32-true") as fabric:
        assert (fabric.world_size, fabric.global_rank) == (1, 0)


def test_torchrun_without_the_setting_is_refused_before_anything_is_written(
    toy_data: Path,
    tmp_path: Path,
    arguments: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name, value in {**TORCHRUN, "WORLD_SIZE": "2"}.items():
        monkeypatch.setenv(name, value)
    assert main(["train", "--data", str(toy_data), "--out", str(tmp_path / "run"), *arguments]) == 2
    errors = capfd.readouterr().err
    assert "2 processes were started" in errors and "Traceback" not in errors
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="finds the second process in /proc")
@pytest.mark.parametrize("killed", [0, 1])
def test_a_killed_process_ends_the_others_with_a_sentence(
    killed: int, toy_data: Path, tmp_path: Path, arguments: list[str]
) -> None:
    run = tmp_path / "run"
    settings = ["--training.devices=2", "--training.steps=100000", "--log.checkpoint_every=100000"]
    command = [sys.executable, "-m", "scgan", "train", "--data", toy_data, "--out", run, *arguments, *settings]
    job = {"SLURM_NTASKS": "1", "SLURM_JOB_NAME": "work", "OMP_NUM_THREADS": "1"}  # begun without srun
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(command, env={**os.environ, **job}, stdout=said, stderr=said)
        try:
            while not (run / "log.jsonl").is_file() or not (run / "log.jsonl").stat().st_size:
                assert process.poll() is None, (tmp_path / "said").read_text()
                time.sleep(0.05)
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            pids = [process.pid, *map(int, children)]
            assert len(pids) == 2
            os.kill(pids[killed], signal.SIGKILL)
            process.wait()
        finally:
            process.kill()
    end = time.monotonic() + MAX_SECONDS
    while any(_is_running(pid) for pid in pids):
        assert time.monotonic() < end
        time.sleep(0.05)
    text = (tmp_path / "said").read_text()
    assert "scgan train: another process of the training ended" in text and "Traceback" not in text, text
    assert process.returncode == (1 if killed else -signal.SIGKILL)


def _is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.is_file() and "State:\tZ" not in status.read_text()
