"""Load on the studio: a quiet visitor beside a flooding one, idle connections, and memory.

    python tools/studio_load.py                 # all three, with the model faces
    python tools/studio_load.py quiet memory --rounds 5

`quiet`: the visitor 127.0.0.1 asks for images one after another, alone, and then while the visitor 127.0.0.2 keeps 70
animations of 96 frames open. All images must arrive, and the median must be at most 3 times the one alone.
`connections`: the visitor 127.0.0.2 opens idle connections, and images must arrive as before.
`memory`: eight visitors with photos, images, variations, animations and videos. The resident memory of the studio and
its processes may grow by at most 100 MB. An hour of eight visitors who read a photo every two minutes is 30 rounds.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
from PIL import Image
from studio_process import Studio, Visitor, memory, running

FLOODING = "127.0.0.2"
MAX_RATIO = 3.0
MAX_GROWTH = 100.0
PHOTOS = (((4000, 3000), "JPEG"), ((8000, 6000), "JPEG"), ((5000, 5000), "PNG"), ((2400, 1600), "WEBP"))


def spec(studio: Studio, seed: int = 0) -> dict[str, Any]:
    """Specification of an image of the model's first example."""
    visitor = Visitor(studio)
    example = visitor.examples()[0]
    visitor.close()
    return {**example, "latent": {"seed": seed}}


def time_images(studio: Studio, count: int) -> tuple[Counter[int], float]:
    """Ask for images one after another; returns their statuses and the median time in seconds."""
    visitor, body = Visitor(studio, name="quiet"), spec(studio)
    statuses: Counter[int] = Counter()
    times = []
    for seed in range(count):
        start = time.perf_counter()
        statuses[visitor.post("image", {**body, "latent": {"seed": seed}})[0]] += 1
        times.append(time.perf_counter() - start)
    visitor.close()
    return statuses, statistics.median(times)


def flood(studio: Studio, connections: int, is_open: Any, stop: Any) -> None:
    """Keep animations open until ``stop`` is set; ``is_open`` is set once all have begun."""
    body = spec(studio)
    animation = json.dumps({"start": body, "end": {**body, "latent": {"seed": 1}}, "frames": 96})
    headers = {"content-type": "application/json"}

    def ask() -> None:
        while not stop.is_set():
            connection = HTTPConnection("127.0.0.1", studio.port, timeout=300, source_address=(FLOODING, 0))
            try:
                connection.request("POST", f"/api/models/{studio.model}/animation", animation, headers)
                response = connection.getresponse()
                while not stop.is_set() and response.readline():
                    pass
            except OSError:  # rejected while it was sending
                pass
            finally:
                connection.close()

    threads = [Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    is_open.set()
    for thread in threads:
        thread.join()


def measure_quiet(studio: Studio, count: int, connections: int) -> list[str]:
    """Measure a quiet visitor alone and beside a flood; returns the targets that are missed."""
    alone, alone_time = time_images(studio, max(10, count // 4))
    context = get_context("spawn")  # the clients of the flood must not slow the quiet one
    is_open, stop = context.Event(), context.Event()
    process = context.Process(target=flood, args=(studio, connections, is_open, stop))
    process.start()
    is_open.wait()
    time.sleep(1)
    beside, beside_time = time_images(studio, count)
    stop.set()
    process.join()
    ratio = beside_time / alone_time
    print(f"alone: {alone[200]} of {alone.total()} images, median {alone_time * 1000:.0f} ms")
    print(
        f"beside {connections} animations of another visitor: {beside[200]} of {count} images, median "
        f"{beside_time * 1000:.0f} ms, {ratio:.1f} times as long"
    )
    missed = [] if beside[200] == count else [f"{count - beside[200]} images failed"]
    return missed if ratio <= MAX_RATIO else [*missed, f"the median grew {ratio:.1f} times"]


def measure_connections(studio: Studio, count: int, images: int) -> list[str]:
    """Open idle connections, half of them with the beginning of a request, and ask for images."""
    idle = []
    for number in range(count):
        client = socket.create_connection(("127.0.0.1", studio.port), timeout=60, source_address=(FLOODING, 0))
        if number % 2:
            client.sendall(b"POST /api/models HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
        idle.append(client)
    statuses, median = time_images(studio, images)
    for client in idle:
        client.close()
    print(f"beside {count} idle connections: {statuses[200]} of {images} images, median {median * 1000:.0f} ms")
    return [] if statuses[200] == images else [f"{images - statuses[200]} images failed beside {count} connections"]


def photo(face: bytes, size: tuple[int, int], file_format: str) -> bytes:
    """Enlarge a generated face to a photo of the size, as a file."""
    with Image.open(BytesIO(face)) as image:
        pixels = np.asarray(image.resize((min(size) // 8,) * 2, Image.Resampling.BICUBIC), np.int16)
    canvas = np.full((size[1] // 8, size[0] // 8, 3), 128, np.int16)
    top, left = ((length - len(pixels)) // 2 for length in canvas.shape[:2])
    canvas[top : top + len(pixels), left : left + len(pixels)] = pixels
    canvas += np.random.default_rng(0).integers(-4, 5, canvas.shape, np.int16)
    file = BytesIO()
    Image.fromarray(canvas.clip(0, 255).astype(np.uint8)).resize(size).save(file, file_format)
    return file.getvalue()


def visit(studio: Studio, number: int, photos: list[bytes], is_last: bool) -> Counter[int]:
    """Do in one round what a person does: a photo, strokes, variations, at the end an animation and a video."""
    visitor = Visitor(studio, f"127.0.0.{10 + number % 200}", name=f"visitor {number}")
    body = spec(studio, number)
    answers = [visitor.post("landmarks" if number % 2 else "segment", photos[number % len(photos)])]
    answers += [visitor.post("image", {**body, "latent": {"seed": seed}}) for seed in range(20)]
    appearances = [{"latent": {"seed": seed}} for seed in range(12)]
    answers.append(visitor.post("images", {"segmentation": body["segmentation"], "appearances": appearances}))
    if is_last:
        animation = {"start": body, "end": {**body, "latent": {"seed": 99}}, "frames": 24}
        answers.append(visitor.post("animation", animation))
        answers.append(visitor.post("video", {**animation, "container": "gif"}))
    visitor.close()
    return Counter(status for status, _ in answers)


def measure_memory(studio: Studio, rounds: int, visitors: int = 8) -> list[str]:
    """Let visitors work, and print the memory after each of ten parts of the rounds."""
    visitor = Visitor(studio)
    face = visitor.post("image", spec(studio))[1]
    visitor.close()
    photos = [photo(face, size, file_format) for size, file_format in PHOTOS]
    time.sleep(3)  # the studio prepares for photos
    started = memory(studio.pid)
    print(f"started: {started[0]:.0f} MB, with its processes {started[1]:.0f} MB")
    statuses: Counter[int] = Counter()
    for turn in range(rounds):
        work = partial(visit, studio, photos=photos, is_last=turn % 5 == 4)
        with ThreadPoolExecutor(visitors) as pool:
            for counts in pool.map(work, range(turn, turn + visitors)):
                statuses += counts
        if turn % max(1, rounds // 10) == 0 or turn == rounds - 1:
            own, total = memory(studio.pid)
            print(f"after {turn + 1} rounds: {own:.0f} MB, with its processes {total:.0f} MB", flush=True)
    time.sleep(12)  # memory is returned every ten seconds
    own, total = memory(studio.pid)
    growth = total - started[1]
    print(f"at the end: {own:.0f} MB, with its processes {total:.0f} MB: {growth:+.0f} MB; answers {dict(statuses)}")
    return [] if growth <= MAX_GROWTH else [f"the memory grew by {growth:.0f} MB"]


def main(words: list[str] | None = None) -> int:
    """Measure; returns 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[[], "quiet", "connections", "memory"], help="default: all")
    parser.add_argument("--model", default="faces")
    parser.add_argument("--images", type=int, default=400, help="images of the quiet visitor")
    parser.add_argument("--animations", type=int, default=70, help="animations that the flooding visitor keeps open")
    parser.add_argument("--rounds", type=int, default=30, help="rounds of eight visitors")
    options = parser.parse_args(words)
    parts = options.parts or ["quiet", "connections", "memory"]
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.txt"
        with running([options.model], log) as studio:
            if "quiet" in parts:
                missed += measure_quiet(studio, options.images, options.animations)
            if "connections" in parts:
                for count in (205, 600):
                    missed += measure_connections(studio, count, max(10, options.images // 8))
        if "memory" in parts:
            with running([options.model], log) as studio:
                missed += measure_memory(studio, options.rounds)
        if "Traceback" in log.read_text(encoding="utf-8"):
            missed.append("the studio printed a traceback")
    print("\n".join(f"missed: {sentence}" for sentence in missed) or "all targets are met")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
