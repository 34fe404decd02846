"""The command line as a whole: help, versions, exit codes, and one sentence for each error."""

from __future__ import annotations

import errno
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scgan import cli
from scgan.cli import COMMANDS, main
from scgan.utils.errors import RunError, UserError
from scgan.utils.progress import progress
from scgan.utils.tables import Table, print_table


@pytest.mark.parametrize("arguments", [[], ["-h"], ["--help"]])
def test_help_lists_every_command(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    for name, text in COMMANDS.items():
        assert any(line.split()[:1] == [name] and line.endswith(text) for line in shown.splitlines())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    from importlib.metadata import version

    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"scgan {version('scgan')}\n"


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trian"]) == 2
    assert capsys.readouterr().err.startswith(
        "scgan: unknown command 'trian': did you mean train? The commands are prepare, join, inspect, train"
    )
    assert main(["xyz"]) == 2
    assert "unknown command 'xyz': the commands are prepare, join, inspect, train" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([name, "--help"])
    assert exit_.value.code == 0
    shown = capsys.readouterr().out
    assert f"scgan {name}" in shown
    assert not any(text in shown for text in ("<class", "type:", "default: null", "default: False", "()", ", )"))


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], Any]], None]:
    """``command(run)`` replaces every command by one without arguments that calls ``run``."""

    def replace(run: Callable[[Any], Any]) -> None:
        module = ModuleType("command", "A command.")
        module.add_arguments = lambda parser: None  # type: ignore[attr-defined]
        module.run = run  # type: ignore[attr-defined]
        monkeypatch.setattr(cli, "import_module", lambda name: module)

    return replace


def raising(error: BaseException) -> Callable[[Any], Any]:
    def run(arguments: Any) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UserError("photo.jpg is a drawing."), 2, "scgan train: photo.jpg is a drawing."),
        (RunError("the sky fell."), 1, "scgan train: the sky fell."),
        (KeyboardInterrupt(), 130, "scgan train: stopped."),
        (OSError(errno.ENOSPC, "No space left on device", "out"), 1, "out cannot be written (No space left on device)"),
        (
            PermissionError(errno.EACCES, "Permission denied", "m/model.json"),
            1,
            "m/model.json cannot be read or written",
        ),
        (OSError(errno.EMFILE, "Too many open files"), 1, "the system allows no more files, processes or memory"),
        (
            MemoryError("Unable to allocate 7 TiB"),
            1,
            "the memory is not enough (Unable to allocate 7 TiB): ask for less",
        ),
        (OSError(errno.ENAMETOOLONG, "File name too long", "x" * 999), 2, f"the path {'x' * 60}… is too long"),
    ],
)
def test_errors_are_one_line(
    command: Callable[[Callable[[Any], Any]], None],
    error: BaseException,
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command(raising(error))
    assert main(["train"]) == code
    shown = capsys.readouterr().err
    assert message in shown and "Traceback" not in shown


@pytest.mark.parametrize("out", [".", "..", "/", "new/.."])
@pytest.mark.parametrize(
    "arguments",
    [
        ["prepare", "toyfaces", "--count", "3"],
        ["generate", "faces"],
        ["show", "faces"],
        ["export", "faces"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_outputs_without_a_name_are_refused_before_any_work(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    out: str,
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert main([*arguments, "--out", out]) == 2
    assert "choose another --out" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [tmp_path / "here"] and not list((tmp_path / "here").iterdir())


def test_a_prepared_folder_without_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["inspect", "."]) == 2


def test_a_bug_keeps_its_traceback(command: Callable[[Callable[[Any], Any]], None]) -> None:
    command(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        main(["train"])


def test_what_a_command_returns_is_the_exit_code(command: Callable[[Callable[[Any], Any]], None]) -> None:
    for value, code in ((None, 0), (0, 0), (1, 1), (130, 130)):
        command(lambda arguments, value=value: value)
        assert main(["train"]) == code


def test_brackets_in_messages_are_no_markup(
    command: Callable[[Callable[[Any], Any]], None], capsys: pytest.CaptureFixture[str]
) -> None:
    command(raising(UserError("[bold]x[/bold] is [0, 1).")))
    assert main(["train"]) == 2
    assert "[bold]x[/bold] is [0, 1)." in capsys.readouterr().err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_what_an_output_cannot_encode_is_replaced(
    command: Callable[[Callable[[Any], Any]], None], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Classes, file names that are not UTF-8 (lone surrogates), progress and errors."""
    name = "\u80cc\u666f-\udcff.png"
    streams = {stream: io.TextIOWrapper(io.BytesIO(), encoding=encoding) for stream in ("stdout", "stderr")}
    for stream, file in streams.items():
        monkeypatch.setattr(sys, stream, file)

    def run(arguments: Any) -> None:
        print(f"class {name}")
        print_table(Table(("class", "share"), [(name, "0.5 \u00b7 0.5")], title=name))
        with progress(f"read {name}", 1) as advance:
            advance(1, name)
        raise UserError(f"{name} is a drawing.")

    command(run)
    assert main(["train"]) == 2
    texts = {}
    for stream, file in streams.items():
        file.flush()
        texts[stream] = file.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    shown = name if encoding == "utf-8" else "??-\udcff.png"
    shown = shown.replace("\udcff", "?")
    assert f"class {shown}\n" in texts["stdout"] and "share" in texts["stdout"]
    assert f"read {shown}: 1/1" in texts["stderr"] and f"scgan train: {shown} is a drawing.\n" in texts["stderr"]


@pytest.mark.parametrize("name", ["out/images", "out.partial/1.png"])
def test_an_output_that_is_removed_meanwhile(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = ModuleType("scgan.commands.generate", "Fails.")
    module.add_arguments = lambda parser: parser.add_argument("--out", type=Path)  # type: ignore[attr-defined]
    module.run = raising(FileNotFoundError(errno.ENOENT, "No such file", name))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "scgan.commands.generate", module)
    assert main(["generate", "--out", "out"]) == 1
    message = f"scgan generate: {name} was removed while it was written: run the same command again.\n"
    assert capsys.readouterr().err == message
    with pytest.raises(FileNotFoundError):  # a file that is missing for another reason is a bug
        main(["generate", "--out", "outer"])


def test_a_current_folder_that_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert main(["prepare", "toyfaces", "--count", "5", "--out", "data"]) == 2
    assert capsys.readouterr().err == "scgan prepare: the current folder was removed: change to another one.\n"
    assert main(["--help"]) == 0


def test_a_reader_that_has_ended() -> None:
    """`scgan --help | head -0` ends without a traceback."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read(); from scgan.cli import main; sys.exit(main(['--help']))"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin and process.stdout and process.stderr
    process.stdout.close()
    process.stdin.close()
    assert (process.stderr.read(), process.wait()) == (b"", 1)
    process.stderr.close()
