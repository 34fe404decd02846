"""Train a model on a prepared folder.

The recipe gives every setting; any of them can be changed by its dotted name, or by a YAML file with --config.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_type_hints

import yaml
from jsonargparse import ActionConfigFile, ArgumentParser, Namespace

from scgan.commands.options import MODEL
from scgan.config import RECIPES, Config, flat, recipe, with_settings
from scgan.utils.errors import UserError


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--data", help="the prepared folder (with --resume: the one the run began with)")
    parser.add_argument("--out", help="the run folder to make")
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint in --out")
    parser.add_argument("--init-from", help=f"begin with the networks of a model: {MODEL}")
    parser.add_argument("--overwrite", action="store_true", help="replace --out if it exists")
    parser.add_argument("--recipe", help=f"{' or '.join(RECIPES)}; where the settings below come from")
    parser.add_argument("--config", action=ActionConfigFile, help="a YAML file with settings, as --print_config shows")
    parser.add_argument("--print_config", action="store_true", help="show every setting as YAML and stop")
    image_specs = {name: flat(make()) for name, make in RECIPES.items()}
    for name in flat(Config()):
        if name == "recipe":
            continue
        values = ", ".join(f"{recipe_name} {values[name]}" for recipe_name, values in image_specs.items())
        parser.add_argument(f"--{name}", type=_type_of(name), help=values)


def run(arguments: Namespace) -> int:
    values = {name: value for name, value in vars(arguments.as_flat()).items() if value is not None}
    changed = {name: value for name, value in values.items() if name in flat(Config()) and name != "recipe"}
    if arguments.print_config:
        config = with_settings(recipe(arguments.recipe or "paper", changed.get("method", "scgan")), changed)
        print(yaml.safe_dump(config.to_json(), sort_keys=False), end="")
        return 0
    if arguments.out is None:
        raise UserError("--out is missing: name the run folder.")
    out = Path(arguments.out)

    from scgan.runs.folder import load_config, load_data_description
    from scgan.runs.train import train

    if arguments.resume and arguments.init_from:
        raise UserError("--init-from begins a new run, --resume goes on with one: leave one of them out.")
    if arguments.resume:
        config = load_config(out)
        if arguments.recipe not in (None, config.recipe):
            raise UserError(f"{out} was begun with --recipe {config.recipe}: leave --recipe out with --resume.")
        data = arguments.data or load_data_description(out)["path"]
    elif arguments.recipe is None:
        raise UserError(f"--recipe is missing: choose {' or '.join(RECIPES)}.")
    elif arguments.data is None:
        raise UserError("--data is missing: name a prepared folder.")
    else:
        config, data = recipe(arguments.recipe, changed.get("method", "scgan")), arguments.data
    config = with_settings(config, changed)
    complete = train(Path(data), out, config, arguments.resume, arguments.overwrite, arguments.init_from)
    return 0 if complete else 130


def _type_of(name: str) -> Any:
    """The type of a setting, from the dataclass that has it."""
    hints: Any = Config
    for part in name.split("."):
        hints = get_type_hints(hints)[part]
    return hints
