"""Latency of the studio's HTTP API against the bare engine, and throughput of eight concurrent clients.

    python benchmarks/studio.py

The models are untrained, because weights do not affect the time. The engine is the fastest that is installed, in the
studio as in this process. Targets for the time from a request to the decoded image: at most 1.3 times the bare engine's
at 128×128 (the paper's generator), and at most 8 ms more at 64×64 (the CPU recipe's generator). With eight clients, no
request may fail, and all clients must get the same number of images.
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
from PIL import Image

from scgan.faces.landmarks import FACE_CLASSES, FACE_COLORS
from scgan.faces.mean_face import toy_landmarks
from scgan.faces.rasterize import rasterize
from scgan.inference.synthesizer import Synthesizer, load
from scgan.methods import load_method
from scgan.models.folder import Conditions, Model, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import recipe, with_settings
from scgan.schema import Schema

ATTRIBUTES = ("Black_Hair", "Blond_Hair", "Brown_Hair", "Male", "Young")
MODELS = {"paper": 128, "cpu": 64}
"""Recipes and their image sizes."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60, help="requests for each model")
    parser.add_argument("--seconds", type=float, default=10, help="duration of the test with eight clients")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = [_write_model(Path(name), recipe_name, size) for recipe_name, size in MODELS.items()]
        with _serve(folders) as port:
            for folder in folders:
                _measure_latency(load(folder), folder.name, port, options.requests)
            _measure_throughput(load(folders[-1]), folders[-1].name, port, options.seconds)


def _write_model(parent: Path, recipe_name: str, size: int) -> Path:
    schema = Schema(size, FACE_CLASSES, FACE_COLORS, ATTRIBUTES, landmarks=True)
    config = with_settings(recipe(recipe_name), {})
    points = toy_landmarks()[None]
    examples = Conditions(rasterize(points[0], size)[None], np.zeros((1, len(ATTRIBUTES)), np.float32), points)
    generator = load_method(config.method).build_generator(schema, config)
    save_model(parent / recipe_name, Model(TrainedNetworks(generator), schema, config, 0, "untrained", examples))
    return parent / recipe_name


@contextmanager
def _serve(folders: list[Path]) -> Iterator[int]:
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
    """Client with a persistent connection, like a browser."""

    def __init__(self, port: int, model: str, name: str, segmentation: np.ndarray) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        self._path = f"/api/models/{model}/image"
        self._headers = {"content-type": "application/json", "studio-client": name}
        self._segmentation = segmentation

    def request_image(self, seed: int) -> int:
        """Request an image, decode it, and return the status."""
        body = {"segmentation": b64encode(self._segmentation.tobytes()).decode(), "latent": {"seed": seed}}
        try:
            response = self._send(json.dumps(body))
        except ConnectionError:
            self._connection.close()  # the server closes connections that were idle for 5 s
            response = self._send(json.dumps(body))
        content = response.read()
        if response.status == 200:
            np.asarray(Image.open(BytesIO(content)))
        return response.status

    def _send(self, body: str) -> http.client.HTTPResponse:
        self._connection.request("POST", self._path, body, self._headers)
        return self._connection.getresponse()


def _measure_latency(synthesizer: Synthesizer, name: str, port: int, count: int) -> None:
    mask = synthesizer.examples.segmentations[0]
    latent, attributes = synthesizer.sample_latent(1, 0), np.zeros((1, len(ATTRIBUTES)), np.float32)
    client = _Client(port, name, "one", mask)
    engine_times, request_times = [], []
    for turn in range(count + 3):
        start = time.perf_counter()
        synthesizer.engine(mask[None], latent, attributes)
        middle = time.perf_counter()
        assert client.request_image(turn) == 200
        if turn >= 3:  # the first ones are slower: memory is allocated, threads start
            engine_times.append(middle - start)
            request_times.append(time.perf_counter() - middle)
    engine_time, request_time = statistics.median(engine_times), statistics.median(request_times)
    size, overhead = synthesizer.schema.image_size, request_time - engine_time
    print(
        f"{size}×{size} ({name}): bare {synthesizer.engine.name} {engine_time * 1000:.1f} ms, request to decoded image "
        f"{request_time * 1000:.1f} ms: {request_time / engine_time:.2f} times, {overhead * 1000:.1f} ms more "
        f"(medians of {count})"
    )


def _measure_throughput(synthesizer: Synthesizer, name: str, port: int, seconds: float) -> None:
    statuses: list[list[int]] = [[] for _ in range(8)]
    end = time.perf_counter() + seconds

    def send_requests(number: int) -> None:
        client = _Client(port, name, f"client {number}", synthesizer.examples.segmentations[0])
        while time.perf_counter() < end:
            statuses[number].append(client.request_image(number))

    threads = [Thread(target=send_requests, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [len(client_statuses) for client_statuses in statuses]
    failed = sum(status != 200 for client_statuses in statuses for status in client_statuses)
    print(f"eight clients, {seconds:g} s: {sum(counts)} images, {failed} failed, {min(counts)} to {max(counts)} each")


if __name__ == "__main__":
    main()
