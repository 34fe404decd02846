"""Time of images by each installed engine against eager PyTorch, side by side in one run.

    python benchmarks/inference.py [--rounds 10]

Untrained generators of the CPU recipe at 64×64 (width 32) and 128×128 (width 64), in batches of 1, 8 and 32. Each round
times all engines in turn, so that other work on the machine meets all of them; the table has medians. Eager PyTorch
folds the upsampling's kernel once, as `scgan generate` does. Loading is that of a cached file; the first image is that
of a new process, imports included.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from scgan.engines.choose import make_engine
from scgan.engines.engine import Engine
from scgan.engines.names import TORCH, installed_file_engines
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.methods import load_method
from scgan.models.folder import Conditions, Model, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import cpu, with_settings
from scgan.schema import Schema

SIZES = {64: 32, 128: 64}  # widths by image size
BATCHES = (1, 8, 32)
CPU = "cpu"


def untrained(size: int) -> Model:
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young"))
    config = with_settings(cpu(), {"generator.width": SIZES[size]})
    torch.manual_seed(0)
    generator = load_method("scgan").build_generator(schema, config).eval().requires_grad_(False)
    masks = np.random.default_rng(0).integers(0, schema.class_count, (2, size, size)).astype(np.uint8)
    examples = Conditions(masks, np.zeros((2, schema.attribute_count), np.float32), None)
    return Model(TrainedNetworks(generator), schema, config, 1, "", examples, generator_updates=1)


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(title: str, functions: dict[str, Callable[[], object]], rounds: int) -> None:
    """Print the median time of each function, and its ratio to the first one's."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            times[name].append(seconds(function))
    medians = {name: statistics.median(values) for name, values in times.items()}
    base = next(iter(medians.values()))
    columns = (f"{name} {1e3 * value:.1f} ms ({value / base:.2f})" for name, value in medians.items())
    print(f"{title:<24}", *columns, sep="  ", flush=True)


def generation(engine: Engine, model: Model, batch: int) -> Callable[[], object]:
    """Prepare the generation of a batch; the first call, which prepares the engine, is not timed."""
    random, schema = np.random.default_rng(0), model.schema
    masks = np.zeros((batch, schema.image_size, schema.image_size), np.uint8)
    latents = random.standard_normal((batch, model.config.generator.latent_size), np.float32)
    attributes = np.zeros((batch, schema.attribute_count), np.float32)
    engine(masks, latents, attributes)
    return lambda: engine(masks, latents, attributes)


def first_image(folder: Path, name: str) -> None:
    """Load a model and generate an image in a new process."""
    code = f"import scgan; model = scgan.load({str(folder)!r}, engine={name!r}); "
    code += "model.generate(model.examples.segmentations[0])"
    subprocess.run([sys.executable, "-c", code], check=True, stderr=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    names = [TORCH, *installed_file_engines()]
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads; in brackets: time / time of torch")
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        for size, width in SIZES.items():
            model, title = untrained(size), f"{size}×{size}, width {width}"
            engines = {name: make_engine(name, model, CPU) for name in names}
            for batch in BATCHES:
                calls = {name: generation(engine, model, batch) for name, engine in engines.items()}
                compare(f"{title}, batch {batch}", calls, options.rounds if batch == 1 else max(1, options.rounds // 3))
            loads = {name: lambda name=name, model=model: make_engine(name, model, CPU) for name in names}
            compare(f"{title}, loading", loads, 3)
            folder = Path(cache) / f"model-{size}"
            save_model(folder, model)
            starts = {name: lambda name=name, folder=folder: first_image(folder, name) for name in names}
            compare(f"{title}, first image", starts, 3)


if __name__ == "__main__":
    main()
