"""Tests of `scgan export`: the folder of a repository, complete or absent, small, with a correct card."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import load_file

import scgan
from damage import change_sealed
from quick_graders import cache_quick_graders
from scgan.cli import main
from scgan.data.prepared import PreparedDataset
from scgan.graders.folder import GraderDescription, write_grader
from scgan.graders.kinds import KINDS
from scgan.methods import load_method
from scgan.models.description import read_description
from scgan.models.folder import Model, example_conditions, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import cpu, recipe, with_settings
from scgan.runs.train import train
from scgan.schema import Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.json_files import unseal

SETTINGS = {
    "generator.width": 4,
    "generator.latent_size": 8,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "segmentor.pretrain_steps": 1,
    "training.steps": 2,
    "training.batch_size": 4,
    "training.precision": "32-true",
    "training.accelerator": "cpu",
    "log.scalars_every": 1,
}


@pytest.fixture(scope="module")
def run(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with scores, and graders of its data in the cache beside it; not to be changed."""
    folder = tmp_path_factory.mktemp("export") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder.parent / "cache"))
        cache_quick_graders(toy_data)
        assert train(toy_data, folder, with_settings(recipe("cpu"), SETTINGS))
        evaluation = [
            "evaluate",
            str(folder),
            "--data",
            str(toy_data),
            "--judge-attributes",
            "--out",
            str(folder / "scores.json"),
        ]
        assert main(evaluation) == 0
    return folder


@pytest.fixture(autouse=True)
def home(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(run.parent / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def exported(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run as it is exported; not to be changed."""
    folder = tmp_path_factory.mktemp("exported") / "toys"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(run.parent / "cache"))
        assert main(["export", str(run), "--out", str(folder), "--title", "Toy faces: drawn"]) == 0
    return folder


def test_the_files(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(run), "--out", "my toys"]) == 0
    out = Path("my toys")
    files = sorted(file.relative_to(out).as_posix() for file in out.rglob("*") if file.is_file())
    assert files == [
        "README.md",
        *("attribute-grader/grader.json", "attribute-grader/grader.safetensors"),
        "examples.npz",
        *("grader/grader.json", "grader/grader.safetensors"),
        *("model.json", "model.safetensors", "segmentor.safetensors"),
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["my toys"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("then upload: hf upload owner/name 'my toys'")
    printed = [int(line.split()[-2].replace(",", "")) for line in lines[:-1]]
    assert printed == [*((out / file).stat().st_size for file in files), sum(printed[:-1])]
    for file in out.rglob("*.safetensors"):
        assert {value.dtype for value in load_file(file).values()} <= {torch.float16, torch.int64}


def test_the_description_is_complete(run: Path, exported: Path, toy_data: Path) -> None:
    description = read_description(exported)
    assert description.step == 3 and description.config.training.seed == 0
    assert description.fingerprint == PreparedDataset.open(toy_data).fingerprint
    assert (
        description.scores == unseal(json.loads((run / "scores.json").read_text())) and description.scores["step"] == 3
    )
    about = description.about
    assert about.title == "Toy faces: drawn" and about.seconds and about.seconds > 0
    expected = {"source": "toyfaces", "count": 60, "size": 32, "seed": 0, "train": 48, "validation": 6, "test": 6}
    assert about.data == expected
    for file in ("model.json", "README.md", "grader/grader.json"):
        assert (
            str(run.parent) not in (exported / file).read_text() and str(toy_data) not in (exported / file).read_text()
        )


def test_the_card(exported: Path, run: Path) -> None:
    _, front, body = (exported / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    assert yaml.safe_load(front) == {
        "license": "mit",  # drawn by ourselves
        "library_name": "scgan",
        "pipeline_tag": "image-to-image",
        "tags": ["scgan", "gan", "semantic-image-synthesis", "conditional-image-generation"],
    }
    headings = re.findall(r"^#+ (.*)", re.sub(r"```.*?```", "", body, flags=re.DOTALL), re.MULTILINE)
    assert headings == [
        *("Toy faces: drawn", "How to use it", "Training", "Data", "Scores", "Limits and fair use"),
    ]
    assert "3 steps, 1 of them of the segmentor alone; batch size 4; seed 0; 0 minutes." in body
    assert "| `generator.width` | 4 | 32 |" in body and "`training.seed`" not in body
    assert "They show nobody, and nobody holds rights to them" in body
    scores = json.loads((run / "scores.json").read_text())
    assert f"| mask accuracy ↑ | {scores['spatial']['pixel_accuracy']['floor']:.4f} |" in body
    assert "| attribute accuracy ↑ |" in body and "Floor: " in body
    assert f"| `model.safetensors` | {(exported / 'model.safetensors').stat().st_size:,} |" in body


def test_commands_of_the_card_work(exported: Path, toy_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(exported.parent)
    card = (exported / "README.md").read_text(encoding="utf-8")
    usage, training = (shlex.split(block, comments=True) for block in re.findall(r"```sh\n(.*?)```", card, re.DOTALL))
    assert usage.count("scgan") == 3
    assert main(["generate", "toys", "--attributes", "Black_Hair", "--per-mask", "4", "--seed", "1", "--out", "p"]) == 0
    assert "generate toys --attributes Black_Hair --per-mask 4 --seed 1 --out images" in card
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", card, re.DOTALL)[0], names)
    assert names["image"].shape == (32, 32, 3)
    training[training.index("DATA")] = str(toy_data)
    assert main(training[1:]) == 0
    assert read_description(Path("RUN")).config == read_description(exported).config


def test_it_makes_the_same_images(run: Path, exported: Path) -> None:
    whole, half = scgan.load(run), scgan.load(exported)
    masks = whole.examples.segmentations
    np.testing.assert_array_equal(masks, half.examples.segmentations)
    difference = np.abs(whole.generate(masks, seed=1).astype(int) - half.generate(masks, seed=1))
    assert difference.max() <= 4
    assert half.can_segment


def test_its_graders_judge(
    exported: Path, toy_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Graders next to a model are found without an option, and by name for another model."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    options_of_all = ["--data", str(toy_data), "--judge-attributes", "--out", "scores.json", "--overwrite"]
    assert main(["evaluate", str(exported), *options_of_all]) == 0
    name = json.loads(Path("scores.json").read_text())["spatial"]["grader"]
    assert name == f"unet16-2 {read_description(exported).fingerprint}"
    shutil.copytree(exported, "bare", ignore=shutil.ignore_patterns("*grader"))
    for given in (str(exported), str(exported / "grader")):
        options = ["--grader", given, "--attribute-grader", str(exported)]
        assert main(["evaluate", "bare", *options_of_all, *options]) == 0
        assert json.loads(Path("scores.json").read_text())["spatial"]["grader"] == name
    capsys.readouterr()
    for given, message in (
        ("bare", "bare has no grader: `scgan export` adds one to a model"),
        ("nowhere", "nowhere is not a grader's folder, nor a model with a grader: nowhere does not exist"),
    ):
        assert main(["evaluate", "bare", *options_of_all, "--grader", given]) == 2
        assert message in capsys.readouterr().err


def test_nothing_is_lost_by_a_second_export(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    assert main(["export", str(exported), "--out", "toys"]) == 0
    for file in (file for file in exported.rglob("*") if file.is_file()):
        copied = Path("toys") / file.relative_to(exported)
        if file.suffix == ".npz":
            with np.load(file) as one, np.load(copied) as other:
                assert all((one[name] == other[name]).all() for name in one)
        else:
            assert copied.read_bytes() == file.read_bytes(), file


def test_of_a_model_folder_alone(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Card of an untrained model without run, log or scores; the graders of its data are in the cache."""
    assert main(["export", str(tiny_model), "--out", "tiny", "--license", "cc0-1.0", "--data-note", "Nobody’s."]) == 0
    card = Path("tiny/README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: cc0-1.0\nlibrary_name") and "# tiny\n" in card
    assert (
        "time unknown" in card and "Not measured yet: `scgan evaluate` measures them." in card and "Nobody’s." in card
    )
    assert Path("tiny/grader").is_dir() and not Path("tiny/segmentor.safetensors").exists()


def test_without_graders(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "empty"))
    assert main(["export", str(tiny_model), "--out", "tiny"]) == 0
    error = capsys.readouterr().err
    assert "there is no grader for the model's data: `scgan evaluate` trains and caches one" in error
    assert "there is no attribute-grader for the model's data: `scgan evaluate --judge-attributes` trains" in error
    assert sorted(path.name for path in Path("tiny").iterdir()) == [
        *("README.md", "examples.npz", "model.json", "model.safetensors"),
    ]


def test_scores_of_another_step_stay_behind(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(run, "copy")
    change_sealed(Path("copy/scores.json"), step=2)
    assert main(["export", "copy", "--out", "out"]) == 0
    assert "scores of step 2 are left out, the model is at step 3: evaluate it again" in capsys.readouterr().err
    assert read_description(Path("out")).scores is None


def test_the_data_may_be_gone(run: Path) -> None:
    shutil.copytree(run, "copy")
    change_sealed(Path("copy/data.json"), path="/gone")
    assert main(["export", "copy", "--out", "out"]) == 0
    assert read_description(Path("out")).about.data == {"source": "toyfaces", "count": 60, "size": 32, "seed": 0}


def test_a_large_segmentor_stays_behind(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("scgan.exports.folder.MAX_SEGMENTOR_BYTES", 100)
    assert main(["export", str(run), "--out", "out"]) == 0
    assert "the segmentor (" in capsys.readouterr().err
    assert not scgan.load("out").can_segment


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "there"], "there exists already: choose another --out, or replace it with --overwrite"),
        (["--out", "out", "--data", "nowhere"], "nowhere does not exist: make it with `scgan prepare`"),
        (["--out", "out", "--grader", "there"], "there is not a grader's folder, nor a model with a grader"),
        (["--out", "out", "--grader", "broken"], "broken is damaged or not a grader's folder"),
    ],
)
def test_refusals_leave_nothing(
    run: Path, tmp_path: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("there").mkdir()
    shutil.copytree(next((run.parent / "cache" / "scgan" / "graders").glob("*unet*")), "broken")
    Path("broken/grader.safetensors").write_bytes(b"nothing")
    assert main(["export", str(run), *options]) == 2
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "there"]


def test_data_and_graders_of_others_are_refused(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from scgan.data.prepare.prepare import prepare
    from scgan.data.sources.toyfaces import ToyFaces

    prepare(ToyFaces(20, 32, seed=3), tmp_path / "others", processes=1)
    assert main(["export", str(run), "--out", "out", "--data", "others"]) == 2
    assert "others has the fingerprint" in capsys.readouterr().err
    shutil.copytree(next((run.parent / "cache" / "scgan" / "graders").glob("*unet*")), "theirs")
    sky = Schema(32, ("background", "sky"), distinct_colors(2)).to_json()
    change_sealed(Path("theirs/grader.json"), schema=sky)
    assert main(["export", str(run), "--out", "out", "--grader", "theirs"]) == 2
    assert "only theirs has sky" in capsys.readouterr().err
    assert not Path("out").exists()


def test_a_model_is_not_replaced_by_itself(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(run, "copy")
    for model, out in (("copy", "copy"), ("copy/model", "copy"), ("copy/model", "copy/model")):
        assert main(["export", model, "--out", out, "--overwrite"]) == 2
        assert f"an input ({model}): choose another --out" in capsys.readouterr().err
    assert Path("copy/checkpoints").is_dir()


def test_the_cpu_recipe_at_64_is_small_enough_to_ship(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """At most 8 MB with segmentor, graders and everything; untrained weights take as much room as others."""
    from scgan.data.prepare.prepare import prepare
    from scgan.data.sources.toyfaces import ToyFaces

    prepare(ToyFaces(20, 64), tmp_path / "toys64", processes=1)
    data = PreparedDataset.open("toys64")
    method = load_method("scgan")(data.schema, cpu())
    examples = example_conditions(data)
    networks = TrainedNetworks(method.model, method.networks["segmentor"])
    model = Model(networks, data.schema, cpu(), 0, data.fingerprint, examples)
    save_model(Path("model"), model)
    for kind in KINDS:
        description = GraderDescription(data.schema, data.fingerprint, 0)
        Path("model", kind.name).mkdir()
        write_grader(Path("model", kind.name), kind.build(data.schema), description, half=False)
    assert main(["export", "model", "--out", "out"]) == 0
    sizes = {str(file.relative_to("out")): file.stat().st_size for file in Path("out").rglob("*") if file.is_file()}
    assert {"segmentor.safetensors", "grader/grader.safetensors", "attribute-grader/grader.safetensors"} <= sizes.keys()
    assert sum(sizes.values()) <= 8_000_000, sizes
