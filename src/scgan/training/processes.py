"""Processes of a training: their number, who starts them, and the end of all when one ends."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import (
    ClusterEnvironment,
    LightningEnvironment,
    SLURMEnvironment,
    TorchElasticEnvironment,
)

from scgan.utils.errors import RunError, UserError
from scgan.utils.interrupts import cleanup_on_exit
from scgan.utils.progress import say
from scgan.utils.text import join_names

_FIRST_PROCESS = "SCGAN_FIRST_PROCESS"
"""Environment variable with the process that started this one."""

_LOST = "another process of the training ended, so this one stops: --resume goes back to the last checkpoint."
_CONNECTION = re.compile(r"gloo|NCCL|connection (was )?(closed|reset|refused)|broken pipe|TCPStore|recvValue", re.I)
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_TO_END = 10.0
"""Time in which a process can end by itself after another one did: it saves, or says what failed here, too."""


def require_started_processes(devices: int, nodes: int) -> None:
    """Check that a launcher started as many processes as the settings say.

    Tasks of SLURM may also train one model each, by one process.

    Raises:
        UserError: torchrun, srun, or variables set by hand stand for another number, in all or on a node, or nothing
            connects the nodes.
    """
    by_torchrun, by_srun, processes = _started_by_torchrun(), _started_by_srun(), devices * nodes
    started = by_torchrun if by_torchrun is not None else by_srun if by_srun != 1 and processes > 1 else None
    if started not in (None, processes):
        raise UserError(
            f"{started} processes were started, but --training.devices {devices} and --training.nodes {nodes} make "
            f"{processes}: change the settings, or the number of the launcher."
        )
    started_nodes = None if started is None else _started_nodes(by_torchrun)
    if started_nodes not in (None, nodes):
        raise UserError(
            f"processes were started on {started_nodes} nodes, but --training.nodes is {nodes}: --training.devices is "
            "the number of processes on each node; change the settings, or the numbers of the launcher."
        )
    if nodes > 1 and started is None and "MASTER_ADDR" not in os.environ:
        raise UserError(f"--training.nodes {nodes}: start the command on each node, with torchrun or srun.")


@contextmanager
def launched_fabric(accelerator: str, precision: str, devices: int = 1, nodes: int = 1) -> Iterator[Fabric]:
    """Start and connect the processes of a training, and end all, with a sentence, soon after one of them ended.

    Processes come from torchrun or srun where these started them; else this one starts the others.

    Raises:
        UserError: this machine has no such devices, or the launcher started another number of processes.
        RunError: another process ended.
    """
    require_started_processes(devices, nodes)
    environment = process_environment(devices * nodes)
    try:
        fabric = Fabric(
            accelerator=accelerator,
            devices=devices,
            num_nodes=nodes,
            precision=precision,  # type: ignore[arg-type]
            strategy="ddp" if devices * nodes > 1 else "auto",
            plugins=environment,
        )
    except (RuntimeError, ValueError) as error:  # Lightning's MisconfigurationException is a RuntimeError
        reason = " ".join(str(error).split())
        raise UserError(
            f"this machine cannot train on --training.devices {devices} with --training.accelerator {accelerator} "
            f"({reason})."
        ) from error
    with _lost_processes_explained(), _other_processes(environment, devices, nodes):
        fabric.launch()
        yield fabric


def require_same_step(fabric: Fabric, step: int, folder: Path) -> None:
    """Check that all processes resume at one step.

    Raises:
        UserError: some see other checkpoints, or none.
    """
    steps = {int(value) for value in fabric.all_gather(torch.tensor(step)).flatten()}  # type: ignore[union-attr]
    if len(steps) > 1:
        raise UserError(
            f"the processes would resume {folder} at different steps ({join_names(map(str, sorted(steps)))}): put the "
            "run on a disk that all nodes share, or copy its checkpoints to each of them."
        )


def is_first_process(devices: int, nodes: int) -> bool:
    """Tell, before processes are connected, if this is the first of a training, which writes its files."""
    return devices * nodes == 1 or not any(
        _number(name) for name in ("RANK", "LOCAL_RANK", "NODE_RANK", "GROUP_RANK", "SLURM_PROCID")
    )


class _OwnProcesses(LightningEnvironment):
    """Environment of the first process on a node, which starts the others itself.

    Lightning's own launcher kills the first process, without a sentence, when another one ends.
    """

    @property
    def creates_processes_externally(self) -> bool:
        return True

    def local_rank(self) -> int:
        return 0


class _SrunEnvironment(SLURMEnvironment):
    """Environment of the tasks of a step of SLURM, with the variables of the step instead of those of the job.

    Lightning's own refuses ``srun --ntasks 4`` without ``--ntasks-per-node``, by a traceback;
    ``require_started_processes`` compares the numbers before.
    """

    @staticmethod
    def _validate_srun_used() -> None:
        pass

    @staticmethod
    def _validate_srun_variables() -> None:
        pass

    def validate_settings(self, num_devices: int, num_nodes: int) -> None:
        pass

    @property
    def main_address(self) -> str:
        if "MASTER_ADDR" not in os.environ and "SLURM_STEP_NODELIST" in os.environ:
            os.environ["MASTER_ADDR"] = self.resolve_root_node_address(os.environ["SLURM_STEP_NODELIST"])
        return super().main_address

    def world_size(self) -> int:
        return int(os.environ["SLURM_STEP_NUM_TASKS"])


def process_environment(processes: int) -> ClusterEnvironment:
    """Choose who starts the processes. Lightning would take the variables of a SLURM job for those of a step."""
    if processes > 1 and "TORCHELASTIC_RUN_ID" in os.environ:
        return TorchElasticEnvironment()
    if processes > 1 and _started_by_srun() == processes:
        return _SrunEnvironment()
    if processes > 1 and "LOCAL_RANK" not in os.environ:
        return _OwnProcesses()
    return LightningEnvironment()


def _started_by_torchrun() -> int | None:
    """Number of processes that torchrun started, or that were started by hand with the same variables."""
    by_launcher = "TORCHELASTIC_RUN_ID" in os.environ or "LOCAL_RANK" in os.environ
    return _number("WORLD_SIZE") if by_launcher else None


def _started_by_srun() -> int | None:
    """Number of tasks of the step of SLURM; None outside of a step, as in a script of sbatch."""
    return _number("SLURM_STEP_NUM_TASKS")


def _started_nodes(by_torchrun: int | None) -> int | None:
    """Number of nodes on which torchrun, or else srun, started the processes; None if it does not say."""
    if by_torchrun is None:
        return _number("SLURM_STEP_NUM_NODES")
    on_this_node = _number("LOCAL_WORLD_SIZE")
    return by_torchrun // on_this_node if on_this_node else None


def _number(name: str) -> int | None:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() else None


@contextmanager
def _other_processes(environment: ClusterEnvironment, devices: int, nodes: int) -> Iterator[None]:
    """Start the other processes if this is to do it, and watch them; else watch the one that started this one."""
    first = _number(_FIRST_PROCESS)
    if first is not None:
        _watch(lambda: os.getppid() != first, ())
    if not isinstance(environment, _OwnProcesses):
        yield
        return
    children = [_start(environment, rank, devices, nodes) for rank in range(1, devices)]

    def kill() -> None:
        for child in children:
            child.kill()

    _watch(lambda: any(child.poll() for child in children), children)
    with cleanup_on_exit(kill):
        try:
            yield
            for child in children:
                child.wait()
        finally:
            kill()


def _start(environment: ClusterEnvironment, rank: int, devices: int, nodes: int) -> subprocess.Popen[bytes]:
    """Start the same program again, as the process ``rank`` of this node."""
    variables = {
        "MASTER_ADDR": environment.main_address,
        "MASTER_PORT": environment.main_port,
        "NODE_RANK": environment.node_rank(),
        "LOCAL_RANK": rank,
        "WORLD_SIZE": devices * nodes,
        _FIRST_PROCESS: os.getpid(),
    }
    spec = sys.modules["__main__"].__spec__
    program = [os.path.abspath(sys.argv[0])] if spec is None else ["-m", spec.name]
    return subprocess.Popen(
        [sys.executable, *program, *sys.argv[1:]],
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
    )


@contextmanager
def _lost_processes_explained() -> Iterator[None]:
    """Turn the error of a connection to a process that ended into a sentence."""
    try:
        yield
    except RuntimeError as error:
        if isinstance(error, RunError) or not _CONNECTION.search(str(error)):
            raise
        raise RunError(_LOST) from error


def _watch(ended: Callable[[], bool], children: list[subprocess.Popen[bytes]] | tuple[()]) -> None:
    """End this process and its children after another one ended: it may wait for the other's numbers forever."""

    def watch() -> None:
        while not ended():
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        time.sleep(_SECONDS_TO_END)
        say(f"scgan train: {_LOST}")
        for child in children:
            child.kill()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
