"""Commands and Python of documentation pages, run as written in a folder in which their names stand for small data.

Slow commands get options that shorten them (``cap``), and find graders that learned for two steps. Commands that do not
return, and further comparisons of a page, are only parsed. Programs other than scgan are not run.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from jsonargparse import ArgumentParser

from quick_graders import cache_quick_graders
from scgan.cli import main

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PHOTOS = 40

_CAPPED = """
training: {steps: 2, accelerator: cpu, devices: 1}
segmentor: {width: 4, pretrain_steps: 1}
generator: {width: 4}
discriminator: {width: 4}
"""
_TINY = [
    "generator.width=4",
    "discriminator.width=4",
    "segmentor.width=4",
    "segmentor.pretrain_steps=1",
    "training.accelerator=cpu",
    "training.devices=1",
]
_NOT_RUN = ("pip", "tensorboard")
_ONCE = ("compare", "reproduce")
_GRADED = ("evaluate", "synthesize", *_ONCE)


def blocks(page: Path, language: str) -> list[str]:
    """Code blocks of one language, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def commands(page: Path) -> list[str]:
    """Commands of a page, each on one line, without comments."""
    lines = "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if shlex.split(line, comments=True)]


def write_capped_settings() -> None:
    """Write the settings that ``cap`` adds to trainings into the current folder."""
    Path("capped.yaml").write_text(_CAPPED, encoding="utf-8")


def run_page(page: Path) -> list[str]:
    """Run all commands of a page in the current folder and return them."""
    write_capped_settings()
    names_of_runs: set[str] = set()
    page_commands = commands(page)
    for command in page_commands:
        program, *words = shlex.split(command, comments=True)
        if program != "scgan":
            run_other(command, program, words)
        elif words[0] == "studio" or (words[0] in _ONCE and words[0] in names_of_runs):
            parse(words)
        else:
            names_of_runs.add(words[0])
            run(words)
    return page_commands


def run(words: list[str]) -> None:
    """Run one command of scgan, shortened, and check that it succeeds."""
    if words[0] in _GRADED:
        cache_quick_graders(Path(words[words.index("--data") + 1]))
    assert main(cap(words)) == 0, words


def parse(words: list[str]) -> None:
    """Check that one command of scgan accepts its options."""
    parser = ArgumentParser()
    import_module(f"scgan.commands.{words[0].replace('-', '_')}").add_arguments(parser)
    parser.parse_args(words[1:])


def run_other(command: str, program: str, words: list[str]) -> None:
    """Run scripts of ``examples/`` and requests by curl; check that other programs and make targets are known."""
    if program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), command
    elif program == "python" and words[0].startswith("examples/"):
        run_script(ROOT / words[0], *words[1:])
    elif program == "python" and words[0] == "-m":
        assert importlib.util.find_spec(words[1]), command
    elif program == "python":
        assert (ROOT / words[0]).is_file(), command
    elif program == "curl":
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        subprocess.run(command, shell=True, check=True, env={**os.environ, "PATH": path})
    else:
        assert program in _NOT_RUN, command


def cap(words: list[str]) -> list[str]:
    """Add options that shorten a command."""
    match words:
        case ["train", *_] if "--generator.latent_channels" in words:  # a model that grows keeps its widths
            return [*words, "--training.steps", "1", "--training.batch_size", "2", "--segmentor.pretrain_steps", "1"]
        case ["train", *_]:
            return [*words, "--config", "capped.yaml"]
        case ["prepare", "toyfaces", *_]:
            return [*words, "--count", "40", "--size", "32", "--processes", "1"]
        case ["prepare", *_] if "128" in words:
            return [*words, "--processes", "1"]
        case ["prepare", *_]:
            return [*words, "--size", "32", "--processes", "1"]
        case ["train-encoder", *_]:
            return [*words, "--steps", "1"]
        case ["invert", *_]:
            return [*words, "--steps", "1", "--correction-steps", "1"]
        case ["grid", *_]:
            return [*words, "--count", "2", "--latents", "2"]
        case ["show", *_]:
            return [*words, "fashion"]
        case ["compare" | "reproduce", *_]:
            features = ["efficientnet-lite0"] if words[0] == "compare" else []
            fewer = ["--methods", "scgan", "--budget", "16images", "--features", *features, "--seeds", "0"]
            return [*words, *([] if "--set" in words else ["--set"]), *_TINY, *fewer]
    return words


def run_python(page: Path) -> list[dict[str, object]]:
    """Run each Python block of a page separately and return the variables of each."""
    results = []
    for text in blocks(page, "python"):
        names: dict[str, object] = {}
        exec(text, names)
        results.append(names)
    return results


def run_script(script: Path, *arguments: str) -> None:
    """Run a script of ``examples/``."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(*arguments)


def few_photos(source: Path, folder: Path, count: int = PHOTOS) -> None:
    """Copy the first photos of a CelebA folder to a folder of the same layout."""
    (folder / "img_align_celeba").mkdir(parents=True)
    for number in range(1, count + 1):
        name = f"{number:06}.jpg"
        shutil.copy(source / "img_align_celeba" / name, folder / "img_align_celeba" / name)
    for table, header in (("identity_CelebA.txt", 0), ("list_eval_partition.txt", 0), ("list_attr_celeba.txt", 2)):
        lines = (source / table).read_text(encoding="utf-8").splitlines()
        rows = lines[header : header + count]
        heading = [str(count), lines[1]] if header else []
        (folder / table).write_text("\n".join([*heading, *rows]) + "\n", encoding="utf-8")


def few_of_folder(source: Path, folder: Path, count: int) -> None:
    """Copy the first photos, masks and table rows of a folder with photos and masks."""
    shutil.copy(source / "classes.json", folder)
    header, *rows = (source / "attributes.csv").read_text(encoding="utf-8").splitlines()
    (folder / "attributes.csv").write_text("\n".join([header, *rows[:count]]) + "\n", encoding="utf-8")
    for row in rows[:count]:
        name = Path(row.split(",")[0]).stem
        for kind, suffix in (("images", ".jpg"), ("masks", ".png")):
            (folder / kind).mkdir(exist_ok=True)
            shutil.copy(source / kind / f"{name}{suffix}", folder / kind / f"{name}{suffix}")
