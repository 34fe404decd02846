"""CPU time of a video of `scgan interpolate`: generation, drawing of masks, encoding.

    python benchmarks/interpolate.py [MODEL]

The default model is an untrained one of the CPU recipe's width at 128×128. Goal: drawing and encoding together take
less than a fifth of generation. CPU time does not depend on other work on the machine.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from scgan import interpolation
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.inference.synthesizer import Synthesizer, load
from scgan.interpolation import layout
from scgan.methods import load_method
from scgan.models.folder import Conditions, Model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import cpu
from scgan.schema import Schema
from scgan.utils.video import write_video


def untrained(size: int) -> Synthesizer:
    names = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, names, landmarks=True)
    points = interpolation.builtin_sequence("nosmile2smile", "toy")
    examples = Conditions(
        interpolation.draw_masks(points, size), np.zeros((len(points), len(names)), np.float32), points
    )
    torch.manual_seed(0)
    generator = load_method("scgan").build_generator(schema, cpu()).eval().requires_grad_(False)
    return Synthesizer(Model(TrainedNetworks(generator), schema, cpu(), 0, "", examples))


def seconds(function: Callable[[], object]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--size", type=int, default=128, help="of the untrained model")
    parser.add_argument("--frames", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()

    synthesizer = load(options.model) if options.model else untrained(options.size)
    size = synthesizer.schema.image_size
    attributes, latent = synthesizer.examples.attributes[0], synthesizer.sample_latent(1, 0)[0]
    key_frames = interpolation.builtin_sequence("left2right")

    def draw() -> np.ndarray:
        points = interpolation.landmark_path(key_frames, options.frames)
        interpolation.require_valid_path(points, size)
        return interpolation.draw_masks(points, size)

    masks = draw()
    images = interpolation.render(synthesizer, masks, attributes, latent)
    frames = layout.frames(images[None])

    ratios: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(1, options.rounds + 1):
            drawing = seconds(draw)
            generation = seconds(lambda: interpolation.render(synthesizer, masks, attributes, latent))
            print(f"round {number}: generation {generation:.3f} s, drawing and checking masks {drawing:.3f} s", end="")
            for suffix in (".mp4", ".gif", ".webm"):
                encoding = seconds(lambda file=Path(folder) / f"x{suffix}": write_video(file, frames))
                ratios.setdefault(suffix, []).append((drawing + encoding) / generation)
                print(f", {suffix} {encoding:.3f} s", end="")
            print(flush=True)
    print(f"{options.frames} frames of {size}×{size}; (drawing + encoding) / generation, median:")
    for suffix, values in ratios.items():
        print(f"  {suffix} {statistics.median(values):.3f} (goal: below 0.2)")


if __name__ == "__main__":
    main()
