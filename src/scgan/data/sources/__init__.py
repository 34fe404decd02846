"""Data sources that ``scgan prepare`` can read.

To add one, write a module with a ``Source`` (see ``scgan.data.prepare.source``) and a function that opens it, and name
that function in ``SOURCES``. Its parameters and docstring become the options and help of ``scgan prepare NAME``. A
source with many options has a class for them, whose method ``open`` returns the source.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from scgan.utils.errors import UserError
from scgan.utils.files import user_path
from scgan.utils.text import Names, did_you_mean, join_or

if TYPE_CHECKING:
    from scgan.data.prepare.source import Source

SOURCES = {
    "celeba": "scgan.data.sources.celeba:open_celeba",
    "celebamask-hq": "scgan.data.sources.celebamask_hq:open_celebamask_hq",
    "deepfashion": "scgan.data.sources.deepfashion:open_deepfashion",
    "earth": "scgan.data.sources.earth:open_earth",
    "folder": "scgan.data.sources.folder:FolderOptions",
    "toyfaces": "scgan.data.sources.toyfaces:open_toyfaces",
}


def import_opener(name: str) -> Callable[..., Any]:
    """The function that opens the source ``name``, one of ``SOURCES``, or the class of its options."""
    module, function = SOURCES[name].split(":")
    opener: Callable[..., Any] = getattr(import_module(module), function)
    return opener


def open_source(name: str, **options: Any) -> Source:
    """Open a source by its name, with the options of ``scgan prepare NAME``.

    Args:
        name: one of ``SOURCES``.
        **options: by the names of the opener's parameters. Paths may be text, names a list or text with commas between.

    Raises:
        UserError: a name or an option is unknown, missing or has a value that is not allowed.
    """
    if name not in SOURCES:
        raise UserError(f"unknown source {name!r}: {did_you_mean(name, SOURCES, f'choose {join_or(SOURCES)}.')}")
    opener = import_opener(name)
    parameters, hints = signature(opener).parameters, get_type_hints(getattr(opener, "__init__", opener))
    hints = get_type_hints(opener) | hints
    for option in options:
        if option not in parameters:
            hint = did_you_mean(option, parameters, f"its options are {', '.join(parameters)}.")
            raise UserError(f"the source {name} has no option {option!r}: {hint}")
    for option, parameter in parameters.items():
        if parameter.default is Parameter.empty and option not in options:
            raise UserError(f"the source {name} needs the option {option!r}.")
    values = {option: _converted(name, option, value, hints[option]) for option, value in options.items()}
    opened = opener(**values)
    source: Source = opened.open() if isinstance(opener, type) else opened
    return source


def _converted(source: str, option: str, value: Any, hint: Any) -> Any:
    """Value as the opener takes it: text becomes a path or names, everything else is checked."""
    types = {hint, *get_args(hint)}
    if value is None and type(None) in types:
        return None
    if Path in types and isinstance(value, str | Path):
        return user_path(value)
    if Names in types:
        return Names.parse(value) if isinstance(value, str) else Names(map(str, value))
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise UserError(f"the source {source} cannot use {option}={value!r}: {reason}.") from error
