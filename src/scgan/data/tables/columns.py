"""Columns of a table to attributes: binary columns, numbers from 0 to 1, and categories."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.data.names import differ_in_case_only
from scgan.data.tables.cells import is_unknown, to_number
from scgan.utils.errors import UserError
from scgan.utils.text import join_names

Undecided = Literal["unknown", "middle", "category"]

_YES_OR_NO = tuple(
    {no: 0.0, yes: 1.0} for no, yes in (("no", "yes"), ("false", "true"), ("n", "y"), ("f", "t"), ("off", "on"))
)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
# Numbers that are written for people: with a decimal comma, a percent sign, a currency, separators of thousands.
_FOR_PEOPLE = re.compile(r"[+-]?(?:[$€£¥]\s?)?\d+(?:[ \u00a0\u202f'’.,]\d{3})*(?:[.,]\d+)?\s?[%€$£¥]?")
_LINE_BREAKS = re.compile(r"\s*[\r\n\u2028\u2029]\s*")
# A column with more different words than this holds names or sentences.
_MAX_CATEGORIES = 64
# A column of more words, none of them twice, holds names, dates or sentences.
_MAX_DIFFERENT = 10
# A column with more different whole numbers than this measures or counts something, until somebody says otherwise.
_MAX_WHOLE_NUMBERS = 10
# Numbers that stand for an unknown value in many tables; negative ones do, too.
_CODES = frozenset({9, 99, 999, 9999, 88, 888, 77, 777})


@dataclass(frozen=True)
class ColumnRules:
    """Decisions about columns by the person who prepares the data.

    Attributes:
        merged: column → new value → old values that it joins; a value that is in none becomes all zeros.
        categories: columns of whole numbers that are categories, however many values they have.
        undecided: meaning of 0 beside -1 and 1.
    """

    merged: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    categories: Sequence[str] = ()
    undecided: Undecided | None = None


class Column(NamedTuple):
    """Attributes of one column.

    Attributes:
        names: names of the attributes; a category has one for each value, ``column=value``.
        values: float32 (N, n_names); an unknown value is 0, in a category all zeros.
        is_category: true if at most one of them is 1.
        unknown: bool (N,), items whose value is unknown.
        assumptions: values that a merge does not name, and zeros that mean something else.
    """

    names: list[str]
    values: NDArray[np.float32]
    is_category: bool
    unknown: NDArray[np.bool_]
    assumptions: list[str]


def read_column(where: str, name: str, cells: Sequence[str], items: Sequence[str], rules: ColumnRules) -> Column:
    """Read the cells of one column, one for each item.

    Args:
        where: names the table in errors.
        name: the column.
        cells: text of each item.
        items: names of the items, for errors.
        rules: decisions about columns.

    Raises:
        UserError: the column mixes numbers and words, has numbers that are no attribute, or too many categories.
    """
    where = f"{where}, column {name}"
    merge = rules.merged.get(name)
    if merge is not None:
        return _merged(where, name, cells, merge)
    unknown = np.array([is_unknown(cell) for cell in cells])
    filled = ["" if empty else _LINE_BREAKS.sub(" ", cell) for cell, empty in zip(cells, unknown, strict=True)]
    if not any(filled):
        raise UserError(f"{where} has no known value: leave it out by naming the others in --columns.")
    numbers = _numbers(filled, items, where)
    if numbers is not None:
        values = None if name in rules.categories else _values(numbers, where, name, rules)
        if values is not None:
            column = np.zeros((len(cells), 1), np.float32)
            column[list(values), 0] = list(values.values())
            unknown[[index for index in numbers if index not in values]] = True
            return Column([name], column, False, unknown, [])
        filled = [_plain(cell) for cell in filled]
    filled, assumptions = _joined_spellings(filled, where)
    return _category(name, filled, _categories(filled, where), unknown, assumptions)


def _joined_spellings(cells: Sequence[str], where: str) -> tuple[list[str], list[str]]:
    """The cells with one spelling of each word, the most frequent one, and sentences about the others."""
    counts = Counter(cells)
    spelling: dict[str, str] = {}
    assumptions = []
    for group in differ_in_case_only(counts):
        chosen = max(sorted(group), key=lambda word: counts[word])
        spelling |= dict.fromkeys(group, chosen)
        assumptions.append(f"{where}: {join_names(map(repr, sorted(group)))} are taken as one value, {chosen!r}")
    return [spelling.get(cell, cell) for cell in cells], assumptions


def _values(numbers: Mapping[int, float], where: str, name: str, rules: ColumnRules) -> dict[int, float] | None:
    """Values in [0, 1] of one attribute (unknown ones are left out), or None where the numbers are categories."""
    distinct = set(numbers.values())
    low, high = min(distinct), max(distinct)
    if distinct <= {-1, 0, 1} and {-1, 0} <= distinct:
        if rules.undecided is None:
            raise UserError(
                f"{where} has {join_names(f'{value:g}' for value in sorted(distinct))}: say what 0 means, with "
                "--undecided unknown (counted as unknown), middle (0.5) or category (a value of its own)."
            )
        if rules.undecided == "category":
            return None
        decided = {index: number for index, number in numbers.items() if number or rules.undecided == "middle"}
        return {index: (number + 1) / 2 for index, number in decided.items()}
    if distinct <= {-1, 1}:
        return {index: float(number == 1) for index, number in numbers.items()}
    if low >= 0 and high <= 1:
        return dict(numbers)
    if codes := {number for number in distinct if number < 0 or number in _CODES}:
        rest = distinct - codes
        is_code = len(codes) == 1 and min(codes) < 0 and len(rest) > 1
        if rest and min(rest) >= 0 and (is_code or max(rest) <= 1):
            text = join_names(f"{code:g}" for code in sorted(codes))
            raise UserError(
                f"{where} has {text} among numbers from {min(rest):g} to {max(rest):g}: if this means unknown, leave "
                f"these cells empty; if it is a category, give --categories {name}."
            )
    if not all(number.is_integer() for number in distinct):
        raise UserError(
            f"{where} has numbers from {low:g} to {high:g}: scale them to lie between 0 and 1, or write "
            "categories as words."
        )
    if len(distinct) > _MAX_WHOLE_NUMBERS:
        raise UserError(
            f"{where} has {len(distinct)} different whole numbers, from {low:g} to {high:g}: scale them to lie between "
            "0 and 1, leave the column out by naming the others in --columns, or make an attribute of each with "
            f"--categories {name}."
        )
    return None


def _merged(where: str, name: str, cells: Sequence[str], merge: Mapping[str, Sequence[str]]) -> Column:
    """A category whose values are joined; a word such as None that the merge names is a value."""
    new_values = {old: new for new, olds in merge.items() for old in olds}
    joined = [new_values.get(cell, "") for cell in cells]
    unknown = np.array([not new and is_unknown(cell) for cell, new in zip(cells, joined, strict=True)])
    unnamed = sorted({cell for cell in cells if cell not in new_values and not is_unknown(cell)})
    assumptions = []
    if unnamed:
        assumptions.append(f"{where}: values that the merge does not name are taken as zeros: {join_names(unnamed)}")
    return _category(name, joined, list(merge), unknown, assumptions)


def _category(
    name: str, cells: Sequence[str], values: list[str], unknown: NDArray[np.bool_], assumptions: list[str]
) -> Column:
    one_hot = np.array([[cell == value for value in values] for cell in cells], np.float32).reshape(-1, len(values))
    return Column([f"{name}={value}" for value in values], one_hot, True, unknown, assumptions)


def _numbers(cells: Sequence[str], items: Sequence[str], where: str) -> dict[int, float] | None:
    """Number of each cell that is not empty (yes/no as 1/0), or None where the column holds words."""
    filled = {index: cell for index, cell in enumerate(cells) if cell}
    are_numbers = all(map(_FOR_PEOPLE.fullmatch, filled.values()))
    for index, cell in filled.items():
        if to_number(cell) is None and (are_numbers or _DECIMAL_COMMA.fullmatch(cell)):
            raise UserError(
                f"{where} has {cell!r} for {items[index]}: write numbers with a point, and without percent signs, "
                "currencies and separators of thousands."
            )
    for words in _YES_OR_NO:
        if {cell.lower() for cell in filled.values()} <= set(words):
            return {index: words[cell.lower()] for index, cell in filled.items()}
    numbers = {index: number for index, cell in filled.items() if (number := to_number(cell)) is not None}
    if not numbers:
        return None
    if len(numbers) < len(filled):
        slip_is_word = 2 * len(numbers) >= len(filled)  # the rarer kind is the slip
        slip = next(index for index in filled if (index not in numbers) == slip_is_word)
        raise UserError(
            f"{where} has {cells[slip]!r} for {items[slip]} among {'numbers' if slip_is_word else 'words'}: write "
            "only one of them."
        )
    return numbers


def _plain(cell: str) -> str:
    """A whole number without point: pandas writes 3 as 3.0 where other cells of the column are empty."""
    number = to_number(cell)
    return f"{number:.0f}" if number is not None and number.is_integer() else cell


def _categories(cells: Sequence[str], where: str) -> list[str]:
    values = set(cells) - {""}
    if len(values) > _MAX_CATEGORIES:
        raise UserError(
            f"{where} has {len(values)} different values, more than {_MAX_CATEGORIES}: it is not a category; leave it "
            "out by naming the others in --columns, or join values with --merge."
        )
    if len(values) == sum(map(bool, cells)) > _MAX_DIFFERENT:
        raise UserError(
            f"{where} has another value for each photo, such as {next(filter(None, cells))!r}: it names or describes "
            "the photos; leave it out by naming the others in --columns."
        )
    return sorted(values, key=lambda value: (to_number(value) or 0.0, value))
