"""The command line as a whole: help, versions, exit codes, and one sentence for each error."""

from __future__ import annotations

import errno
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from scgan import cli
from scgan.cli import COMMANDS, main
from scgan.utils.errors import RunError, UserError


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
    assert "unknown command 'trian'; the commands are prepare, inspect, train" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([name, "--help"])
    assert exit_.value.code == 0
    assert f"scgan {name}" in capsys.readouterr().out


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
