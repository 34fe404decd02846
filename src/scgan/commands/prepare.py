"""Turn photos, masks and attributes into a prepared folder, which every other command reads.

Run the same command again to resume after a stop.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, getdoc, signature
from pathlib import Path
from typing import Any, get_type_hints

from docstring_parser import parse as parse_docstring
from jsonargparse import ArgumentParser, Namespace
from jsonargparse.typing import register_type

from scgan.commands.options import add_cluster, require_share
from scgan.commands.parser import Parser
from scgan.data.prepare.prepare import prepare
from scgan.data.prepare.shards import Shard, prepare_shard
from scgan.data.sources import SOURCES, import_opener, open_source
from scgan.utils.devices import usable_processors
from scgan.utils.errors import UserError
from scgan.utils.text import Names, counted, shell_path

register_type(Names, serializer=str, deserializer=Names.parse)


def add_arguments(parser: ArgumentParser) -> None:
    sources = parser.add_subcommands(required=True, dest="source")
    for name in SOURCES:
        opener = import_opener(name)
        documentation = parse_docstring(getdoc(opener) or "")
        summary = documentation.short_description or ""
        examples = [f"Example: {example.description}" for example in documentation.examples]
        options = Parser(description=summary, epilog="\n".join(examples))
        if isinstance(opener, type):
            options.add_class_arguments(opener, as_group=False)
        else:
            options.add_function_arguments(opener, as_group=False, as_positional=not _needs_keywords(opener))
        _use_dashes(options)
        _add_common_arguments(options, _default_max_skipped(opener))
        sources.add_subcommand(name, options, help=summary)


def run(arguments: Namespace) -> int:
    options = arguments[arguments.source]
    if options.processes < 1:
        raise UserError(f"--processes {options.processes}: at least 1 is needed.")
    require_share("--max-skipped", options.max_skipped)
    shard = None if options.shard is None else Shard.parse(options.shard)
    if shard and options.cluster:
        raise UserError("--shard and --cluster both share the work out: leave one of them out.")
    names = signature(import_opener(arguments.source)).parameters
    source = open_source(arguments.source, **{name: options[name] for name in names})
    if shard:
        folder = prepare_shard(
            source,
            options.out,
            shard,
            processes=options.processes,
            max_skipped=options.max_skipped,
            overwrite=options.overwrite,
        )
        print(f"shard {shard} is in {folder}; when all are there: scgan join {options.out}")
        return 0
    dataset = prepare(
        source, options.out, options.processes, options.max_skipped, options.overwrite, cluster=options.cluster
    )
    inspect = f"scgan inspect {shell_path(dataset.path)}"
    print(f"kept {len(dataset)} of {len(source.names)} in {dataset.path}; look at them: {inspect}")
    if len(dataset) < len(source.names):
        skipped = len(source.names) - len(dataset)
        print(f"skipped {skipped} of {counted(len(source.names), 'item')}, see {dataset.path / 'skipped.csv'}")
    for line in dataset.account.lines(dataset.schema):
        print(line)
    return 0


def _add_common_arguments(options: ArgumentParser, max_skipped: float) -> None:
    options.add_argument("--out", type=Path, required=True, help="folder to write")
    options.add_argument(
        "--max-skipped", type=float, default=max_skipped, help="largest accepted share of items that cannot be used"
    )
    options.add_argument(
        "--shard", help="part of the items, like 2/8 for the second of eight; scgan join makes one folder of all parts"
    )
    options.add_argument("--processes", type=int, default=usable_processors(), help="number of processes that read")
    add_cluster(options, "reads")
    options.add_argument(
        "--overwrite", action="store_true", help="replace the folder if it exists, and start from scratch"
    )


def _use_dashes(options: ArgumentParser) -> None:
    """Name the options with dashes (``--split-column``), as elsewhere; their keys keep the names of the parameters."""
    for action in options._actions:
        for name in [name for name in action.option_strings if "_" in name]:
            dashed = name.replace("_", "-")
            action.option_strings = [dashed if one == name else one for one in action.option_strings]
            options._option_string_actions[dashed] = options._option_string_actions.pop(name)


def _default_max_skipped(opener: Callable[..., Any]) -> float:
    source = get_type_hints(getattr(opener, "open", opener))["return"]
    return float(source.max_skipped)


def _needs_keywords(opener: Callable[..., Any]) -> bool:
    """True if required parameters of the opener are keyword-only; then they become options instead of positionals."""
    required = [value for value in signature(opener).parameters.values() if value.default is Parameter.empty]
    return any(parameter.kind is Parameter.KEYWORD_ONLY for parameter in required)
