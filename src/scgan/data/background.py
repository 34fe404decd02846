"""Choice of the class that is the background."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from scgan.data.masks import Classes
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import UserError
from scgan.utils.text import join_names

NO_BACKGROUND = "none"

T = TypeVar("T")

# Usual names, the most certain ones first.
_NAMES = (
    ("background", "bg", "back ground", "back", "backdrop"),
    ("unlabeled", "unlabelled", "unlabel", "no label", "nolabel"),
    ("void", "nothing", "none", "empty", "null"),
    ("hintergrund", "arrière plan", "fond", "fondo", "fundo", "sfondo", "achtergrond", "bakgrund", "tło", "фон"),
    ("背景", "배경"),
)


def choose_background(classes: Classes, chosen: str | None) -> tuple[Classes, str]:
    """Make the background class 0.

    Args:
        classes: classes in the order of their file.
        chosen: name of the background; ``NO_BACKGROUND`` if every class is a thing of its own: then a class background
            is added, which only the edges beyond a photo have. By default the class that is named so, else the first.

    Returns:
        The classes, and the reason for the choice.

    Raises:
        UserError: ``chosen`` is no class.
    """
    if chosen == NO_BACKGROUND and NO_BACKGROUND not in classes.names:
        return _with_empty_background(classes), "added, no class of the masks is the background"
    if chosen is not None and chosen not in classes.names:
        raise UserError(
            f"--background {chosen}: {classes.where} has no such class; it has {join_names(classes.names)}, or give "
            f"{NO_BACKGROUND}."
        )
    name = chosen or _named(classes.names) or classes.names[0]
    reason = "chosen" if chosen else "by its name" if _named(classes.names) else _first(classes)
    index = classes.names.index(name)
    if index:
        moved = "; ".join(f"{new} {old}" for new, old in enumerate(_moved(classes.names, index)))
        reason += f"; masks for a model have these values: {moved}"
    order = _moved(tuple(range(len(classes.names))), index)
    return replace(
        classes,
        names=_moved(classes.names, index),
        colors=_moved(classes.colors, index) if classes.by_color else classes.colors,  # black first
        indices=tuple(order.index(old) for old in classes.indices),
    ), reason


def _with_empty_background(classes: Classes) -> Classes:
    if "background" in classes.names:
        raise UserError("--background none: there is a class called background; rename it.")
    return replace(
        classes,
        names=("background", *classes.names),
        colors=distinct_colors(len(classes.names) + 1),
        indices=tuple(index + 1 for index in classes.indices),
    )


def _named(names: tuple[str, ...]) -> str | None:
    """The class with the most certain name of a background; the first of several."""
    simple = {name: " ".join(name.lower().replace("_", " ").replace("-", " ").split()) for name in names}
    for usual in _NAMES:
        for name in names:
            if simple[name] in usual:
                return name
    return None


def _first(classes: Classes) -> str:
    """Reason for taking the first class."""
    if not classes.by_color:
        return "the first class (choose with --background)"
    if classes.colors[0] == (0, 0, 0):
        return "black (choose with --background)"
    return "the first colour (choose with --background)"


def _moved(items: tuple[T, ...], index: int) -> tuple[T, ...]:
    """The items with one of them at the front."""
    return (items[index], *items[:index], *items[index + 1 :])
