"""Names and arguments of ``import scgan``."""

from __future__ import annotations

import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import scgan
from photo_folder import PhotoFolder
from quick_graders import cache_quick_graders
from scgan.cli import COMMANDS
from scgan.commands.parser import Parser
from scgan.data.sources.toyfaces import ToyFaces

COMMANDS_IN_PYTHON = ("prepare", "inspect", "train", "evaluate", "compare", "export", "export_data")
TINY = {network: {"width": 4} for network in ("generator", "discriminator", "segmentor")}


def test_every_name_is_listed_and_exists() -> None:
    others = {"Edit", "PreparedDataset", "Synthesizer", "UserError", "load", "open_project", "recipe", "with_settings"}
    names = {*others, *COMMANDS_IN_PYTHON}
    assert set(scgan.__all__) == names <= set(dir(scgan))
    assert all(callable(getattr(scgan, name)) for name in names)
    with pytest.raises(AttributeError, match="has no attribute 'tarin'"):
        _ = scgan.tarin


def test_listing_names_loads_no_torch() -> None:
    code = "import sys, scgan; dir(scgan); scgan.recipe; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_paths_may_be_text(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert len(scgan.prepare(ToyFaces(6, 32), "~/few", processes=1)) == 6
    assert scgan.PreparedDataset.open("~/few").path == tmp_path / "few"
    tiny = {f"{network}.width": 4 for network in ("generator", "discriminator", "segmentor")}
    config = scgan.with_settings(scgan.recipe("paper"), {**tiny, "training.steps": 1, "generator.update_every": 1})
    assert scgan.train(str(toy_data), "~/run", config)
    assert scgan.load("~/run").step == scgan.load(tmp_path / "run").step == 1
    with pytest.raises(scgan.UserError, match="run exists already"):
        scgan.train(str(toy_data), "run", "cpu")


def test_wrong_arguments_are_named(toy_data: Path) -> None:
    with pytest.raises(TypeError, match=r"config is 3: give a Config, or the name of a recipe \(paper or cpu\)"):
        scgan.train(toy_data, "run", 3)  # type: ignore[arg-type]
    with pytest.raises(scgan.UserError, match="--data is missing"):
        scgan.train(None, "run", "cpu")
    with pytest.raises(TypeError, match="PathLike"):
        scgan.train(7, "run", "cpu")  # type: ignore[arg-type]
    with pytest.raises(scgan.UserError, match=r"unknown recipe 'CPU2': did you mean cpu\?"):
        scgan.train(toy_data, "run", "CPU2")
    with pytest.raises(scgan.UserError, match="the path is empty"):
        scgan.load("")


@pytest.mark.parametrize("name", ["inspect", "evaluate", "compare", "export", "export-data"])
def test_keywords_are_the_options_of_the_command(name: str) -> None:
    assert name in COMMANDS
    parser = Parser()
    import_module(f"scgan.commands.{name.replace('-', '_')}").add_arguments(parser)
    options = {action.dest for action in parser._actions} - {"help", "version", "set", "no_photos"}
    parameters = inspect.signature(getattr(scgan, name.replace("-", "_"))).parameters
    assert options <= set(parameters)
    defaults = {option: parser.get_default(option) for option in options}
    for option in options - {"methods"}:
        given = parameters[option].default
        if given is not inspect.Parameter.empty:
            assert given == defaults[option] or list(given) == list(defaults[option]), option


def test_prepare_by_the_name_of_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(scgan.prepare("toyfaces", "few", processes=1, count=6, size=32)) == 6
    PhotoFolder(tmp_path / "mine", 12)
    data = scgan.prepare("folder", "own", 1, images="mine/images", masks=tmp_path / "mine" / "masks", size=32, seed=3)
    assert len(data) == 12 and data.source["seed"] == 3
    sheet = tmp_path / "sheet.png"
    assert scgan.inspect("own", sheet, count=4).split_sizes["train"] > 0 and sheet.is_file()
    for options, message in (
        ({"cuont": 6}, "the source toyfaces has no option 'cuont': did you mean count?"),
        ({"size": 33}, "the source toyfaces cannot use size=33: Input should be 32, 64, 128 or 256."),
    ):
        with pytest.raises(scgan.UserError) as error:
            scgan.prepare("toyfaces", "no", **options)
        assert message in str(error.value)
    with pytest.raises(scgan.UserError, match=r"unknown source .toyface.: did you mean toyfaces\?"):
        scgan.prepare("toyface", "no")
    with pytest.raises(scgan.UserError, match="the source folder needs the option 'images'"):
        scgan.prepare("folder", "no")
    with pytest.raises(TypeError, match="an opened source takes no options"):
        scgan.prepare(ToyFaces(6, 32), "no", count=6)
    assert not (tmp_path / "no").exists()


def test_from_data_to_scores_and_export(toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings as dicts and dotted names; a run that is resumed takes its data and settings from the folder."""
    monkeypatch.chdir(tmp_path)
    settings = {**TINY, "generator": {"width": 4, "update_every": 1}, "segmentor.pretrain_steps": 1}
    assert scgan.train(toy_data, "run", "paper", training={"steps": 2, "batch_size": 4}, **settings)
    assert scgan.load("run", engine="torch").step == 3  # one of pretraining, two of the rest
    assert scgan.train(None, "run", resume=True, training={"steps": 3})
    assert scgan.load("run", engine="torch").step == 4
    with pytest.raises(scgan.UserError, match="was begun with --recipe paper"):
        scgan.train(None, "run", "cpu", resume=True)
    with pytest.raises(scgan.UserError, match=r"--training\.stepps"):
        scgan.train(toy_data, "other", "paper", training={"stepps": 3})
    with pytest.raises(scgan.UserError, match="method is for a recipe's name"):
        scgan.train(toy_data, "other", scgan.recipe("cpu"), method="spade")
    cache_quick_graders(toy_data)
    scores = scgan.evaluate("run", str(toy_data), "scores.json")
    assert scores["step"] == 4 and Path("scores.json").is_file()
    with pytest.raises(scgan.UserError, match=r"scores\.json exists"):
        scgan.evaluate("run", toy_data, "scores.json")
    assert scgan.export("run", "model")["README.md"] > 100
    assert callable(scgan.export)  # no module hides it
    with pytest.raises(scgan.UserError, match=r"unknown format .wbe.: did you mean web\?"):
        scgan.export("run", "page", format="wbe")


def test_compare_refuses_before_it_trains(toy_data: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for arguments, message in (
        ({"budget": "8 hours"}, "--budget '8 hours' is neither like 64000images"),
        ({"budget": "8images", "methods": ["pix3pix"]}, "did you mean pix2pix"),
        ({"budget": "8images", "methods": ["scgan"], "training": {"stepps": 1}}, "--training.stepps"),
    ):
        with pytest.raises(scgan.UserError) as error:
            scgan.compare(toy_data, tmp_path / "out", **arguments)
        assert message in str(error.value)
    assert not (tmp_path / "out").exists()
