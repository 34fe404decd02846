"""Parser of the commands: paths are expanded, and each mistake gets one sentence without Python's types."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from scgan.cli import main
from scgan.commands.parser import Parser


def parser() -> Parser:
    parser = Parser(prog="scgan draw")
    parser.add_argument("model")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--photos", type=Path, nargs="+")
    parser.add_argument("--count", type=int)
    parser.add_argument("--scale", type=float)
    parser.add_argument("--training.batch_size", type=int)
    parser.add_argument("--kind", choices=["line", "shape"])
    parser.add_argument("--seeds", type=int, nargs="+")
    parser.add_argument("--config", action="config")
    parser.add_function_arguments(options, as_group=False)
    return parser


def options(
    size: Literal[32, 64] = 32,
    crop: Literal["center", "pad"] | None = None,
    table: Path | None = None,
    label: str | None = None,
) -> None:
    """Options as those of a data source."""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("m --out=o --count abc", "--count is abc: it must be a whole number."),
        ("m --out=o --count 1.5", "--count is 1.5: it must be a whole number."),
        ("m --out=o --scale big", "--scale is big: it must be a number."),
        ("m --out=o --seeds 1 two", "--seeds is two: it must be a whole number."),
        ("m --out=o --size 100", "--size is 100: it must be 32 or 64."),
        ("m --out=o --crop centre", "--crop is centre: did you mean center? It must be center or pad."),
        ("m --out=o --kind lines", "--kind is lines: did you mean line? It must be line or shape."),
        ("m --out=o --kind x", "--kind is x: it must be line or shape."),
        ("m --out", "--out needs a value (folder to write)."),
        ("m", "--out is missing (folder to write): `scgan draw --help` explains all arguments."),
        ("", "model and --out are missing: `scgan draw --help` explains them."),
        ("m --out=o more", "more is one argument too many: `scgan draw --help` explains all arguments."),
        ("m --out=o --cuont 3", "there is no option --cuont: did you mean --count?"),
        ("m --out=o --coun 3", "there is no option --coun: did you mean --count?"),
        ("m --out=o --batch-size=3", "there is no option --batch-size: did you mean --training.batch_size?"),
        ("m --out=o --zzz", "there is no option --zzz: `scgan draw --help` explains all options."),
        ("m --out=", "--out: the path is empty: name a file or folder."),
        ("m --out=o --photos a ", "--photos: the path is empty: name a file or folder."),
        ("m --out=o --table=", "--table: the path is empty: name a file or folder."),
        (
            "m --out=~nobody-of-this-name/x",
            "--out: ~nobody-of-this-name/x begins in the home folder of a user who does not exist: write "
            "./~nobody-of-this-name/x for a folder called ~nobody-of-this-name.",
        ),
    ],
)
def test_a_mistake_gets_one_sentence(arguments: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        parser().parse_args(arguments.split(" ") if arguments else [])
    assert exit_.value.code == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"scgan draw: {sentence}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        "inspect data --sheet s.png --seed",
        "evaluate faces --data data --seed",
        "generate faces --out o --seed",
        "interpolate faces --out o.mp4 --seed",
        "interpolate faces --out o.mp4 --seed-keyframes 1",
        "invert faces photo.png --out o.json --seed",
        "show faces --out o.html --seed",
        "synthesize faces --data data --out o --seed",
        "compare --data data --out o --seeds 0",
        "prepare toyfaces --out o --seed",
    ],
)
@pytest.mark.parametrize("seed", ["-1", str(-(2**70)), str(2**53)])
def test_all_seeds_have_one_range(
    arguments: str, seed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    *words, option = arguments.split()
    if option.startswith("-"):
        words.append(f"{option}={seed}")
    else:
        words += [option, seed]
    try:
        code = main(words)
    except SystemExit as exit_:
        code = exit_.code
    assert code == 2
    assert f" is {seed}: it must be a whole number from 0 to 9007199254740991." in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_home_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "mine.yaml"
    file.write_text("photos: [~/a, b]\ntable: ~/t.csv\n")
    parsed = parser().parse_args(["m", "--config=~/mine.yaml", "--out=~/x"])
    assert parsed.out == tmp_path / "x" and parsed.table == tmp_path / "t.csv"
    assert parsed.photos == [tmp_path / "a", Path("b")]
    # The parser's YAML reads a lone ~ as "nothing".
    assert parser().parse_args(["m", "--out=o", "--table=~"]).table == tmp_path
    assert parser().parse_args(["m", "--out", "o", "--photos", "~", "./~"]).photos == [tmp_path, Path.cwd() / "~"]


@pytest.mark.parametrize("name", ["2024", "null", "1e3", "[a]", "a: b", "#a", "ю"])
def test_a_path_may_look_like_yaml(name: str) -> None:
    assert parser().parse_args(["m", "--out", name]).out == Path(name)


@pytest.mark.parametrize("text", ["#e0e0c0", "&a", "# 2", "a #b", "None", "[a", "a: [", "\t"])
def test_an_option_may_look_like_a_comment(text: str) -> None:
    """YAML reads #e0e0c0 as nothing, so the option would be left out silently."""
    parsed = parser().parse_args(["m", f"--out={text}", f"--label={text}", f"--table={text}"])
    assert (parsed.out, parsed.label, parsed.table) == (Path(text), text, Path(text))
    assert parser().parse_args(["m", "--out=o", "--label=null"]).label is None


def test_subcommands(capsys: pytest.CaptureFixture[str]) -> None:
    parent = Parser(prog="scgan prepare")
    sources = parent.add_subcommands(required=True, dest="source")
    sources.add_subcommand("folder", parser())
    for arguments, sentence in (
        (["foldr"], "scgan prepare: source is foldr: did you mean folder? It must be folder."),
        ([], "scgan prepare: source is missing: choose folder."),
        (["folder", "m", "--out=o", "--size=7"], "scgan prepare folder: --size is 7: it must be 32 or 64."),
        (
            ["folder", "m", "--out=o", "--siez=7"],
            "scgan prepare folder: there is no option --siez: did you mean --size?",
        ),
        (["folder", "m"], "--out is missing (folder to write): `scgan prepare folder --help` explains all arguments."),
    ):
        with pytest.raises(SystemExit):
            parent.parse_args(arguments)
        assert capsys.readouterr().err.endswith(f"{sentence}\n")
