"""Trials of commands that are disturbed: tiny inputs, undisturbed results, and the check of what a trial leaves.

``kill_commands.py``, ``signal_commands.py`` and ``pair_commands.py`` use it. Everything is drawn from a seed, and each
finished trial is a line of a journal, so that the same command continues after a stop.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from disturbed_process import Started, import_all

ROOT = Path(__file__).resolve().parents[1]

TINY = {
    "generator.width": 4,
    "generator.latent_size": 8,
    "generator.update_every": 2,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "training.batch_size": 4,
    "training.accelerator": "cpu",
}
RUN = {**TINY, "segmentor.pretrain_steps": 2, "training.steps": 6}
LOG = {"log.scalars_every": 1, "log.samples_every": 4, "log.checkpoint_every": 2}
SETTINGS = [f"{name}={value}" for name, value in TINY.items()]

# Times and memory differ between two runs of the same command; checkpoints and TensorBoard's files hold times, too.
_NAMES = r"checkpoints|tensorboard|memory\.json|table\.md|results\.json|page\.html|checked\.json|figures|runs"
IGNORED = re.compile(rf"(^|/)({_NAMES})(/|$)")
# The digest covers the times, and a model card has the sizes of files with times.
_TIMES = re.compile(rb'"(seconds|megabytes)": [-\d.e]+|"digest": "\w+"|(?<=\.json`) \| [\d,]+ \|')

Folder = Path
Digests = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A command under trial. Its words may hold ``{data}``, ``{model}`` and ``{run}``; it writes ``out…``.

    Attributes:
        name: in the table.
        words: of the command line.
        resume: words of the run that follows a stop, if the output exists; None where it is the same command, which
            refuses an output that is complete.
        output: file or folder.
    """

    name: str
    words: tuple[str, ...]
    resume: tuple[str, ...] | None = None
    output: str = "out"


def _case(text: str, resume: str | None = None, output: str = "out") -> Case:
    words = text.format_map({"run_settings": " ".join(f"--{k}={v}" for k, v in (RUN | LOG).items()), **_KEEP}).split()
    return Case(words[0], tuple(words), None if resume is None else tuple(resume.split()), output)


_KEEP = {name: f"{{{name}}}" for name in ("data", "model", "run")}
_OPTIONS = f"--budget 16images --no-photos --features --set {' '.join(SETTINGS)} --methods"
_TWO = f"--data {{data}} --out out {_OPTIONS} wgan-gp pix2pix"
_ONE = f"--data {{data}} --out out {_OPTIONS} wgan-gp"

LONG = (
    _case("prepare toyfaces --count 300 --size 32 --processes 2 --out out"),
    _case("train --data {data} --out out --recipe paper {run_settings}", resume="train --out out --resume"),
    _case("synthesize {model} --data {data} --count 40 --min-mask-iou 0 --out out"),
    _case(f"compare {_TWO}", resume=f"compare {_TWO}"),
)
"""Commands that are resumed."""

SHORT = (
    _case("inspect {data} --sheet out.png", output="out.png"),
    _case("generate {model} --per-mask 2 --out out"),
    _case("interpolate {model} --along latent --steps 4 --out out.png", output="out.png"),
    _case("grid {model} --count 2 --latents 2 --formats png --out out"),
    _case("evaluate {model} --data {data} --judge-attributes --out out.json", output="out.json"),
    _case(f"reproduce celeba {_ONE}", resume=f"reproduce celeba {_ONE}"),
    _case("models"),
    _case("export {model} --out out"),
    Case("export onnx", ("export", "{model}", "--format", "onnx", "--out", "out")),
    _case("show {model} --out out.html", output="out.html"),
    _case("report {run} --data {data} --no-photos --out out.html", output="out.html"),
    _case("studio {model} --no-browser --port 0"),
)
"""The other commands."""


class Workshop:
    """Inputs of the commands and their undisturbed results, made once in a folder.

    Args:
        folder: for everything; what is there already is used again.
        seed: of the trials.
        warm: import scgan here, once, so that commands can be forks of this process.
    """

    def __init__(self, folder: Path, seed: int, warm: bool = False) -> None:
        self.folder, self.seed, self.warm = folder.resolve(), seed, warm
        self.inputs = self.folder / "inputs"
        if warm:
            os.environ.update(self.environment())  # before torch is imported
            import_all()
        if not (self.inputs / "done").exists():
            shutil.rmtree(self.inputs, ignore_errors=True)
            self._make_inputs()
            (self.inputs / "done").touch()

    def _make_inputs(self) -> None:
        self.inputs.mkdir(parents=True)
        settings = [f"--{name}={value}" for name, value in (RUN | LOG).items()]
        self._make("prepare", "toyfaces", "--count=60", "--size=32", "--out=data")
        self._make("train", "--data=data", "--out=run", "--recipe=paper", *settings)
        shutil.copytree(self.inputs / "run" / "model", self.inputs / "model")
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); from pathlib import Path;"
            "from quick_graders import cache_quick_graders; cache_quick_graders(Path('data'))"
        )
        command = [sys.executable, "-c", code, ROOT / "tests"]
        subprocess.run(command, cwd=self.inputs, env=self.environment(), check=True, stderr=subprocess.DEVNULL)
        self._make("generate", "model", "--out=images")  # fills the cache of engines

    def _make(self, *words: str) -> None:
        ended = self.start(words, self.inputs).end()
        assert ended.code == 0, ended.text

    def environment(self) -> dict[str, str]:
        """Variables of all commands: one thread, so that sums are equal, and caches of their own."""
        path = os.pathsep.join(dict.fromkeys(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")])))
        caches = {
            "XDG_CACHE_HOME": str(self.inputs / "cache"),
            "PYTHONPYCACHEPREFIX": str(self.inputs / "bytecode"),
            "PYTHONDONTWRITEBYTECODE": "",
        }
        return {**os.environ, "OMP_NUM_THREADS": "1", **caches, "PYTHONPATH": path}

    def start(self, words: Iterable[str], folder: Path, stop_at: Sequence[str] = (), cold: bool = False) -> Started:
        """Start a command in a folder; ``cold`` imports everything again."""
        inputs = {name: self.inputs / name for name in ("data", "model", "run")}
        filled = [word.format(**inputs) for word in words]
        return Started(filled, folder, self.environment(), self.warm and not cold, stop_at)

    def reference(self, case: Case, cold: bool = False) -> Reference:
        """Result, duration and number of changes of files of the undisturbed command."""
        file = self.folder / "references" / f"{case.name.replace(' ', '-')}{'-cold' if cold else ''}.json"
        if not file.exists():
            folder = file.parent / f"{file.stem}-{os.getpid()}"
            counter = folder.with_suffix(".count")
            started, began = self.start(case.words, folder, [str(counter), "0", "0"], cold), time.monotonic()
            if case.name == "studio":
                started.wait_for("Ctrl-C stops")
                started.send(signal.SIGINT)
            ended = started.end()
            assert ended.code in (0, 130), ended.text
            changes = int(counter.read_text()) if counter.exists() else 0  # the studio is stopped by a signal
            times = {"seconds": time.monotonic() - began, "processor_seconds": ended.seconds}
            content = {**times, "changes": changes, "digests": digests(folder, case)}
            shutil.rmtree(folder)
            counter.unlink(missing_ok=True)
            counter.write_text(json.dumps(content), encoding="utf-8")
            counter.replace(file)
        return Reference(**json.loads(file.read_text(encoding="utf-8")))

    def wait_for_share(self, started: Started, case: Case, share: float, cold: bool = False) -> None:
        """Wait until a command has done a share of its work."""
        started.wait_until_signals_are_handled()
        reference = self.reference(case, cold)
        started.wait_for_processor_time(share * reference.processor_seconds, 10 * reference.seconds)


@dataclass(frozen=True)
class Reference:
    """Undisturbed command.

    Attributes:
        seconds: of the whole command.
        processor_seconds: of all its processes.
        changes: number of changes of files that its first process made.
        digests: of its output.
    """

    seconds: float
    processor_seconds: float
    changes: int
    digests: Digests


def digests(folder: Path, case: Case) -> Digests:
    """Hash the files of an output, without times."""
    top = folder / case.output
    files = [top] if top.is_file() else sorted(path for path in top.rglob("*") if path.is_file())
    hashes = {}
    for file in files:
        name = file.relative_to(folder).as_posix()
        if not IGNORED.search(name.removeprefix(f"{case.output}/")):
            hashes[name] = hashlib.sha256(_TIMES.sub(b"", file.read_bytes())).hexdigest()[:16]
    return hashes


def leftovers(folder: Path) -> list[str]:
    """Temporary files and locks."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.name.startswith(".") or ".partial" in path.name or path.name.endswith(".new")
    )


def continued(workshop: Workshop, case: Case, folder: Path) -> list[str]:
    """Run a disturbed command again, to its end; returns the faults: the result differs, or something is left."""
    exists = (folder / case.output).exists()
    ended = workshop.start((case.resume if exists else None) or case.words, folder).end()
    is_done = exists and not case.resume and ended.code == 2 and "exists already" in ended.text
    faults = []
    if ended.code and not is_done:
        return [f"the next run ended with {ended.code}: {ended.text[-600:]}"]
    if "Traceback" in ended.text:
        faults.append(f"the next run printed a traceback: {ended.text[-600:]}")
    expected, found = workshop.reference(case).digests, digests(folder, case)
    if found != expected:
        names = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
        faults.append(f"other results: {', '.join(names[:5])}")
    if left := leftovers(folder):
        faults.append(f"left: {', '.join(left[:5])}")
    return faults


Trial = Callable[[Workshop, Case, random.Random, Path], tuple[str, list[str]]]
"""Disturb a command in an empty folder; returns the moment in words, and the faults."""

LATE = "(it had ended)"
"""Words in the moment of a trial whose signal came too late."""


def run_trials(
    kind: str,
    trial: Trial,
    cases: Sequence[Case],
    workshop: Workshop,
    count: int,
    *,
    share: tuple[int, int] = (1, 1),
    names: Sequence[str] = (),
) -> Mapping[str, list[int]]:
    """Run ``count`` trials, the cases in turn, and print a table; returns trials and faults by case.

    The folder of a trial with a fault stays for inspection. ``names`` leave out the trials of other cases. Of several
    processes that share the trials, the one with ``share`` (k, n) runs each n-th, and the table has those that any of
    them has finished.
    """
    journal = workshop.folder / f"{kind}-{workshop.seed}.jsonl"
    finished = {line["number"] for line in _read_journal(journal)}
    for number in range(share[0] - 1, count, share[1]):
        case = cases[number % len(cases)]
        if number in finished or (names and case.name not in names):
            continue
        folder = workshop.folder / "trials" / f"{kind}-{workshop.seed}-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        rng = random.Random(f"{kind} {workshop.seed} {number}")
        began = time.monotonic()
        moment, faults = trial(workshop, case, rng, folder)
        seconds = round(time.monotonic() - began, 1)
        line = {"number": number, "case": case.name, "moment": moment, "faults": faults, "seconds": seconds}
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if not faults:
            shutil.rmtree(folder, ignore_errors=True)
        for fault in faults:
            print(f"{kind} {number}, {case.name}, {moment}: {fault}", flush=True)
    return _print_table(kind, [line for line in _read_journal(journal) if line["number"] < count], cases)


def _read_journal(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


def _print_table(kind: str, lines: Sequence[Mapping[str, Any]], cases: Sequence[Case]) -> Mapping[str, list[int]]:
    table = {case.name: [0, 0, 0] for case in cases}
    for line in lines:
        row = table.setdefault(line["case"], [0, 0, 0])
        for place, is_true in enumerate((True, line["faults"], LATE in line["moment"])):
            row[place] += bool(is_true)
    print(f"| {kind} | trials | with faults | after the end |\n|---|---|---|---|")
    total = [sum(column) for column in zip(*table.values(), strict=True)]
    for name, row in [*table.items(), ("all", total)]:
        print(f"| {name} | {' | '.join(map(str, row))} |")
    print(f"{sum(line['seconds'] for line in lines):.0f} seconds", flush=True)
    return {name: row[:2] for name, row in table.items()}


def main(kind: str, trial: Trial, cases: Sequence[Case], count: int, description: str) -> int:
    """Read the options, run the trials, and return the exit code."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--count", type=int, default=count, help="number of trials")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "trials", help="folder for inputs and journals")
    parser.add_argument("--commands", nargs="+", choices=[case.name for case in cases])
    parser.add_argument("--share", default="1/1", metavar="K/N", help="run each N-th trial, from K on (default: 1/1)")
    options = parser.parse_args()
    first, _, step = options.share.partition("/")
    workshop = Workshop(options.work, options.seed, warm=True)
    chosen = {"share": (int(first), int(step)), "names": options.commands or ()}
    table = run_trials(kind, trial, cases, workshop, options.count, **chosen)
    return int(any(faults for _, faults in table.values()))
