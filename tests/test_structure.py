"""Structure of the code: lengths, parameters, names, docstrings, and tests that mirror the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

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


Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.Module | ast.ClassDef | Function


@cache
def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def definitions(file: Path) -> list[Definition]:
    """Module, classes and functions of a file."""
    return [node for node in ast.walk(ast.parse(text_of(file))) if isinstance(node, Definition)]


def functions(files: Iterable[Path]) -> Iterator[tuple[str, Function]]:
    """Place and syntax of each function."""
    for file in files:
        for node in definitions(file):
            if isinstance(node, Function):
                yield f"{relative(file)}:{node.lineno}: {node.name}", node


def relative(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def test_files_are_short() -> None:
    files = [*FILES, *(SOURCE / "studio" / "page").glob("*.*s")]
    assert not [relative(file) for file in files if len(text_of(file).splitlines()) > MAX_FILE_LINES]


def test_functions_are_short() -> None:
    lengths = {place: (node.end_lineno or 0) - node.lineno + 1 for place, node in functions(FILES)}
    assert not {place: length for place, length in lengths.items() if length > MAX_FUNCTION_LINES}


def test_long_parameter_lists_are_keywords() -> None:
    counts = {}
    for place, function in functions(SOURCE_FILES):
        positional = [*function.args.posonlyargs, *function.args.args]
        counts[place] = len([name for name in positional if name.arg not in ("self", "cls")])
    long = {place: count for place, count in counts.items() if count > MAX_POSITIONAL}
    assert not long, "too many positional parameters: make some keyword-only"


def test_docstrings_begin_with_a_verb_or_a_noun() -> None:
    docstrings = [(relative(file), ast.get_docstring(node)) for file in FILES for node in definitions(file)]
    first_words = [(file, text, text.split()[0].strip(",.?:")) for file, text in docstrings if text]
    assert not [(file, text) for file, text, word in first_words if word in QUESTION_WORDS]


def test_no_two_classes_have_one_name() -> None:
    """A name stands for one thing, wherever it is imported; private classes stay in their module."""
    places: dict[str, list[str]] = {}
    for file in SOURCE_FILES:
        for node in definitions(file):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(relative(file))
    assert not {name: files for name, files in places.items() if len(files) > 1}


def test_the_root_of_the_package_holds_few_modules() -> None:
    assert len(list(SOURCE.glob("*.py"))) <= MAX_ROOT_MODULES


def test_commands_are_thin() -> None:
    """No room imports a command, and no room below the commands sees their parsed arguments."""
    for file in SOURCE_FILES:
        if file.is_relative_to(SOURCE / "commands"):
            imported = set(re.findall(r"from scgan\.commands(?:\.(\w+))? import", text_of(file)))
            assert imported <= {"options", "comparison_options", "parser"}, file
        elif file.name != "cli.py":
            assert "scgan.commands" not in text_of(file), file
            assert "Namespace" not in text_of(file), file


def test_tests_mirror_the_source() -> None:
    """tests/room/test_module.py or test_module_topic.py tests src/scgan/room/module.py.

    A room's own name stands for the room as a whole. The tests of the studio's page are named by tool.
    """
    for file in sorted(TESTS.rglob("test_*.py")):
        room = file.parent.relative_to(TESTS)
        if room in (Path("."), Path("studio/page")):
            continue
        folder = ROOT / room if room in (Path("benchmarks"), Path("tools")) else SOURCE / room
        modules = {path.stem for path in folder.iterdir()} | {room.name}
        name = file.stem.removeprefix("test_")
        assert any(name == module or name.startswith(f"{module}_") for module in modules), f"no module for {file}"


def searched_files() -> list[Path]:
    folders = ("src", "tests", "docs", "benchmarks", "tools", "examples")
    suffixes = {".py", ".js", ".html", ".css", ".md", ".yaml", ".toml", ".j2", ".sh"}
    files = [path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes]
    top = [path for path in ROOT.iterdir() if path.suffix in suffixes or path.name == "Makefile"]
    return sorted(path for path in [*files, *top] if path.name not in NOT_SEARCHED and "finished" not in path.parts)


def test_old_words_are_gone() -> None:
    any_word = re.compile("|".join(f"(?:{word})" for word in OLD_WORDS))
    lines = [
        f"{relative(file)}:{number}: {new} in place of {old}: {line.strip()}"
        for file in searched_files()
        if any_word.search(text_of(file))
        for number, line in enumerate(text_of(file).splitlines(), start=1)
        for old, new in OLD_WORDS.items()
        if re.search(old, line)
    ]
    assert not lines, "\n".join(lines[:30])
