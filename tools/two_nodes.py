"""Trial of a training on two nodes: two agents of torchrun on the loopback interface, two processes each, on gloo.

    python tools/two_nodes.py

Checks that the gradients are those of one process (float64), that the run resumes, and that a killed process ends all
others with a sentence within a minute, after which the run resumes. Prints a line for each check; exit code 1 if one
fails. Takes three minutes of processor time.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch

SETTINGS = {
    **{f"{network}.width": 4 for network in ("generator", "discriminator", "segmentor")},
    "generator.latent_size": 8,
    "generator.update_every": 1,
    "training.batch_size": 8,
    "training.accelerator": "cpu",
    "training.precision": "64-true",
    "log.scalars_every": 1,
    "log.checkpoint_every": 1,
    "log.samples_every": 1000,
}
ONE_PROCESS = ("--resume", "--training.nodes=1", "--training.devices=1")
MAX_SECONDS_TO_END = 60
AGENTS: list[subprocess.Popen[bytes]] = []
"""All that were started; a trial that fails leaves none."""

_PATIENCE = 1800
_SENTENCE = "another process of the training ended"


class Nodes(NamedTuple):
    """Two agents, each for a node, and the folders in which they log what their processes say."""

    agents: list[subprocess.Popen[bytes]]
    logs: Path

    def text(self) -> str:
        """Everything that the processes said, without what the agents say."""
        return "\n".join(file.read_text(errors="replace") for file in sorted(self.logs.rglob("std*.log")))

    def wait(self) -> list[int]:
        """Exit codes of the agents."""
        return [agent.wait(timeout=_PATIENCE) for agent in self.agents]

    def processes(self) -> list[int]:
        """Numbers of the processes that the agents started and that run."""
        children = [Path(f"/proc/{agent.pid}/task/{agent.pid}/children") for agent in self.agents]
        return [int(number) for file in children if file.exists() for number in file.read_text().split()]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scgan(["prepare", "toyfaces", "--count", "60", "--size", "32", "--out", str(folder / "toys")])
        try:
            results = [check(folder) for check in (check_gradients, check_resume, check_kill)]
        finally:
            for agent in AGENTS:
                agent.kill()
    return 0 if all(results) else 1


def check_gradients(folder: Path) -> bool:
    """Compare Adam's first moments after one step: (1 − β₁) times the gradient."""
    scgan(train(folder, "one", 1))
    nodes = start_nodes(folder, train(folder, "two", 1), "gradients")
    if nodes.wait() != [0, 0]:
        return tell("gradients of two nodes", False, nodes.text())
    worst = 0.0
    for mine, theirs in zip(state(folder / "one")["optimizers"], state(folder / "two")["optimizers"], strict=True):
        for index, values in mine["state"].items():
            gradient, other = values["exp_avg"], theirs["state"][index]["exp_avg"]
            worst = max(worst, float(((gradient - other).abs() / (1e-4 + gradient.abs())).max()))
    return tell("gradients of two nodes against one process", worst < 1e-8, f"relative difference {worst:.1e}")


def check_resume(folder: Path) -> bool:
    """Resume under two agents, then in one process."""
    nodes = start_nodes(folder, [*train(folder, "two", 3), "--resume"], "resume")
    codes, step = nodes.wait(), state(folder / "two")["stage_step"]
    scgan([*train(folder, "two", 4), *ONE_PROCESS])
    last = state(folder / "two")["stage_step"]
    return tell("resumed on two nodes, then on one", (codes, step, last) == ([0, 0], 3, 4), f"steps {step}, {last}")


def check_kill(folder: Path) -> bool:
    """Kill a process of the second node during the training."""
    nodes = start_nodes(folder, train(folder, "killed", 100_000), "kill")
    wait_until(lambda: any((folder / "killed" / "checkpoints").glob("*")) and len(nodes.processes()) == 4)
    pids = nodes.processes()
    os.kill(pids[-1], signal.SIGKILL)
    started = time.monotonic()
    wait_until(lambda: not any(is_running(pid) for pid in pids))
    seconds, codes, text = time.monotonic() - started, nodes.wait(), nodes.text()
    scgan([*train(folder, "killed", state(folder / "killed")["stage_step"] + 1), *ONE_PROCESS])
    good = all(codes) and seconds < MAX_SECONDS_TO_END and _SENTENCE in text and "Traceback" not in text
    return tell("a killed process ends the others", good, f"after {seconds:.0f} s, exit codes {codes}\n{said(text)}")


def train(folder: Path, run: str, steps: int) -> list[str]:
    """Arguments of a training."""
    settings = {**SETTINGS, "training.steps": steps}
    options = [f"--{name}={value}" for name, value in settings.items()]
    return ["train", "--recipe=paper", f"--data={folder / 'toys'}", f"--out={folder / run}", *options]


def start_nodes(folder: Path, arguments: list[str], name: str) -> Nodes:
    """Start the agents of two nodes with two processes each."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    logs = folder / f"logs-{name}"
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=2"]
    launcher += ["--master-addr=127.0.0.1", f"--master-port={port}", "--redirects=3", "-m"]
    agents = []
    for node in range(2):
        options = [f"--node-rank={node}", f"--log-dir={logs / str(node)}"]
        settings = ["--training.nodes=2", "--training.devices=2"]
        command = [*launcher[:-1], *options, "-m", "scgan", *arguments, *settings]
        agents.append(subprocess.Popen(command, env=environment(), stderr=subprocess.DEVNULL))
    AGENTS.extend(agents)
    return Nodes(agents, logs)


def scgan(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "scgan", *arguments]
    process = subprocess.run(command, env=environment(), capture_output=True, text=True)
    if process.returncode:
        raise RuntimeError(f"scgan {arguments[0]} failed: {process.stderr}")


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}


def state(run: Path) -> dict[str, Any]:
    """Newest checkpoint of a run."""
    return torch.load(max((run / "checkpoints").iterdir()) / "state.pt", weights_only=True)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("a trial did not go on")
        time.sleep(0.1)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.is_file() and "State:\tZ" not in status.read_text()


def said(text: str) -> str:
    """Lines of the processes that are no progress, each once."""
    lines = dict.fromkeys(line.strip() for line in text.splitlines() if line.strip())
    return "\n".join(f"    {line}" for line in lines if not re.match(r"train: \d", line))


def tell(check: str, passed: bool, remark: str) -> bool:
    print(f"{'passed' if passed else 'FAILED'}: {check}: {remark}", flush=True)
    return passed


if __name__ == "__main__":
    sys.exit(main())
