"""Train a model on a prepared folder.

The recipe gives every setting; any of them can be changed by its dotted name, or by a YAML file with --config.
"""

from __future__ import annotations

import inspect
from argparse import SUPPRESS
from pathlib import Path

import yaml
from jsonargparse import ActionConfigFile, ArgumentParser, Namespace

from scgan.api.functions import train
from scgan.commands.options import MODEL, add_overwrite
from scgan.config import Config, Settings, fields, flat, groups
from scgan.methods import METHODS, load_method
from scgan.recipes import RECIPES, describe_values, recipe, require_used, with_settings
from scgan.utils.errors import UserError
from scgan.utils.interrupts import stop_code

_OTHERS = ("data", "out", "resume", "init_from", "overwrite", "recipe", "config", "print_config")
"""Arguments that are no settings."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, help="the prepared folder (with --resume: by default that of the run)")
    parser.add_argument("--out", type=Path, help="the run folder to create")
    parser.add_argument("--resume", action="store_true", help="resume from the newest checkpoint in --out")
    parser.add_argument("--init-from", help=f"warm start from the networks of a model: {MODEL}")
    add_overwrite(parser)
    parser.add_argument("--recipe", help=f"{' or '.join(RECIPES)}; source of all settings")
    parser.add_argument("--config", action=ActionConfigFile, help="a YAML file with settings, as --print_config shows")
    parser.add_argument("--print_config", action="store_true", help="show every setting as YAML and stop")
    parser.add_argument(
        "--method", help=f"{', '.join(METHODS)}; each replaces settings of the recipe by those of its paper"
    )
    for group, settings in groups(Config).items():
        _add_group(parser, group, settings)
    for method in METHODS:  # each method's module defines its settings and its networks: this loads torch
        config_class = load_method(method).config_class
        for group in groups(config_class).keys() - groups(Config).keys():
            _add_group(parser, group, groups(config_class)[group])


def _add_group(parser: ArgumentParser, name: str, settings: type[Settings]) -> None:
    """Add an option for each setting of a group, explained by its description, with the value in each recipe."""
    recipes = {recipe_name: flat(make()) for recipe_name, make in RECIPES.items()}
    options = parser.add_argument_group(f"{name} settings", inspect.getdoc(settings))
    for setting, field in fields(settings).items():
        option = f"{name}.{setting}"
        values = [f"{recipe_name} {values[option]}" for recipe_name, values in recipes.items() if option in values]
        notes = "; ".join([describe_values(field), *(values or [f"default {field.default}"])])
        text = f"{' '.join((field.description or '').split()).rstrip('.')} ({notes})"
        options.add_argument(f"--{option}", default=SUPPRESS, help=text.replace("%", "%%"))


def run(arguments: Namespace) -> int:
    given = {name: value for name, value in vars(arguments.as_flat()).items() if value is not None}
    changes = {name: value for name, value in given.items() if name not in _OTHERS}
    if arguments.print_config:
        before = recipe(arguments.recipe or "paper", changes.get("method", "scgan"))
        config = with_settings(before, changes)
        require_used(before, config)
        print(yaml.safe_dump(config.model_dump(), sort_keys=False), end="")
        return 0
    if arguments.out is None:
        raise UserError("--out is missing: name the run folder.")
    complete = train(
        arguments.data,
        arguments.out,
        arguments.recipe,
        resume=arguments.resume,
        overwrite=arguments.overwrite,
        init_from=arguments.init_from,
        **changes,
    )
    return 0 if complete else stop_code()
