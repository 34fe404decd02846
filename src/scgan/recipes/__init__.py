"""Named configurations, and reading and changing configurations. Imports torch only for methods other than SCGAN."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast, get_args, get_origin

from annotated_types import Ge, Le, Lt
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from scgan.config import Config, fields, flat
from scgan.methods import METHODS, load_method
from scgan.recipes.cpu import cpu
from scgan.recipes.paper import paper
from scgan.utils.errors import UserError
from scgan.utils.text import did_you_mean, join_or, most_similar

RECIPES = {"paper": paper, "cpu": cpu}

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}


def recipe(name: str, method: str = "scgan") -> Config:
    """The named recipe with the defaults of a method's paper; widths, lengths and batches stay the recipe's.

    Raises:
        UserError: there is no recipe or no method of that name.
    """
    if name not in RECIPES:
        raise UserError(f"unknown recipe {name!r}: {did_you_mean(name, RECIPES, f'choose {join_or(RECIPES)}.')}")
    if method not in METHODS:
        raise UserError(f"unknown method {method!r}: {did_you_mean(method, METHODS, f'choose {join_or(METHODS)}.')}")
    config = RECIPES[name]()
    if method == config.method:
        return config
    return with_settings(config, {"method": method, **load_method(method).defaults})


def with_settings(config: Config, settings: Mapping[str, Any]) -> Config:
    """``config`` with some settings replaced; their names are those of ``scgan.config.flat``.

    Raises:
        UserError: a name is unknown, or a value is not allowed.
    """
    values = config.model_dump()
    for name, value in settings.items():
        *path, last = name.split(".")
        group = values
        for key in path:
            group = group.setdefault(key, {})
            if not isinstance(group, dict):
                raise UserError(_unknown(name, type(config), "--"))
        group[last] = value
    return _read(values, prefix="--")


def as_config(config: Config | str) -> Config:
    """Configuration itself, or the recipe of that name.

    Raises:
        UserError: there is no recipe of that name.
        TypeError: it is neither.
    """
    if isinstance(config, str):
        return recipe(config)
    if not isinstance(config, Config):
        raise TypeError(f"config is {config!r}: give a Config, or the name of a recipe ({join_or(RECIPES)}).")
    return config


def uses_setting(method: str, name: str) -> bool:
    """False if the method reads no such setting, by its own account (``MethodClass.unused``)."""
    unused = getattr(load_method(method), "unused", ())
    return not any(name == entry or name.startswith(f"{entry}.") for entry in unused)


def require_used(before: Config, after: Config) -> None:
    """Refuse changes that have no effect.

    Args:
        before: configuration before the user's changes.
        after: the same with them.

    Raises:
        UserError: a setting that the method does not use was changed.
    """
    old = flat(before)
    for name, value in flat(after).items():
        if value != old.get(name) and not uses_setting(after.method, name):
            raise UserError(
                f"--{name} has no effect with --method {after.method}, which does not use it: leave it out."
            )


def read_config(values: Any, where: str) -> Config:
    """Configuration from JSON or YAML values, as ``Config.model_dump`` writes them.

    Args:
        values: a missing setting takes its default, a missing group is an error.
        where: names the file in errors.

    Raises:
        UserError: a group is missing, a name is unknown, or a value is not allowed.
    """
    try:
        return _read(values)
    except UserError as error:
        raise UserError(f"{where} does not hold a configuration of this version of scgan: {error}") from error


def _read(values: Any, prefix: str = "") -> Config:
    """Validated configuration of the class that the method asks for; ``prefix`` stands before names in errors."""
    method = values.get("method") if isinstance(values, dict) else None
    if method is not None and (not isinstance(method, str) or method not in METHODS):
        raise UserError(f"{prefix}method is {_short(repr(method))}: it must be {join_or(METHODS)}.")
    config_class = Config if method is None else _config_class(method)
    try:
        return config_class.model_validate(values)
    except ValidationError as error:
        raise UserError(_sentence(error.errors()[0], config_class, prefix)) from error


def _config_class(method: str) -> type[Config]:
    # SCGAN has no settings of its own, and to list the shipped models torch must not be loaded.
    return Config if method == "scgan" else load_method(method).config_class


def _sentence(error: ErrorDetails, config_class: type[Config], prefix: str) -> str:
    name, value = ".".join(map(str, error["loc"])), error["input"]
    match error["type"]:
        case "missing":
            return f"{prefix}{name} is missing."
        case "extra_forbidden" | "invalid_key":
            return _unknown(name, config_class, prefix)
        case "value_error":
            return f"{prefix}{error['ctx']['error']}."
    field = fields(config_class).get(name)
    if field is None:
        return f"{name or 'it'} is {_short(value)}, not a group of settings."
    return f"{prefix}{name} is {_short(value)}: it must be {describe_values(field)}."


def _short(value: Any) -> str:
    """Value for a message: a file may hold one of any size."""
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _unknown(name: str, config_class: type[Config], prefix: str) -> str:
    method = name.partition(".")[0]
    if method in METHODS:
        return f"{prefix}{name} can be set with {prefix}method {method} only."
    similar = most_similar(name, fields(config_class))
    hint = f"did you mean {prefix}{similar}?" if similar else "`scgan train --help` explains them all."
    return f"there is no setting {prefix}{name}: {hint}"


def describe_values(field: FieldInfo) -> str:
    """Values that a setting may have, for people: "a whole number of at least 1"."""
    annotation = field.annotation
    if get_origin(annotation) is Literal:
        return join_or(get_args(annotation))
    kind = _KINDS[cast(type, annotation)]
    low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high = next((bound.lt for bound in field.metadata if isinstance(bound, Lt)), None)
    if high is not None:
        return f"{kind} in [{low}, {high})"
    top = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    if top is not None:
        return f"{kind} from {low} to {top}"
    return kind if low is None else f"{kind} of at least {low}"
