"""Duration of a training step of the recipe `cpu`, compared with an earlier commit in one run.

    python benchmarks/train_step_since.py 783415c [--rounds 5] [--threads 2]

The recipe is that of faces at 64×64, width 32, batch 16. A round is eight steps, since the gradient penalty is taken at
every eighth: read a batch, compute the gradients of each update, run Adam, update the EMA. Each commit runs in a
process of its own and waits while the other computes; the table has each round's ratio and their median.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from since import main, work

STEPS = 8
SIZE, COUNT, BATCH = 64, 64, 16


def splits() -> Any:
    """Splits of the data; those of older commits are a tuple."""
    try:
        from scgan.data.items import ItemSplits
    except ImportError:
        return ("train",) * COUNT
    return ItemSplits.of(("train",) * COUNT)


def train(threads: int) -> None:
    """Run a round of steps for each line of standard input."""
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
        splits=splits(),
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

    def do_round() -> None:
        nonlocal step
        for _ in range(STEPS):
            step += 1
            batch = batches.read(step, part, device, torch.float32)
            for update in updates:
                rng = StepRng(0, step, BATCH, part, device, torch.float32)
                optimizers[update.name].zero_grad()
                compute_gradients(fabric, method, update, batch=batch, rng=rng, stage_step=step)
                optimizers[update.name].step()
            ema.update_parameters(method.model)

    work(do_round)


if __name__ == "__main__":
    main(Path(__file__), __doc__, train, f"{SIZE}×{SIZE}, batch {BATCH}, {STEPS} steps")
