"""Messages that the documentation quotes, compared with the message templates of the source.

A quoted message writes ``…`` for each part that differs from case to case. A template is a string of the source with
its formatted values cut out: ``f"{path} has no row for {name}"`` is the template ``("", " has no row for ", "")``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]

MIN_LETTERS = 8
"""Fewer quoted letters would match by chance."""

HOLE = "\0"
"""Stands for a formatted value in a template."""


def quoted_messages() -> list[str]:
    """Messages quoted by the tables of own-data.md and by the text blocks of faq.md."""
    tables = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "own-data.md").read_text(encoding="utf-8"), re.MULTILINE)
    blocks = re.findall(r"```text\n(.*?)\n```", (ROOT / "docs" / "faq.md").read_text(encoding="utf-8"), re.DOTALL)
    return [*tables, *blocks]


def source_templates(folder: Path = ROOT / "src") -> list[str]:
    """Templates of all strings in the Python files of ``folder`` that are not docstrings."""
    return [
        template
        for file in sorted(folder.rglob("*.py"))
        for template in templates_of(ast.parse(file.read_text(encoding="utf-8")))
    ]


def templates_of(tree: ast.Module) -> Iterator[str]:
    """Templates of a module: constants, f-strings, and sums of them, each as one string with ``HOLE`` for a value."""
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if id(node) not in docstrings:
            template = _template(node)
            if template.strip(HOLE):
                yield _single_spaced(template)


def missing_messages(messages: Iterable[str], templates: Iterable[str]) -> list[str]:
    """Messages without a template in which all their literal parts occur, whole and in order.

    A literal part may not reach over a formatted value: the quotation must write ``…`` there.
    """
    candidates = list(templates)
    missing = []
    for message in messages:
        parts = [part for part in (_single_spaced(part).strip() for part in message.split("…")) if part]
        pattern = re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
        letters = sum(character.isalpha() for part in parts for character in part)
        if letters < MIN_LETTERS or not any(pattern.search(template) for template in candidates):
            missing.append(message)
    return missing


def _template(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_template(value) if isinstance(value, ast.Constant) else HOLE for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return (_template(left) or HOLE) + (_template(right) or HOLE)
    return ""


def _single_spaced(text: str) -> str:
    return re.sub(r"\s+", " ", text)
