"""Tests of `scgan train`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import yaml
from PIL import Image

from scgan.cli import main
from scgan.config import fields, flat
from scgan.data.prepare.prepare import prepare
from scgan.data.sources.toyfaces import ToyFaces
from scgan.methods import METHODS, load_method
from scgan.recipes import paper, read_config, recipe

TINY = [
    *("--recipe=paper", "--generator.width=4", "--generator.latent_size=8", "--generator.update_every=2"),
    *("--discriminator.width=4", "--segmentor.width=4", "--training.steps=4", "--training.batch_size=4"),
    *("--training.accelerator=cpu", "--log.scalars_every=1", "--log.samples_every=2", "--log.checkpoint_every=2"),
]


def test_a_short_time_is_said_to_be_short(toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    assert main(["train", "--data", str(toy_data), "--out", str(out), *TINY, "--training.minutes=30"]) == 0
    assert f"scgan train --out {out} --resume --training.minutes 60" in capsys.readouterr().err


def test_a_run_folder_has_everything(toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    arguments = ["train", "--data", str(toy_data), "--out", str(out), *TINY, "--loss.gradient_penalty_every=2"]
    assert main(arguments) == 0
    captured = capsys.readouterr()
    assert captured.out == f"the model is in {out / 'model'}; try it: scgan generate {out} --out images\n"
    assert "train: 4/4" in captured.err
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["checkpoints", "config.yaml", "data.json", "log.jsonl", "model", "samples", "tensorboard"]
    )
    assert sorted(path.name for path in (out / "checkpoints").iterdir()) == ["00000002", "00000004"]
    assert any((out / "tensorboard").iterdir())

    config = read_config(yaml.safe_load((out / "config.yaml").read_text()), "the run")
    assert config.generator.width == 4 and config.loss.classification == 5 and config.recipe == "paper"
    description = json.loads((out / "data.json").read_text())
    assert description["path"] == str(toy_data) and description["source"]["source"] == "toyfaces"

    for step in (2, 4):
        with Image.open(out / "samples" / f"{step:08}.png") as samples:
            assert samples.size == (7 * 34 - 2, 6 * 34 - 2)  # a mask, three latents, three sets of attributes; six rows

    # It exists now.
    assert main(arguments) == 2
    assert f"{out} exists already: --resume continues it, --overwrite replaces it" in capsys.readouterr().err
    (out / "mine.txt").touch()
    assert main([*arguments, "--overwrite"]) == 0
    assert not (out / "mine.txt").exists() and (out / "model").exists()


def test_every_term_is_logged_in_its_turn(toy_data: Path, tmp_path: Path) -> None:
    options = [
        "--data",
        str(toy_data),
        "--out",
        str(tmp_path / "run"),
        "--loss.gradient_penalty_every=2",
        "--loss.mode_seeking=1",
    ]
    assert main(["train", *TINY, *options, "--segmentor.pretrain_steps=1", "--training.steps=3"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [(line["step"], line["stage"], line["images_seen"]) for line in lines] == [
        (1, "pretraining", 0),
        (2, "adversarial", 4),
        (3, "adversarial", 8),
        (4, "adversarial", 12),
    ]
    terms = [{name for name in line if "/" in name} for line in lines]
    every = {"discriminator/adversarial", "discriminator/classification", "segmentor/segmentation"}
    of_generator = {f"generator/{term}" for term in ("adversarial", "classification", "segmentation", "mode_seeking")}
    assert terms == [
        {"segmentor/segmentation"},
        every,
        every | {"discriminator/gradient_penalty"} | of_generator,
        every,
    ]
    assert all(np.isfinite(value) for line in lines for name, value in line.items() if "/" in name)
    seconds = [line["seconds"] for line in lines]
    assert seconds == sorted(seconds) and seconds[0] > 0


def test_print_config(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["train", "--recipe", "cpu", "--print_config", "--loss.gradient_penalty=3", "--training.flip=false"]) == 0
    )
    shown = read_config(yaml.safe_load(capsys.readouterr().out), "it")
    changed = {name: value for name, value in flat(shown).items() if value != flat(recipe("cpu"))[name]}
    assert changed == {"loss.gradient_penalty": 3.0, "training.flip": False}


def test_a_shown_configuration_can_be_given_back(
    toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *TINY, "--loss.gradient_penalty=3", "--print_config"]) == 0
    (tmp_path / "mine.yaml").write_text(capsys.readouterr().out)
    options = ["--data", str(toy_data), "--out", str(tmp_path / "run"), "--config", str(tmp_path / "mine.yaml")]
    assert main(["train", *options, "--training.steps=1"]) == 0
    saved = read_config(yaml.safe_load((tmp_path / "run" / "config.yaml").read_text()), "it")
    assert saved.loss.gradient_penalty == 3 and saved.training.steps == 1 and saved.generator.width == 4
    assert flat(saved).keys() == flat(paper()).keys()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "--out is missing: name the run folder"),
        (["--out=out"], "--recipe is missing: choose paper or cpu"),
        (["--out=out", "--recipe=paper"], "--data is missing: name a prepared folder"),
        (
            ["--out=out", "--recipe=papre", "--data=x"],
            "unknown recipe 'papre': did you mean paper? Choose paper or cpu",
        ),
        (["--out=out", "--recipe=paper", "--data=nowhere"], "nowhere does not exist: make it with `scgan prepare`"),
        (["--out=out", "--resume"], "out has no config.yaml: it is not the folder of a training run"),
        (["--print_config", "--recipe=papre"], "unknown recipe 'papre'"),
        (["--print_config", "--method=gan"], "unknown method 'gan'"),
    ],
)
def test_misuse(options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *options]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--training.batch_size=60", "has 48 training items, fewer than the batch size 60"),
        ("--training.batch_size=0", "--training.batch_size is 0: it must be a whole number of at least 1"),
        ("--training.devices=3", "--training.batch_size 4 cannot be divided among 3 processes"),
        ("--generator.optimizer.learning_rate=-1", "--generator.optimizer.learning_rate is -1: it must be"),
        ("--training.accelerator=cuda", "this machine cannot train on --training.devices 1 with --training.accel"),
        ("--training.accelerator=abacus", "this machine cannot train on --training.devices 1 with --training.accel"),
    ],
)
def test_settings_that_cannot_work_leave_nothing(
    toy_data: Path, tmp_path: Path, option: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if "cuda" in option:
        torch = pytest.importorskip("torch")
        if torch.cuda.is_available():
            pytest.skip("there is a GPU")
    assert main(["train", "--data", str(toy_data), "--out", str(tmp_path / "run"), *TINY, option]) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--training.steps=many", "--training.steps is many: it must be a whole number from 1 to 49999999."),
        (
            "--training.steps=99999999999",
            "--training.steps is 99999999999: it must be a whole number from 1 to 49999999.",
        ),
        ("--training.minutes=1e308", "--training.minutes is 1e308: it must be a number from 0 to 10000000."),
        (
            "--training.seed=1e19",
            "--training.seed is 1e19: it must be a whole number from -9223372036854775807 to 9223372036854775807.",
        ),
        ("--training.flip=perhaps", "--training.flip is perhaps: it must be true or false."),
        (
            "--loss.adversarial=gan",
            "--loss.adversarial is gan: it must be wasserstein, logistic, hinge or relativistic.",
        ),
        ("--training.precision=8", "--training.precision is 8: it must be auto, 32-true, 64-true or bf16-mixed."),
        ("--generator.ema_decay=1", "--generator.ema_decay is 1: it must be a number in [0, 1)."),
        ("--cyclegan.cycle=3", "--cyclegan can be set with --method cyclegan only."),
    ],
)
def test_values_that_are_not_allowed(option: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, before anything is read."""
    assert main(["train", "--recipe=paper", "--out=out", "--data=x", option]) == 2
    assert capsys.readouterr().err == f"scgan train: {message}\n"


@pytest.mark.parametrize(
    ("method", "option"),
    [
        ("pix2pix", "--loss.gradient_penalty=3"),
        ("spade", "--segmentor.width=8"),
        ("cyclegan", "--generator.order=reversed"),
        ("wgan-gp", "--loss.classification=3"),
        ("acwgan", "--segmentor.optimizer.beta1=0"),
    ],
)
def test_settings_without_effect_are_refused(method: str, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    name = option.partition("=")[0]
    for command in (["--print_config"], ["--out=out", "--data=x"]):
        assert main(["train", "--recipe=paper", "--method", method, option, *command]) == 2
        error = f"scgan train: {name} has no effect with --method {method}, which does not use it: leave it out.\n"
        assert capsys.readouterr().err == error


@pytest.mark.parametrize("method", METHODS)
def test_the_shown_configuration_of_each_method_is_accepted(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "--recipe=cpu", "--method", method, "--print_config"]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    (tmp_path / "mine.yaml").write_text(shown)
    assert main([*arguments, "--config", str(tmp_path / "mine.yaml")]) == 0
    assert capsys.readouterr().out == shown


def test_a_mistyped_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["train", "--recipe=paper", "--out=out", "--data=x", "--loss.gradient_penlaty=3"])
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert error == "scgan train: there is no option --loss.gradient_penlaty: did you mean --loss.gradient_penalty?\n"


def test_a_mistyped_setting_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text("loss:\n  gradient_penlaty: 3\n")
    with pytest.raises(SystemExit) as exit_:
        main(["train", "--recipe=paper", "--config", str(tmp_path / "mine.yaml"), "--print_config"])
    assert exit_.value.code == 2
    error = capsys.readouterr().err
    assert error == "scgan train: there is no option --loss.gradient_penlaty: did you mean --loss.gradient_penalty?\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss: 3\n", "loss is 3, not a group of settings."),
        ("loss: [1]\n", "loss is [1], not a group of settings."),
        ("training:\n  steps: many\n", "--training.steps is many: it must be a whole number from 1 to 49999999."),
        ("loss: &a [1]\nlog: *a\n", "cannot be read: line 2 has an alias, *a: write the value itself."),
        ("[" * 100_000, "cannot be read: line 1 is nested too deeply."),
        ("recipe: [cpu\n", "the file of --config is not YAML (while parsing a flow sequence"),
        ("out: ~nobody-of-this-name/x\n", "--out: ~nobody-of-this-name/x begins in the home folder of a user who"),
        (None, "mine.yaml' does not exist: name a YAML file with settings."),
    ],
)
def test_files_of_settings_that_are_refused(
    text: str | None, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "mine.yaml").write_text(text)
    try:
        code = main(["train", "--recipe=cpu", "--config", str(tmp_path / "mine.yaml"), "--print_config"])
    except SystemExit as exit_:
        code = exit_.code  # type: ignore[assignment]
    captured = capsys.readouterr()
    assert code == 2 and captured.out == "" and message in captured.err and captured.err.count("\n") == 1


def test_help_explains_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for method in METHODS:
        for name, field in fields(load_method(method).config_class).items():
            if name not in ("recipe", "method"):
                assert f"--{name} " in text
                assert " ".join(str(field.description).split()).rstrip(".")[:20] in text, name
    assert "(a whole number from 1 to 1024; paper 64; cpu 32)" in text


def test_a_loss_that_becomes_infinite(toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    arguments = ["train", "--data", str(toy_data), "--out", str(out), *TINY, "--training.steps=50"]
    assert main([*arguments, "--discriminator.optimizer.learning_rate=1e18", "--log.checkpoint_every=1"]) == 1
    error = " ".join(capsys.readouterr().err.split())
    assert "'s loss became" in error and "--resume goes back to the last checkpoint, or to the start" in error
    assert main(["train", "--out", str(out), "--resume", "--training.steps=6"]) == 1  # as before: nothing was changed
    lower = "--discriminator.optimizer.learning_rate=1e-4"
    assert main(["train", "--out", str(out), "--resume", "--training.steps=6", lower]) in (0, 1)


def test_data_without_attributes(tmp_path: Path) -> None:
    """n_c = 0: no attributes, no classifier, no classification loss."""
    from scgan.data.prepare.source import Item
    from scgan.schema import Schema
    from scgan.utils.colors import distinct_colors

    class Plain(ToyFaces):
        @property
        def schema(self) -> Schema:  # type: ignore[override]
            return Schema(32, ("background", "face"), distinct_colors(2))

        def read(self, index: int) -> Item:
            item = super().read(index)
            return Item(item.image, (item.segmentation > 0).astype(np.uint8), np.zeros(0, np.float32))

    prepare(Plain(20, 32), tmp_path / "plain", processes=1)
    assert main(["train", "--data", str(tmp_path / "plain"), "--out", str(tmp_path / "run"), *TINY]) == 0
    terms = set().union(*(json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()))
    assert "discriminator/adversarial" in terms and not any("classification" in term for term in terms)
    assert main(["generate", str(tmp_path / "run"), "--out", str(tmp_path / "out")]) == 0
