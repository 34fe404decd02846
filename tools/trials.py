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

ROOT = Path(__file__).resolve().parents[1]
STOP_AT = ROOT / "tools" / "stop_at.py"

TINY = {
    "generator.width": 4,
    "generator.latent_size": 8,
    "generator.update_every": 2,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "training.batch_size": 4,
    "training.accelerator": "cpu",
}
RUN = {**TINY, "segmentor.pretrain_steps": 2, "training.steps": 10}
LOG = {"log.scalars_every": 1, "log.samples_every": 4, "log.checkpoint_every": 2}
SETTINGS = [f"{name}={value}" for name, value in TINY.items()]

# Times and memory differ between two runs of the same command; checkpoints and TensorBoard's files hold times, too.
_NAMES = r"checkpoints|tensorboard|memory\.json|table\.md|results\.json|page\.html|checked\.json|figures|runs"
IGNORED = re.compile(rf"(^|/)({_NAMES})(/|$)")
_TIMES = re.compile(rb'"(seconds|megabytes)": [-\d.e]+|"digest": "\w+"')  # the digest covers the times

Folder = Path
Digests = dict[str, str]


@dataclass(frozen=True)
class Case:
    """A command under trial. Its words may hold ``{data}``, ``{model}`` and ``{run}``; it writes ``out…``.

    Attributes:
        name: in the table.
        words: of the command line.
        resume: words of the run that follows a stop, if the output exists; None where nothing has to be done then.
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
_COMPARED = f"--no-photos --methods wgan-gp pix2pix --features --set {' '.join(SETTINGS)}"

LONG = (
    _case("prepare toyfaces --count 1100 --size 32 --processes 2 --out out"),
    _case("train --data {data} --out out --recipe paper {run_settings}", resume="train --out out --resume"),
    _case("synthesize {model} --data {data} --count 96 --min-mask-iou 0 --out out"),
    _case(
        f"compare --data {{data}} --out out --budget 16images {_COMPARED}",
        resume=f"compare --data {{data}} --out out --budget 16images {_COMPARED}",
    ),
)
"""Commands that are resumed."""

SHORT = (
    _case("inspect {data} --sheet out.png", output="out.png"),
    _case("generate {model} --per-mask 2 --out out"),
    _case("interpolate {model} --along latent --steps 4 --out out.png", output="out.png"),
    _case("grid {model} --count 2 --latents 2 --formats png --out out"),
    _case("evaluate {model} --data {data} --judge-attributes --out out.json", output="out.json"),
    _case(
        f"reproduce celeba --data {{data}} --out out --budget 16images {_COMPARED}",
        resume=f"reproduce celeba --data {{data}} --out out --budget 16images {_COMPARED}",
    ),
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
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.seed = folder.resolve(), seed
        self.inputs = self.folder / "inputs"
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
        subprocess.run(
            [sys.executable, "-c", code, ROOT / "tests"],
            cwd=self.inputs,
            env=self.environment(),
            check=True,
            stderr=subprocess.DEVNULL,
        )
        self._make("generate", "model", "--out=images")  # fills the cache of engines

    def _make(self, *words: str) -> None:
        command = [sys.executable, "-m", "scgan", *words]
        done = subprocess.run(command, cwd=self.inputs, env=self.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def environment(self) -> dict[str, str]:
        """Variables of all commands: one thread, so that sums are equal, and a cache of their own."""
        path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
        return {**os.environ, "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(self.inputs / "cache"), "PYTHONPATH": path}

    def words(self, words: Iterable[str]) -> list[str]:
        """Put the paths of the inputs into words of a command line."""
        return [word.format(**{name: self.inputs / name for name in ("data", "model", "run")}) for word in words]

    def start(self, words: Sequence[str], folder: Path, stop_at: Sequence[str] = ()) -> Started:
        """Start a command in a folder, in a session of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        program = [str(STOP_AT), *stop_at] if stop_at else ["-m", "scgan"]
        said = (folder.parent / f"{folder.name}.{time.monotonic_ns()}.txt").open("w+", encoding="utf-8")
        process = subprocess.Popen(
            [sys.executable, *program, *self.words(words)],
            cwd=folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            start_new_session=True,
            preexec_fn=_heed_signals,
        )
        return Started(process, said, time.monotonic())

    def reference(self, case: Case) -> Reference:
        """Result, duration and number of changes of files of the undisturbed command."""
        file = self.folder / "references" / f"{case.name.replace(' ', '-')}.json"
        if not file.exists():
            folder = file.with_suffix("")
            shutil.rmtree(folder, ignore_errors=True)
            counter = file.with_suffix(".count")
            started = self.start(case.words, folder, [str(counter), "0", "0"])
            if case.name == "studio":
                started.wait_for("Ctrl-C stops")
                started.process.send_signal(signal.SIGINT)
            ended = started.end()
            assert ended.code in (0, 130), ended.text
            seconds = time.monotonic() - started.began
            changes = int(counter.read_text()) if counter.exists() else 0  # the studio is stopped by a signal
            content = {"seconds": seconds, "changes": changes, "digests": digests(folder, case)}
            shutil.rmtree(folder)
            file.write_text(json.dumps(content), encoding="utf-8")
        return Reference(**json.loads(file.read_text(encoding="utf-8")))


def _heed_signals() -> None:
    """Let the command handle all signals, even if this process was started by ``nohup`` or in the background."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass(frozen=True)
class Reference:
    """Undisturbed command.

    Attributes:
        seconds: of the whole command.
        changes: number of changes of files that its first process made.
        digests: of its output.
    """

    seconds: float
    changes: int
    digests: Digests


@dataclass(frozen=True)
class Ended:
    """Exit code (negative: signal) and everything that was printed."""

    code: int
    text: str


class Started:
    """A running command."""

    def __init__(self, process: subprocess.Popen[bytes], said: Any, began: float) -> None:
        self.process, self.said, self.began = process, said, began

    def wait_until_signals_are_handled(self) -> None:
        """Wait for scgan's first lines: what comes before them is Python's own start."""
        mask = 1 << (signal.SIGTERM - 1)
        while self.process.poll() is None:
            status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
            if (match := re.search(r"SigCgt:\s*(\w+)", status)) and int(match[1], 16) & mask:
                return
            time.sleep(0.002)

    def wait_for(self, text: str) -> None:
        """Wait until the command prints a text."""
        while self.process.poll() is None and text not in Path(self.said.name).read_text(encoding="utf-8"):
            time.sleep(0.02)

    def send(self, number: int, group: bool = False) -> None:
        """Send a signal to the process, or to all that it started, as a terminal does."""
        if self.process.poll() is None:
            (os.killpg if group else os.kill)(self.process.pid, number)

    def end(self, seconds: float = 600) -> Ended:
        """Wait for the end of the command and of all processes that it started."""
        try:
            self.process.wait(seconds)
            self._wait_for_group(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            return Ended(-1, self._text() + f"\n(did not end in {seconds:.0f} s)")
        return Ended(self.process.returncode, self._text())

    def _wait_for_group(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.02)
        raise subprocess.TimeoutExpired("processes that the command started", seconds)

    def _text(self) -> str:
        self.said.close()
        file = Path(self.said.name)
        text = file.read_text(encoding="utf-8")
        file.unlink()
        return text


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
    words = case.resume if exists else case.words
    faults = []
    if words is not None:
        ended = workshop.start(words, folder).end()
        if ended.code:
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


def run_trials(
    kind: str, trial: Trial, cases: Sequence[Case], workshop: Workshop, count: int
) -> Mapping[str, list[int]]:
    """Run ``count`` trials, the cases in turn, and print a table; returns trials and faults by case.

    The folder of a trial with a fault stays for inspection.
    """
    journal = workshop.folder / f"{kind}-{workshop.seed}.jsonl"
    lines = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    for number in range(len(lines), count):
        case = cases[number % len(cases)]
        folder = workshop.folder / "trials" / f"{kind}-{workshop.seed}-{number}"
        shutil.rmtree(folder, ignore_errors=True)
        rng = random.Random(f"{kind} {workshop.seed} {number}")
        began = time.monotonic()
        moment, faults = trial(workshop, case, rng, folder)
        seconds = round(time.monotonic() - began, 1)
        lines.append({"number": number, "case": case.name, "moment": moment, "faults": faults, "seconds": seconds})
        with journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(lines[-1]) + "\n")
        if not faults:
            shutil.rmtree(folder, ignore_errors=True)
        for fault in faults:
            print(f"{kind} {number}, {case.name}, {moment}: {fault}", flush=True)
    return _print_table(kind, lines[:count], cases)


def _print_table(kind: str, lines: Sequence[Mapping[str, Any]], cases: Sequence[Case]) -> Mapping[str, list[int]]:
    table = {case.name: [0, 0] for case in cases}
    for line in lines:
        table[line["case"]][0] += 1
        table[line["case"]][1] += bool(line["faults"])
    print(f"| {kind} | trials | with faults |\n|---|---|---|")
    total = [len(lines), sum(bool(line["faults"]) for line in lines)]
    for name, (trials, faults) in [*table.items(), ("all", total)]:
        print(f"| {name} | {trials} | {faults} |")
    print(f"{sum(line['seconds'] for line in lines):.0f} seconds", flush=True)
    return table


def parse_options(description: str, cases: Sequence[Case], count: int) -> tuple[argparse.Namespace, list[Case]]:
    """Read ``--count``, ``--seed``, ``--work`` and ``--commands``."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--count", type=int, default=count, help="number of trials")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "trials", help="folder for inputs and journals")
    parser.add_argument("--commands", nargs="+", choices=[case.name for case in cases])
    options = parser.parse_args()
    chosen = [case for case in cases if not options.commands or case.name in options.commands]
    return options, chosen
