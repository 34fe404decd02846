"""Merge files: they join classes, and the values of categories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scgan.data.masks import Classes, require_unique
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError
from scgan.utils.text import join_names, read_text


@dataclass(frozen=True)
class Merge:
    """Content of a merge file.

    Attributes:
        classes: new class → the classes that it joins.
        attributes: column → new value → the values that it joins.
        where: names the file in errors.
    """

    classes: Mapping[str, Sequence[str]]
    attributes: Mapping[str, Mapping[str, Sequence[str]]]
    where: str


def read_merge(file: Path) -> Merge:
    """Read a YAML file: ``classes: {upper: [coat, blazer]}``, ``attributes: {color: {dark: [black, navy]}}``.

    Raises:
        UserError: the file cannot be read or has another form.
    """
    import yaml

    from scgan.utils.yaml_files import YamlError, parse_yaml

    try:
        # Everything as text: a class called null or no is a class, not a missing value.
        content = parse_yaml(read_text(file), yaml.BaseLoader)
    except YamlError as error:
        raise UserError(f"{file} is not YAML that can be read ({error}).") from error
    if not isinstance(content, dict) or not content or set(content) - {"classes", "attributes"}:
        raise UserError(
            f"{file}: expected are the keys classes and attributes, as in `classes: {{upper: [coat, vest]}}`."
        )
    classes = _groups(content.get("classes", {}), f"{file}: classes")
    columns = content.get("attributes", {})
    if not isinstance(columns, dict):
        raise UserError(f"{file}: attributes must name columns, as in `attributes: {{color: {{dark: [black]}}}}`.")
    attributes = {name: _groups(groups, f"{file}: attributes, {name}") for name, groups in columns.items()}
    return Merge(classes, attributes, str(file))


def merge_classes(classes: Classes, merge: Merge) -> tuple[Classes, list[str]]:
    """Join classes; classes that the merge does not name join the background, which is called ``background``.

    Returns:
        The new classes, and the names of the old ones that joined the background without being named.

    Raises:
        UserError: the merge file names an unknown class.
    """
    if not merge.classes:
        return classes, []
    names = ("background", *(name for name in merge.classes if name != "background"))
    target = {old: names.index(new) for new, olds in merge.classes.items() for old in olds}
    for old in target:
        if old not in classes.names:
            raise UserError(f"{merge.where}: unknown class {old!r}; {classes.where} has {join_names(classes.names)}.")
    indices = tuple(target.get(classes.names[index], 0) for index in classes.indices)
    unnamed = [name for name in classes.names[1:] if name not in target]
    return replace(classes, names=names, colors=distinct_colors(len(names)), indices=indices), unnamed


def _groups(content: Any, where: str) -> dict[str, list[str]]:
    """Check a mapping of new names to the old names that each joins; an old name may occur once."""
    if not isinstance(content, dict) or not all(isinstance(olds, list) for olds in content.values()):
        raise UserError(f"{where} must be a mapping of new names to lists, as in `upper: [coat, vest]`.")
    olds = [old for group in content.values() for old in group]
    if not all(isinstance(old, str) for old in olds):
        raise UserError(f"{where}: the lists must hold names, as in `upper: [coat, vest]`.")
    require_unique(olds, where)
    return content
