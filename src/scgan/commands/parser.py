"""Parser of the commands: expands paths, and answers each mistake with one sentence in the user's words."""

from __future__ import annotations

import os
import re
from argparse import Action
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, Literal, NoReturn, get_args, get_origin

from jsonargparse import ArgumentParser, DefaultHelpFormatter, get_loader, set_loader
from jsonargparse.typing import register_type, restricted_number_type
from yaml import YAMLError

from scgan.utils.errors import UserError
from scgan.utils.files import user_path
from scgan.utils.progress import say
from scgan.utils.seeds import MAX_SEED, SEED_RANGE
from scgan.utils.special_files import refuse_special
from scgan.utils.text import did_you_mean, join_names, join_or, most_similar, read_text

Seed = restricted_number_type("Seed", int, [(">=", 0), ("<=", MAX_SEED)])
"""Type of the options that are seeds."""

_KINDS: dict[Any, str] = {int: "a whole number", float: "a number", bool: "true or false", Seed: SEED_RANGE}
_QUOTE = "'"  # around what int() refuses
_WRONG_SEED = r"Not of type Seed: (?:invalid literal for int\(\) with base 10: )?(.*?)(?: does not conform .*)?$"

# All paths of all commands, in options, positional arguments and YAML files, come through here.
register_type(
    Path, serializer=str, deserializer=user_path, deserializer_exceptions=(UserError, TypeError), type_check=isinstance
)


_load_yaml = get_loader("yaml")


def _load_value(text: str) -> Any:
    """Load YAML, but leave a value that is nothing but a comment or an anchor to YAML, like #ff0000, as it stands."""
    value = _load_yaml(text)
    is_text = value is None and "\n" not in text and text.strip().lower() not in ("", "null", "~")
    return text if is_text else value


set_loader("yaml", _load_value, exceptions=(YAMLError,))


class _Formatter(DefaultHelpFormatter):
    """Help without Python's types and empty defaults."""

    def _get_help_string(self, action: Action) -> str:
        text = super()._get_help_string(action)
        text = text.replace("required, type: %(type)s", "required").replace("type: %(type)s, ", "")
        text = text.replace(" (type: %(type)s)", "")
        if action.default is None or action.default is False or action.default == []:
            text = re.sub(r"(?:, )?default: %\(default\)s", "", text)
        return text.replace(" ()", "")


class Parser(ArgumentParser):
    """Parser of a command, or of a subcommand."""

    def __init__(self, **options: Any) -> None:
        super().__init__(print_config=None, allow_abbrev=False, formatter_class=_Formatter, **options)

    def parse_args(self, args: Sequence[str] | None = None, *others: Any, **options: Any) -> Any:  # type: ignore[override]
        # A lone ~ is YAML for "nothing": an optional path would be left out silently.
        home = os.path.expanduser("~")
        expanded = None if args is None else [re.sub(r"\A(--[\w.-]+=)?~\Z", rf"\g<1>{home}", text) for text in args]
        for file in _config_files(expanded or []):
            _require_bounded_yaml(file)
        return super().parse_args(expanded, *others, **options)

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        parser = getattr(ex, "subcommand_parser", None) or self
        say(f"{parser.prog.replace(' [options]', '')}: {_explain(parser, message)}")
        raise SystemExit(2)


def _config_files(arguments: Sequence[str]) -> Iterator[str]:
    for place, text in enumerate(arguments):
        if text == "--config" and place + 1 < len(arguments):
            yield arguments[place + 1]
        elif text.startswith("--config=") and text != "--config=":
            yield text.removeprefix("--config=")


def _require_bounded_yaml(name: str) -> None:
    """Refuse a file of --config that would exhaust memory or stack; the parser says what else is wrong with it."""
    from scgan.utils.yaml_files import YamlError, parse_yaml

    path = user_path(name)
    refuse_special([path])
    if not path.is_file():
        return
    try:
        parse_yaml(read_text(path))
    except YamlError as error:
        if error.__cause__ is None:
            raise UserError(f"the file of --config, {path}, cannot be read: {error}.") from error


def _explain(parser: ArgumentParser, message: str) -> str:
    """Sentence for a message of argparse or jsonargparse."""
    reason = " ".join(message.split())
    if match := re.match(r"the following arguments are required: (.+)", reason):
        return _missing(parser, match[1].split(", "))
    if match := re.match(r"(?:unrecognized arguments: |Option ')([^\s=']+)", reason):
        return _unknown(parser, match[1])
    if match := re.match(r"argument ([^\s:]+): expected .+ argument", reason):
        return f"{match[1].rpartition('/')[2]} needs a value{_hint(parser, match[1])}."
    if match := re.match(r"argument ([^\s:]+): invalid choice: '(.*?)' \(choose from (.+)\)", reason):
        choices = [choice.strip("' ") for choice in match[3].split(",")]
        return _refused(_option(parser, match[1]), match[2], choices)
    if match := re.match(r'expected "(\w+)" to be one of \{(.+)\}', reason):
        return f"{match[1]} is missing: choose {join_or(match[2].split(','))}."
    if match := re.match(r"Problems parsing config: (.*)", reason):
        return f"the file of --config is not YAML ({match[1].rstrip('.')}): correct it."
    if match := re.match(r'Parser key "config": File does not exist: (.*)', reason):
        return f"--config: {match[1]} does not exist: name a YAML file with settings."
    if match := re.match(r'Parser key "([^"]+)"(?: element \d+)?: (.*)', reason):
        return _wrong_value(parser, match[1], match[2])
    return f"{reason.rstrip('.')}: `{_command(parser)} --help` explains all arguments."


def _wrong_value(parser: ArgumentParser, key: str, reason: str) -> str:
    action = _action(parser, key)
    name = _name(action) if action else key
    if match := re.search(r"Not of type Path: (.*?)(?: - Expected a | Given value|$)", reason):
        return f"{name}: {match[1].strip()}"
    value = re.search(r"(?:Got|Given) value: ?(.*)", reason) or re.search(_WRONG_SEED, reason)
    hint = getattr(action, "_typehint", None)
    kinds = [kind for kind in get_args(hint) or [hint] if kind is not NoneType]
    literal = next((kind for kind in [hint, *kinds] if get_origin(kind) is Literal), None)
    if value and literal is not None:
        return _refused(name, value[1], [str(choice) for choice in get_args(literal)])
    if value and kinds and kinds[0] in _KINDS:
        return f"{name} is {value[1].strip(_QUOTE) or 'empty'}: it must be {_KINDS[kinds[0]]}."
    return f"{name}: {reason.rstrip('.')}: `{_command(parser)} --help` explains it."


def _refused(name: str, value: str, choices: Sequence[str]) -> str:
    return f"{name} is {value or 'empty'}: {did_you_mean(value, choices, f'it must be {join_or(choices)}.')}"


def _missing(parser: ArgumentParser, keys: Sequence[str]) -> str:
    """Names of missing arguments; those of a subcommand are called ``SUBCOMMAND.NAME``."""
    actions = [(_action(parser, key), key) for key in keys]
    names = [_name(action) if action else key for action, key in actions]
    if len(names) > 1:
        *others, last = names
        return f"{join_names(others)} and {last} are missing: `{_command(parser, keys[0])} --help` explains them."
    action = actions[0][0]
    explained = f" ({action.help})" if action is not None and action.help else ""
    return f"{names[0]} is missing{explained}: `{_command(parser, keys[0])} --help` explains all arguments."


def _unknown(parser: ArgumentParser, name: str) -> str:
    options = [text.lstrip("-") for text in parser._option_string_actions if text.startswith("--")]
    # The last part of a setting's name is often all that one remembers: --batch-size is --training.batch_size.
    last_parts = {text.rpartition(".")[2]: text for text in options}
    key = name.lstrip("-")
    last = most_similar(key, last_parts)
    similar = most_similar(key, options) or (last and last_parts[last])
    if not name.startswith("-") and "." not in name:
        return f"{name} is one argument too many: `{_command(parser)} --help` explains all arguments."
    if similar:
        return f"there is no option --{key}: did you mean --{similar}?"
    return f"there is no option --{key}: `{_command(parser)} --help` explains all options."


def _hint(parser: ArgumentParser, options: str) -> str:
    action = parser._option_string_actions.get(options.rpartition("/")[2])
    return f" ({action.help})" if action is not None and action.help else ""


def _option(parser: ArgumentParser, name: str) -> str:
    return name.rpartition("/")[2] if name.startswith("-") else name


def _action(parser: ArgumentParser, key: str) -> Action | None:
    """Action of a key, also of one in a subcommand, ``"toyfaces.out"``."""
    for action in parser._actions:
        if action.dest == key:
            return action
    first, _, rest = key.partition(".")
    subcommands = getattr(parser, "_subcommands_action", None)
    subparser = getattr(subcommands, "_name_parser_map", {}).get(first) if rest else None
    return None if subparser is None else _action(subparser, rest)


def _name(action: Action) -> str:
    return action.option_strings[0] if action.option_strings else action.dest


def _command(parser: ArgumentParser, key: str = "") -> str:
    """Command line whose ``--help`` explains a key."""
    first, _, rest = key.partition(".")
    subcommands = getattr(parser, "_subcommands_action", None)
    names = getattr(subcommands, "_name_parser_map", {})
    return parser.prog.replace(" [options]", "") + (f" {first}" if rest and first in names else "")
