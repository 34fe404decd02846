"""Command line: calls the named command, prints its error and returns the exit code."""

from __future__ import annotations

import errno
import io
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from jsonargparse import Namespace

from scgan.utils.devices import limit_threads
from scgan.utils.errors import FULL_DISK, USED_UP, RunError, UserError, is_out_of_memory
from scgan.utils.interrupts import stop_code
from scgan.utils.progress import say
from scgan.utils.text import did_you_mean, shorten

# Each command is a module of scgan.commands with ``add_arguments(parser)`` and ``run(arguments)``. Only the one that is
# called is imported, and it imports torch only when it runs, so that help is fast.
COMMANDS = {
    "prepare": "turn photos, masks and attributes into a prepared folder",
    "join": "join the shards that several machines prepared",
    "inspect": "check a prepared folder for problems",
    "train": "train a model on a prepared folder",
    "generate": "generate images from masks, attributes and seeds",
    "synthesize": "generate labelled data: images with exact masks, filtered by graders",
    "interpolate": "generate strips, grids and videos along paths of the inputs",
    "train-encoder": "train the encoder of a model, which gives `scgan invert` its start",
    "invert": "find the inputs that make a photo again, as a project to edit",
    "edit": "edit the photo of a project: pose, smile, attributes, mask",
    "studio": "open a page to paint masks, move landmarks and choose attributes",
    "grid": "draw the paper's Figures 4 to 7 for a model",
    "evaluate": "measure mask accuracy, latent diversity and, on request, further metrics",
    "compare": "train and evaluate methods under equal conditions: table, figures, page",
    "reproduce": "run the paper's comparison and print the paper's numbers next to the results",
    "models": "list the models that come with scgan, or show the card of one",
    "export": "export a model to a folder with a model card, ready for upload",
    "export-data": "export a prepared folder for Hugging Face's datasets or WebDataset",
    "show": "write an HTML page with images, animations and scores of models",
    "report": "write an HTML page about a training run",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 found something wrong, 2 misuse, 130/143/129 stopped)."""
    _replace_unencodable()
    limit_threads(os.environ)
    try:
        code = _run(sys.argv[1:] if arguments is None else arguments)
    except BrokenPipeError:  # the reader of the output has ended, like `head`
        return _close_output(1)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _close_output(1)
    except OSError as error:
        say(f"scgan: the standard output cannot be written ({error.strerror}).")
        return _close_output(code or 1)
    return code


def _close_output(code: int) -> int:
    """Throw the rest of the standard output away, which Python would write when it ends; returns ``code``."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return code


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_overview())
        return 0
    if arguments[0] == "--version":
        from importlib.metadata import version

        print(f"scgan {version('scgan')}")
        return 0
    name, *rest = arguments
    if name not in COMMANDS:
        commands = did_you_mean(name, COMMANDS, f"the commands are {', '.join(COMMANDS)}.")
        say(f"scgan: unknown command {name!r}: {commands}")
        return 2
    try:
        os.getcwd()
    except FileNotFoundError:
        say(f"scgan {name}: the current folder was removed: change to another one.")
        return 2
    command = import_module(f"scgan.commands.{name.replace('-', '_')}")
    from scgan.commands.parser import Parser

    parser = Parser(prog=f"scgan {name}", description=command.__doc__)
    command.add_arguments(parser)
    parsed = Namespace()
    try:
        parsed = parser.parse_args(rest)
        _protect_files(parsed)
        code = command.run(parsed)
    except UserError as error:
        say(f"scgan {name}: {error}")
        return 2
    except RunError as error:
        say(f"scgan {name}: {error}")
        return 1
    except OSError as error:
        sentence, code = _explain_system_error(error, parsed)
        if not sentence:
            raise
        say(f"scgan {name}: {sentence}")
        return code
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        say(f"scgan {name}: the memory is not enough ({shorten(error)}): ask for less at once.")
        return 1
    except KeyboardInterrupt:
        say(f"scgan {name}: stopped.")
        return stop_code()
    return int(code or 0)


def _explain_system_error(error: OSError, arguments: Namespace) -> tuple[str, int]:
    """Sentence and exit code for an error that is not ours; no sentence for an unknown one."""
    if error.errno == errno.ENAMETOOLONG:
        return f"the path {str(error.filename)[:60]}… is too long: name another file or folder.", 2
    if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ELOOP):
        return f"{error.filename} cannot be used ({error.strerror}): name another file or folder.", 2
    if error.errno in USED_UP:
        return f"the system allows no more files, processes or memory ({error.strerror}): raise the limit (ulimit).", 1
    out = _options(arguments).get("out")
    if error.errno == errno.ENOENT and out and error.filename and _belongs(str(error.filename), str(out)):
        return f"{error.filename} was removed while it was written: run the same command again.", 1
    file = error.filename or out or "the output"
    if error.errno in FULL_DISK:
        return f"{file} cannot be written ({error.strerror}): make room and run the same command again.", 1
    if error.errno in (errno.EACCES, errno.EROFS):
        return f"{file} cannot be read or written ({error.strerror}): change its permissions, or name another.", 1
    return "", 1


def _belongs(file: str, out: str) -> bool:
    """Tell if a file is an output, inside of it, or its unfinished form beside it."""
    file, out = os.path.abspath(file), os.path.abspath(out)
    return file == out or file.startswith((out + os.sep, out + "."))


def _options(arguments: Namespace) -> dict[str, Any]:
    """Arguments by name, those of a subcommand without its name."""
    return {name.rpartition(".")[2]: value for name, value in arguments.items()}


def _replace_unencodable() -> None:
    """Replace characters that the terminal or the file of an output cannot encode, instead of failing at them."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _protect_files(arguments: Namespace) -> None:
    """Refuse inputs that are no files, and --overwrite if --out is, or contains, the path of another argument."""
    from scgan.utils.files import refuse_overwriting_inputs
    from scgan.utils.special_files import refuse_special

    options = _options(arguments)
    groups = [value if isinstance(value, list) else [value] for name, value in options.items() if name != "out"]
    paths = [Path(value) for values in groups for value in values if isinstance(value, str | Path) and value]
    refuse_special(paths)
    out = options.get("out")
    if out and os.path.islink(out):
        refuse_special([out])  # a link to itself, which resolve() takes for an endless loop
    if out and options.get("overwrite"):
        refuse_overwriting_inputs(Path(out), paths)


def _overview() -> str:
    lines = [f"  {name:<12} {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "usage: scgan COMMAND ...",
            "",
            "Image synthesis from a segmentation mask, attributes and a latent (SCGAN).",
            "",
            *lines,
            "",
            "`scgan COMMAND --help` lists the arguments of a command.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
