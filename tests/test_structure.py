"""Structure of the code: lengths, parameters, names, docstrings, and tests that mirror the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE, TESTS = ROOT / "src" / "scgan", ROOT / "tests"
SOURCE_FILES = sorted(SOURCE.rglob("*.py"))
FILES = sorted(
    [*SOURCE_FILES, *TESTS.rglob("*.py"), *(ROOT / "benchmarks").glob("*.py"), *(ROOT / "tools").glob("*.py")]
)

MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 400
MAX_POSITIONAL = 6
MAX_ROOT_MODULES = 6

QUESTION_WORDS = {"How", "Is", "Are", "What", "Whatever", "Whether", "Where", "Which", "Who", "Whose", "Why"}

# Words of earlier versions, each with its standard term; they must not occur.
OLD_WORDS = {
    r"\b_?(MOST|LEAST|LARGEST|FEWEST)_": "MAX_, MIN_",
    r"steps_before": "pretrain_steps",
    r"average_decay": "ema_decay",
    r"fair_coins": "dropout_mask",
    r"without_places": "without_absolute_paths",
    r"written_(file|folder)": "atomic_file, atomic_folder",
    r"scgan push": "scgan export",
    r"\bpictures?\b": "image, photo",
    r"\banew\b": "again",
    r"\bshel(f|ves)\b": "gallery",
    r"(masks?|labels?) obeyed": "mask accuracy, attribute accuracy",
    r"seen as asked": "attribute accuracy",
    r"latent.s effect": "latent diversity",
    r"\bas-trained\b": "--align-face",
    r"\bno-real\b": "--no-photos",
    r"\b(is|are|be) descended\b|\bdescent\b": "update, optimizer step",
    r"nothing right of it knows|polite kill|that nobody knows": "plain sentences",
    r"Keep as \d|From A to B|Make twelve|Place like the examples|seen from ahead": "the studio's words",
    r"\bfilms?\b": "video",
}
NOT_SEARCHED = {"test_structure.py", "CHANGELOG.md", "extending.md", "LICENSE"}


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def relative(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_files_and_functions_are_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES
    for function in functions(file):
        assert (function.end_lineno or 0) - function.lineno + 1 <= MAX_FUNCTION_LINES, function.name


@pytest.mark.parametrize("file", sorted((SOURCE / "studio" / "page").glob("*.*s")), ids=relative)
def test_files_of_the_page_are_short(file: Path) -> None:
    assert len(file.read_text(encoding="utf-8").splitlines()) <= MAX_FILE_LINES


@pytest.mark.parametrize("file", SOURCE_FILES, ids=relative)
def test_long_parameter_lists_are_keywords(file: Path) -> None:
    for function in functions(file):
        positional = [*function.args.posonlyargs, *function.args.args]
        count = len([name for name in positional if name.arg not in ("self", "cls")])
        assert count <= MAX_POSITIONAL, f"{function.name} has {count} positional parameters: make some keyword-only"


@pytest.mark.parametrize("file", FILES, ids=relative)
def test_docstrings_begin_with_a_verb_or_a_noun(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            words = (ast.get_docstring(node) or "").split()
            assert not words or words[0].strip(",.?:") not in QUESTION_WORDS, ast.get_docstring(node)


def test_no_two_classes_have_one_name() -> None:
    """A name stands for one thing, wherever it is imported; private classes stay in their module."""
    places: dict[str, list[str]] = {}
    for file in SOURCE_FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(relative(file))
    assert not {name: files for name, files in places.items() if len(files) > 1}


def test_the_root_of_the_package_holds_few_modules() -> None:
    assert len(list(SOURCE.glob("*.py"))) <= MAX_ROOT_MODULES


@pytest.mark.parametrize("file", SOURCE_FILES, ids=relative)
def test_commands_are_thin(file: Path) -> None:
    """No room imports a command, and no room below the commands sees their parsed arguments."""
    text = file.read_text(encoding="utf-8")
    if file.is_relative_to(SOURCE / "commands"):
        imported = set(re.findall(r"from scgan\.commands(?:\.(\w+))? import", text))
        assert imported <= {"options", "comparison_options", "parser"}
    elif file.name != "cli.py":
        assert "scgan.commands" not in text
        assert "Namespace" not in text


@pytest.mark.parametrize("file", sorted(TESTS.rglob("test_*.py")), ids=relative)
def test_tests_mirror_the_source(file: Path) -> None:
    """tests/room/test_module.py or test_module_topic.py tests src/scgan/room/module.py.

    A room's own name stands for the room as a whole. The tests of the studio's page are named by tool.
    """
    room = file.parent.relative_to(TESTS)
    if room in (Path("."), Path("studio/page")):
        return
    folder = ROOT / room if room in (Path("benchmarks"), Path("tools")) else SOURCE / room
    modules = {path.stem for path in folder.iterdir()} | {room.name}
    name = file.stem.removeprefix("test_")
    assert any(name == module or name.startswith(f"{module}_") for module in modules), f"no module {name} in {folder}"


def searched_files() -> list[Path]:
    folders = ("src", "tests", "docs", "benchmarks", "tools", "examples")
    suffixes = {".py", ".js", ".html", ".css", ".md", ".yaml", ".toml", ".j2", ".sh"}
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    top = [path for path in ROOT.iterdir() if path.suffix in suffixes or path.name == "Makefile"]
    return sorted(path for path in [*files, *top] if path.name not in NOT_SEARCHED and "finished" not in path.parts)


@pytest.mark.parametrize("old", OLD_WORDS)
def test_old_words_are_gone(old: str) -> None:
    lines = [
        f"{relative(file)}:{number}: {line.strip()}"
        for file in searched_files()
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if re.search(old, line)
    ]
    assert not lines, f"{OLD_WORDS[old]} in place of {old}:\n" + "\n".join(lines[:30])
