"""Duration of a training step of the recipe `cpu`, compared with an earlier commit in one run.

    python benchmarks/train_step_since.py 783415c [--rounds 5] [--threads 2]

The recipe is that of faces at 64×64, width 32, batch 16. A round is eight steps, since the gradient penalty is taken at
every eighth: read a batch, compute the gradients of each update, run Adam, update the EMA. Each commit runs in a
process of its own and waits while the other computes; the table has each round's ratio and their median.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STEPS = 8
SIZE, COUNT, BATCH = 64, 64, 16


def work(threads: int) -> None:
    """Run a round at each line of standard input, and print the seconds of a step."""
    import numpy as np
    import torch
    from lightning_fabric import Fabric
    from torch.optim import Adam

    from scgan.data.prepared import PreparedDataset
    from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
    from scgan.methods import load_method
    from scgan.recipes import cpu
    from scgan.schema import Schema
    from scgan.training import ema as ema_module
    from scgan.training.batches import Batches
    from scgan.training.gradients import compute_gradients
    from scgan.training.step_rng import StepRng

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    random = np.random.default_rng(0)
    schema = Schema(SIZE, FACE_CLASSES, FACE_COLORS, tuple("abcde"))
    dataset = PreparedDataset(
        path=Path("random"),
        schema=schema,
        images=random.integers(0, 256, (COUNT, SIZE, SIZE, 3), np.uint8),
        segmentations=random.integers(0, schema.class_count, (COUNT, SIZE, SIZE), np.uint8),
        attributes=random.integers(0, 2, (COUNT, schema.attribute_count)).astype(np.float32),
        landmarks=None,
        names=tuple(map(str, range(COUNT))),
        splits=("train",) * COUNT,
        fingerprint="",
        source={},
    )
    fabric = Fabric(accelerator="cpu", devices=1, precision="32-true")
    fabric.launch()
    config = cpu()
    method = load_method("scgan")(schema, config)
    batches = Batches(dataset, dataset.split("train"), BATCH, 0, flip=True)
    updates = method.stages()[-1].updates
    parameters = {
        update.name: [value for network in update.networks for value in network.parameters()] for update in updates
    }
    optimizers = {name: Adam(values, lr=1e-4, foreach=True) for name, values in parameters.items()}
    new_ema = getattr(ema_module, "EMA", None) or ema_module.ema_of  # type: ignore[attr-defined]  # of older commits
    ema = new_ema(method.model, config.generator.ema_decay)
    part, device, step = slice(0, BATCH), torch.device("cpu"), 0
    print("ready", flush=True)
    for _ in sys.stdin:
        start = time.perf_counter()
        for _ in range(STEPS):
            step += 1
            batch = batches.read(step, part, device, torch.float32)
            for update in updates:
                rng = StepRng(0, step, BATCH, part, device, torch.float32)
                optimizers[update.name].zero_grad()
                compute_gradients(fabric, method, update, batch=batch, rng=rng, stage_step=step)
                optimizers[update.name].step()
            ema.update_parameters(method.model)
        print((time.perf_counter() - start) / STEPS, flush=True)


def start(tree: Path, threads: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).resolve()), "--work", "--threads", str(threads), ""]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "OMP_WAIT_POLICY": "PASSIVE"}
    process = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    while process.stdout.readline().strip() != "ready":
        assert process.poll() is None, f"the benchmark does not run in {tree}"
    return process


def run_round(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit", help="the earlier commit")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each commit, after one to warm up")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(options.threads)
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "earlier"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", tree, options.commit], cwd=ROOT, check=True)
        try:
            processes = {"earlier": start(tree, options.threads), "now": start(ROOT, options.threads)}
            ratios = []
            for number in range(options.rounds + 1):
                seconds = {name: run_round(process) for name, process in processes.items()}
                if number:
                    ratios.append(seconds["now"] / seconds["earlier"])
                    print(
                        f"earlier {seconds['earlier']:.3f} s, now {seconds['now']:.3f} s a step: {ratios[-1]:.2f}",
                        flush=True,
                    )
            for process in processes.values():
                process.terminate()
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)
    print(f"{SIZE}×{SIZE}, batch {BATCH}, {options.threads} threads: median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
