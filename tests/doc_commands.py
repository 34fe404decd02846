"""Commands and Python of documentation pages, run as written in a folder where their names stand for tiny data.

What takes long is capped: `cap` says by which further options. What would not come back, or is not ours, is only looked
at.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from jsonargparse import ArgumentParser

from quick_graders import cache_quick_graders
from scgan.cli import main
from scgan.commands import studio

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PHOTOS = 80

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
_ELSEWHERE = ("pip", "tensorboard")
_NEED_GRADERS = ("compare", "evaluate", "reproduce", "synthesize")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def commands(page: Path) -> list[str]:
    """The commands of a page, each on one line, without comments."""
    lines = "".join(blocks(page, "sh")).replace("\\\n", " ").splitlines()
    return [line for line in lines if shlex.split(line, comments=True)]


def run_page(page: Path) -> list[str]:
    """Run all commands of a page in the present folder; returns them."""
    Path("capped.yaml").write_text(_CAPPED, encoding="utf-8")
    found = commands(page)
    for command in found:
        run(command)
    return found


def run(command: str) -> None:
    """Run one command and see that it succeeds."""
    program, *words = shlex.split(command, comments=True)
    if program == "scgan":
        if words[0] == "studio":  # it would not come back
            parser = ArgumentParser()
            studio.add_arguments(parser)
            parser.parse_args(words[1:])
        else:
            if words[0] in _NEED_GRADERS and "--data" in words:
                cache_quick_graders(Path(words[words.index("--data") + 1]))
            assert main(cap(words)) == 0, command
    elif program == "make":
        assert re.search(rf"^{words[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE), command
    elif program == "python" and words[0].startswith("examples/"):
        run_script(ROOT / words[0], *words[1:])
    elif program == "python":
        assert (ROOT / words[0]).is_file(), command
    elif program == "curl":
        places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        subprocess.run(command, shell=True, check=True, env={**os.environ, "PATH": places})
    else:
        assert program in _ELSEWHERE, command


def cap(words: list[str]) -> list[str]:
    """The same command with less work."""
    match words:
        case ["train", *_]:
            return [*words, "--config", "capped.yaml"]
        case ["prepare", "toyfaces", *_]:
            return [*words, "--count", "60", "--size", "32"]
        case ["prepare", *_]:
            return [*words, "--size", "32", "--processes", "1"]
        case ["grid", *_]:
            return [*words, "--count", "2", "--latents", "2"]
        case ["compare" | "reproduce", *_]:
            settings = words.index("--set") + 1 if "--set" in words else len(words)
            chosen = words[settings:]
            fewer = ["--methods", "scgan", "--budget", "16images"]
            return [*words[:settings], *([] if chosen else ["--set"]), *chosen, *_TINY, *fewer]
    return words


def run_python(page: Path) -> list[dict[str, object]]:
    """Run each Python block of a page by itself; returns what their names stand for in the end."""
    results = []
    for text in blocks(page, "python"):
        names: dict[str, object] = {}
        exec(text, names)
        results.append(names)
    return results


def run_script(script: Path, *arguments: str) -> None:
    """Run one of examples/."""
    spec = importlib.util.spec_from_file_location(script.stem, script)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(*arguments)


def few_photos(source: Path, folder: Path, count: int = PHOTOS) -> None:
    """The first photos of a CelebA folder, as a folder of the same layout."""
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
    """The first photos, masks and rows of somebody's own folder."""
    shutil.copy(source / "classes.json", folder)
    header, *rows = (source / "attributes.csv").read_text(encoding="utf-8").splitlines()
    (folder / "attributes.csv").write_text("\n".join([header, *rows[:count]]) + "\n", encoding="utf-8")
    for row in rows[:count]:
        name = Path(row.split(",")[0]).stem
        for kind, suffix in (("images", ".jpg"), ("masks", ".png")):
            (folder / kind).mkdir(exist_ok=True)
            shutil.copy(source / kind / f"{name}{suffix}", folder / kind / f"{name}{suffix}")
