"""The studio's answers against the bare generator, through the real HTTP API, by turns; then eight people at once.

    python benchmarks/studio.py

Models are untrained: how long they take does not depend on what they know. From a request to the decoded picture, the
goal is at most 1.3 times the bare generator's time at 128×128 (the paper's generator) and at most 60 ms more than it at
64×64 (that of the CPU recipe); with eight clients, that no request fails and everybody gets the same share.
"""

from __future__ import annotations

import argparse
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Thread

import numpy as np
import torch
from PIL import Image

from scgan.config import recipe, with_settings
from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.rasterize import rasterize
from scgan.inference.synthesizer import Synthesizer, load
from scgan.methods import METHODS
from scgan.models.folder import Conditions, Model, save_model
from scgan.schema import Schema
from scgan.utils.tensors import one_hot

ATTRIBUTES = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")
MODELS = {"paper": 128, "cpu": 64}
"""Recipes and the image size at which they are asked."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60, help="for each model")
    parser.add_argument("--seconds", type=float, default=10, help="for the eight clients")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = [_write_model(Path(name), recipe_name, size) for recipe_name, size in MODELS.items()]
        with _serving(folders) as port:
            for folder in folders:
                _compare(load(folder), folder.name, port, options.requests)
            _share(load(folders[-1]), folders[-1].name, port, options.seconds)


def _write_model(parent: Path, recipe_name: str, size: int) -> Path:
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, ATTRIBUTES, landmarks=True)
    config = with_settings(recipe(recipe_name), {})
    points = toy_landmarks()[None]
    examples = Conditions(rasterize(points[0], size)[None], np.zeros((1, len(ATTRIBUTES)), np.float32), points)
    generator = METHODS[config.method].build_generator(schema, config)
    save_model(parent / recipe_name, Model(generator, schema, config, 0, "untrained", examples))
    return parent / recipe_name


@contextmanager
def _serving(folders: list[Path]) -> Iterator[int]:
    command = [sys.executable, "-m", "scgan", "studio", *map(str, folders), "--port", "0", "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().strip().rstrip("/").rpartition(":")[2])
        while True:
            try:
                http.client.HTTPConnection("127.0.0.1", port, timeout=60).request("GET", "/")
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


class _Client:
    """Someone with a connection that stays open, as a browser has."""

    def __init__(self, port: int, model: str, name: str, segmentation: np.ndarray) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._path = f"/api/models/{model}/picture"
        self._headers = {"content-type": "application/json", "studio-client": name}
        self._segmentation = segmentation

    def ask(self, seed: int) -> int:
        """From a mask in memory to a picture in memory; returns the status."""
        body = {"segmentation": b64encode(self._segmentation.tobytes()).decode(), "latent": {"seed": seed}}
        self._connection.request("POST", self._path, json.dumps(body), self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status == 200:
            np.asarray(Image.open(BytesIO(content)))
        return answer.status


def _compare(synthesizer: Synthesizer, name: str, port: int, count: int) -> None:
    mask = synthesizer.examples.segmentations[0]
    generator = synthesizer.model.generator
    inputs = (
        one_hot(torch.from_numpy(mask[None].astype(np.int64)), len(FACE_CLASSES), torch.float32),
        torch.randn(1, synthesizer.latent_size),
        torch.zeros(1, len(ATTRIBUTES)),
    )
    client = _Client(port, name, "one", mask)
    bare, asked = [], []
    for turn in range(count + 3):
        begun = time.perf_counter()
        with torch.inference_mode():
            generator(*inputs)
        between = time.perf_counter()
        assert client.ask(turn) == 200
        if turn >= 3:  # the first are slower: memory is allocated, threads are started
            bare.append(between - begun)
            asked.append(time.perf_counter() - between)
    alone, whole = statistics.median(bare), statistics.median(asked)
    size, more = synthesizer.schema.image_size, whole - alone
    print(
        f"{size}×{size} ({name}): bare generator {alone * 1000:.1f} ms, from request to picture {whole * 1000:.1f} ms: "
        f"{whole / alone:.2f} times, {more * 1000:.1f} ms more (medians of {count})"
    )


def _share(synthesizer: Synthesizer, name: str, port: int, seconds: float) -> None:
    statuses: list[list[int]] = [[] for _ in range(8)]
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        client = _Client(port, name, f"person {number}", synthesizer.examples.segmentations[0])
        while time.perf_counter() < end:
            statuses[number].append(client.ask(number))

    people = [Thread(target=work, args=(number,)) for number in range(8)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    counts = [len(found) for found in statuses]
    failed = sum(status != 200 for found in statuses for status in found)
    print(f"eight clients, {seconds:g} s: {sum(counts)} pictures, {failed} failed, {min(counts)} to {max(counts)} each")


if __name__ == "__main__":
    main()
