"""Flip single bytes of a prepared, run, model and cache folder, and count how often scgan uses them silently.

    python tools/flip_bytes.py                      # 200 places of toy data, of a short run, and of the model faces
    python tools/flip_bytes.py --count 1000 --seed 2 --data DATA --run RUN --model MODEL

Half of the places are spread evenly over all bytes, half over all files. After each flip everything that commands read
from the folder is read, and the byte is restored. Prints a line for each place and the number of each result:

refused     the error names the file
said        a remark names the file: another one is used in its place, or it is written again
same        the values that are read are the same as before: the byte is white space, or nothing depends on it
not read    no command reads the file for its work: cards, TensorBoard's files, memos
SILENT      other values are read without a word
TRACEBACK   an error that is no sentence

Exits with 1 if there is a SILENT or TRACEBACK.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.toyfaces import ToyFaces
from scgan.engines.cache import open_cached
from scgan.engines.names import installed_file_engines, load_file_engine
from scgan.evaluation.evaluate import read_scores
from scgan.evaluation.features import Features, features_of_real_images
from scgan.graders.folder import DESCRIPTION_FILE, load_grader_network, read_grader_description
from scgan.graders.kinds import KINDS
from scgan.models.find import find_model
from scgan.models.folder import Model, load_model
from scgan.recipes import cpu, with_settings
from scgan.reports.report import read_sample
from scgan.runs.folder import load_config, load_data_description, load_origins, read_log
from scgan.runs.train import train
from scgan.training.checkpoint import load_checkpoint
from scgan.utils.errors import UserError

BAD = ("SILENT", "TRACEBACK")
_NOT_READ = ("README.md", "checked.json", "skipped.csv", "contact-sheet.png")
_TINY = {"generator.width": 4, "discriminator.width": 4, "segmentor.width": 4, "segmentor.pretrain_steps": 1}
_SHORT = {"training.steps": 4, "training.batch_size": 4, "log.samples_every": 2, "log.checkpoint_every": 2}

Read = Callable[[Path], object]
"""Read all that commands read from a folder; the result has a ``repr`` that shows every value."""


class Flip(NamedTuple):
    """Result of one flipped byte."""

    kind: str
    file: str
    place: int
    result: str
    message: str


def read_prepared(folder: Path) -> object:
    """Content of a prepared folder."""
    data = PreparedDataset.open(folder)
    arrays = [data.images, data.segmentations, data.attributes, data.landmarks]
    items = [*data.names, *data.splits]
    return [_digest(arrays), data.schema, items, data.fingerprint, data.source, data.account]


def read_model(folder: Path) -> object:
    """Content of a model folder, its graders included."""
    model = load_model(folder)
    networks = [model.generator, model.segmentor]
    values: list[object] = [model._replace(networks=None, examples=None), _digest(model.examples)]
    for kind in KINDS:
        grader = folder / kind.name
        if (grader / DESCRIPTION_FILE).is_file():
            description = read_grader_description(grader)
            values.append(description)
            networks.append(load_grader_network(kind, grader, description.schema))
    return [*values, *(_digest(network.state_dict()) for network in networks if network is not None)]


def read_run(folder: Path) -> object:
    """Content of a run folder, its checkpoints and its model included."""
    samples = sorted((folder / "samples").glob("*.png"))
    return [
        load_config(folder),
        load_origins(folder),
        load_data_description(folder),
        read_log(folder / "log.jsonl"),
        read_scores(folder, None),
        _digest([read_sample(file) for file in samples]),
        _read_checkpoints(folder / "checkpoints"),
        read_model(folder / "model"),
    ]


def _read_checkpoints(folder: Path) -> list[object]:
    """Content of each checkpoint, as if it were the newest."""
    values: list[object] = []
    for checkpoint in sorted(folder.iterdir()):
        with tempfile.TemporaryDirectory() as alone:
            (Path(alone) / checkpoint.name).symlink_to(checkpoint)
            loaded = load_checkpoint(Path(alone), torch.device("cpu"))
        values.append(loaded and [loaded.step, _digest(loaded.state)])
    return values


def read_caches(model: Model, data: PreparedDataset) -> Read:
    """Function that reads the caches of ONNX files and features."""

    def features(images: np.ndarray, landmarks: np.ndarray | None = None) -> np.ndarray:
        return images.reshape(len(images), -1)[:, :64].astype(np.float32)

    def read(folder: Path) -> object:
        os.environ["XDG_CACHE_HOME"] = str(folder)
        masks, attributes = model.examples.segmentations[:1], model.examples.attributes[:1].astype(np.float32)
        latents = np.ones((1, model.config.generator.latent_size), np.float32)
        engines = [open_cached(load_file_engine(name), model) for name in installed_file_engines()[:1]]
        images = [engine(masks, latents, attributes) for engine in engines]
        return _digest([*images, features_of_real_images(data, np.arange(20), Features("first", features))])

    return read


def flips(
    kind: str, folder: Path, read: Read, count: int, rng: random.Random, keep_times: bool = False
) -> Iterator[Flip]:
    """Flip ``count`` bytes of a folder, one after the other; the folder is the same afterwards.

    With ``keep_times`` the times of files do not change, as on a failing disk.
    """
    expected = repr(read(folder))
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.stat().st_size)
    sizes = [file.stat().st_size for file in files]
    for number in range(count):
        file = rng.choice(files) if number % 2 else rng.choices(files, sizes)[0]
        content, times = file.read_bytes(), file.stat().st_mtime_ns
        place, mask = rng.randrange(len(content)), rng.randrange(1, 256)
        file.write_bytes(content[:place] + bytes([content[place] ^ mask]) + content[place + 1 :])
        if keep_times:
            os.utime(file, ns=(times, times))
        result, message = _result(read, folder, file, expected)
        file.write_bytes(content)
        os.utime(file, ns=(times, times))
        yield Flip(kind, file.relative_to(folder).as_posix(), place, result, message)


def _result(read: Read, folder: Path, file: Path, expected: str) -> tuple[str, str]:
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            found = repr(read(folder))
    except UserError as error:
        named = _names(f"{said.getvalue()} {error}", file)
        return "refused" if named else "SILENT", str(error)
    except Exception as error:
        return "TRACEBACK", repr(error)
    message = " ".join(said.getvalue().split())
    if _names(message, file):
        return "said", message
    if found != expected:
        return "SILENT", message
    unread = file.name in _NOT_READ or "tfevents" in file.name or file.suffix == ".lock"
    return "not read" if unread else "same", message


def _names(message: str, file: Path) -> bool:
    """Tell if a message names the file, or the grader or checkpoint that it belongs to."""
    return file.name in message or f"{file.parent.name} is damaged" in message


def _digest(values: object) -> str:
    """Digest of nested arrays, tensors and plain values."""
    digest = hashlib.sha256()

    def add(value: object) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                digest.update(repr(name).encode())
                add(part)
        elif isinstance(value, list | tuple):
            for part in value:
                add(part)
        elif isinstance(value, torch.Tensor):
            add(value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy())
        elif isinstance(value, np.ndarray):
            digest.update(f"{value.dtype} {value.shape}".encode() + np.ascontiguousarray(value).tobytes())
        else:
            digest.update(repr(value).encode())

    add(values)
    return digest.hexdigest()


def make_folders(place: Path, data: Path | None, run: Path | None, model: Path) -> dict[str, tuple[Path, Read]]:
    """Copy the given folders below ``place``, make those that are missing; each with the function that reads it."""
    folders = {name: place / name for name in ("prepared", "run", "model", "cache")}
    if data is None:
        prepare(ToyFaces(60, 32), folders["prepared"], processes=1)
    else:
        shutil.copytree(data, folders["prepared"])
    if run is None:
        train(folders["prepared"], folders["run"], with_settings(cpu(), _TINY | _SHORT))
    else:
        shutil.copytree(run, folders["run"])
    shutil.copytree(model, folders["model"])
    caches = read_caches(load_model(folders["run"] / "model"), PreparedDataset.open(folders["prepared"]))
    return {
        "prepared": (folders["prepared"], read_prepared),
        "run": (folders["run"], read_run),
        "model": (folders["model"], read_model),
        "cache": (folders["cache"], caches),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200, help="number of places, over all folders")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, help="prepared folder instead of toy faces")
    parser.add_argument("--run", type=Path, help="run folder instead of a short training")
    parser.add_argument("--model", default="faces", help="model instead of faces")
    parser.add_argument("--keep-times", action="store_true", help="leave the times of files, as a failing disk does")
    options = parser.parse_args()
    counts: Counter[tuple[str, str]] = Counter()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as place:
        folders = make_folders(Path(place), options.data, options.run, find_model(options.model))
        for kind, (folder, read) in folders.items():
            for flip in flips(kind, folder, read, options.count // len(folders), rng, options.keep_times):
                counts[kind, flip.result] += 1
                print(f"{kind:<9}{flip.result:<10}{flip.file}, byte {flip.place}  {flip.message[:160]}", flush=True)
    print()
    for (kind, result), count in sorted(counts.items()):
        print(f"{kind:<9}{result:<10}{count:>5}")
    return int(any(result in BAD for _, result in counts))


if __name__ == "__main__":
    sys.exit(main())
