"""Account of a prepared folder: items kept and skipped, findings, assumptions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pydantic import TypeAdapter

from scgan.schema import Schema
from scgan.utils.text import counted, join_names

_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class SourceNotes:
    """Part of the account that is known before the items are read; a source fills what it has.

    Attributes:
        classes: origin of the classes, as in "listed in classes.json".
        background: reason why class 0 is the background, as in "the first of the list".
        unknown_values: number of unknown values of each column that has any.
        unknown_become: what becomes of unknown values, as in "taken as 0".
        rows_without_photo: names of the rows of a table that no photo belongs to.
        assumptions: sentences about everything else that was assumed.
    """

    classes: str = ""
    background: str = ""
    unknown_values: Mapping[str, int] = field(default_factory=dict)
    unknown_become: str = ""
    rows_without_photo: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Items to which one thing happened.

    Attributes:
        text: the reason or remark, for the first item.
        items: number of items.
        first: name of the first item.
    """

    text: str
    items: int
    first: str


@dataclass(frozen=True)
class Account:
    """Account of a finished folder; ``dataset.json`` has its fields under ``account``.

    Attributes:
        kept: number of items that were written.
        skipped: items that cannot be used, by reason.
        item_notes: items about which ``Item.notes`` says something, by remark.
        ignored_pixels: share of the pixels that belong to no class, 0…1.
        ignored_items: number of items that have such pixels.
        source: notes of the source.
    """

    kept: int = 0
    skipped: tuple[Reason, ...] = ()
    item_notes: tuple[Reason, ...] = ()
    ignored_pixels: float = 0.0
    ignored_items: int = 0
    source: SourceNotes = field(default_factory=SourceNotes)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Account:
        """Read the values that ``to_json`` wrote.

        Raises:
            ValueError: the values are not an account.
        """
        return TypeAdapter(Account).validate_python(values)

    def lines(self, schema: Schema) -> list[str]:
        """Lines for the person who prepared the data, without the number of kept items."""
        notes = self.source
        rows = notes.rows_without_photo
        lines = [
            *(f"skipped: {_describe(reason)}" for reason in self.skipped),
            f"classes: {schema.class_count} ({join_names(schema.class_names)}){_origin(notes.classes)}",
            f"background: {schema.class_names[0]}{_origin(notes.background)}",
            f"mirror pairs: {join_names(f'{one} and {other}' for one, other in schema.mirrored_classes)}",
            f"ignored pixels: {self._ignored()}; unknown values: {self._unknown()}",
        ]
        if schema.attribute_count:
            lines.append(f"attributes: {schema.attribute_count} ({join_names(_grouped(schema))})")
        if rows:
            lines.append(f"rows of the table without a photo: {len(rows)} ({join_names(rows)})")
        lines += [f"assumed: {text}" for text in notes.assumptions]
        lines += [f"note: {_describe(reason)}" for reason in self.item_notes]
        return lines

    def _unknown(self) -> str:
        columns = [f"{count} of column {name}" for name, count in self.source.unknown_values.items()]
        become = f", {self.source.unknown_become}" if columns and self.source.unknown_become else ""
        return f"{join_names(columns)}{become}"

    def _ignored(self) -> str:
        return f"{self.ignored_pixels:.2%} in {counted(self.ignored_items, 'item')}" if self.ignored_items else "none"


def count_reasons(reasons: Sequence[tuple[str, str]]) -> tuple[Reason, ...]:
    """Count pairs of an item's name and a reason; reasons that differ in numbers or names only are one."""
    kinds: dict[str, list[tuple[str, str]]] = {}
    for name, reason in reasons:
        kinds.setdefault(_NUMBER.sub("0", reason.replace(name, "")), []).append((name, reason))
    reasons_by_count = [Reason(same[0][1].rstrip("."), len(same), same[0][0]) for same in kinds.values()]
    return tuple(sorted(reasons_by_count, key=lambda reason: -reason.items))


def _describe(reason: Reason) -> str:
    return (
        f"{reason.items} like {reason.first}: {reason.text}" if reason.items > 1 else f"{reason.first}: {reason.text}"
    )


def _origin(text: str) -> str:
    return f", {text}" if text else ""


def _grouped(schema: Schema) -> list[str]:
    """Names of the attributes; those of a group as ``color=red|blue``."""
    group_of = {name: group for group in schema.attribute_groups for name in group}
    names = {}
    for name in schema.attribute_names:
        group = group_of.get(name, (name,))
        column, separator, _ = group[0].partition("=")
        prefix = f"{column}=" if separator else ""
        values = "|".join(member.removeprefix(prefix) for member in group)
        names[group] = name if len(group) == 1 else prefix + values
    return list(names.values())
