"""Join the shards of a prepared folder, which `scgan prepare … --shard 1/8` and so on wrote, to the folder itself.

The result is the same, byte for byte, as that of one command without --shard. The shards stay.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from jsonargparse import ArgumentParser, Namespace

from scgan.commands.options import add_overwrite, require_share


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("out", type=Path, help="the folder to write, the --out of the shards")
    parser.add_argument(
        "--max-skipped",
        type=float,
        help="largest accepted share of items that cannot be used (default: the one given to the shards)",
    )
    add_overwrite(parser)


def run(arguments: Namespace) -> None:
    """Print where the folder is, its account, and which folder is no longer needed."""
    from scgan.data.prepare.shards import join_shards

    if arguments.max_skipped is not None:
        require_share("--max-skipped", arguments.max_skipped)
    dataset = join_shards(arguments.out, arguments.overwrite, arguments.max_skipped)
    print(f"joined {len(dataset)} items in {dataset.path}; look at them: scgan inspect {dataset.path}")
    for line in dataset.account.lines(dataset.schema):
        print(line)
    print(f"the shards are no longer needed: rm -r {shlex.quote(f'{dataset.path}.shards')}")
