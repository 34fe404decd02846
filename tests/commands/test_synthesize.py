"""``scgan synthesize``: data that ``scgan prepare folder`` reads back, filtered by graders, repeatable by seed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from damage import copy_as_one_split
from output_folders import content, entries_of, pixels
from quick_graders import cache_quick_graders
from same_images import assert_same_images
from scgan.cli import main
from scgan.data.prepared import PreparedDataset
from scgan.graders.find import load_or_train_grader
from scgan.methods import load_method
from scgan.models.folder import Model, example_conditions, save_model
from scgan.models.trained_networks import TrainedNetworks
from scgan.recipes import paper, with_settings
from scgan.schema import Schema
from scgan.synthesis.filter import photo_threshold

Run = Callable[..., int]


@pytest.fixture(scope="module", autouse=True)
def quick_graders(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Graders trained for two steps, which are hardly better than chance; most tests accept every image."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        cache_quick_graders(toy_data)
        yield


@pytest.fixture
def run(tiny_model: Path, toy_data: Path) -> Run:
    """Run the command, by default with a count of 40 (more than one block) and no threshold."""

    def run(out: Path, *options: str) -> int:
        words = ["synthesize", str(tiny_model), "--data", str(toy_data), "--out", str(out)]
        for default in ("--count=40", "--min-mask-iou=0"):
            if not any(option.startswith(default.partition("=")[0]) for option in options):
                words.append(default)
        return main([*words, *options])

    return run


def head_of(out: Path) -> dict[str, Any]:
    head: dict[str, Any] = json.loads((out / "manifest.jsonl").read_text().splitlines()[0])
    return head


def test_prepare_reads_the_same_masks_and_attributes(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert run(out, "--attribute-sets", "Male,Young=0.3", "Blond_Hair", "--attribute-weights", "1", "3") == 0
    assert "40 images in" in capsys.readouterr().out
    assert not (tmp_path / "out.partial").exists()
    words = ["--images", out / "images", "--masks", out / "masks", "--table", out / "table.csv"]
    words += ["--classes", out / "classes.json", "--size", "32", "--out", tmp_path / "prepared", "--processes", "1"]
    assert main(["prepare", "folder", *map(str, words)]) == 0
    data = PreparedDataset.open(tmp_path / "prepared")
    entries = entries_of(out)
    assert tuple(data.names) == tuple(f"{index:06}" for index in range(40))
    for row, entry in enumerate(entries):
        np.testing.assert_array_equal(data.segmentations[row], pixels(out / entry["mask"]))
        np.testing.assert_array_equal(data.images[row], pixels(out / entry["file"]))
        assert data.attributes[row].tolist() == list(entry["attributes"].values())
    schema = Schema.from_json(head_of(out)["schema"], "manifest")
    assert (data.schema.class_names, data.schema.class_colors) == (schema.class_names, schema.class_colors)
    assert data.schema.attribute_names == schema.attribute_names
    blond = sum(entry["attributes"]["Blond_Hair"] for entry in entries)
    assert 22 <= blond <= 38  # three of four, by chance
    description = (out / "dataset.md").read_text()
    assert "--attribute-weights 1.0 3.0" in description and f"| Blond_Hair | {blond:g} |" in description
    annotations = json.loads((out / "coco.json").read_text())
    areas = np.bincount(pixels(out / "masks" / "000000.png").ravel(), minlength=7)
    annotated = {item["category_id"]: item["area"] for item in annotations["annotations"] if item["image_id"] == 1}
    assert annotated == {index: area for index, area in enumerate(areas.tolist()) if index and area}


def test_each_image_can_be_generated_again(run: Run, tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run(out, "--count=34", "--split=test", "--seed=3") == 0
    manifest = str(out / "manifest.jsonl")
    assert main(["generate", str(tiny_model), "--from", manifest, "--out", str(tmp_path / "again")]) == 0
    data = PreparedDataset.open(toy_data)
    for entry in entries_of(out):
        assert_same_images(pixels(out / entry["file"]), pixels(tmp_path / "again" / entry["file"]))
        source = entry["source"]
        assert data.splits[source["row"]] == "test" and data.names[source["row"]] == source["name"]
        assert list(entry["attributes"].values()) == data.attributes[source["row"]].tolist()
        assert entry["scores"]["mean_iou"] >= 0 and set(entry["changes"]) >= {"yaw", "mirrored"}


def test_without_jitter_masks_are_those_of_the_data(run: Run, toy_data: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "out", "--jitter=0", "--count=3", "--balance-attributes") == 0
    data = PreparedDataset.open(toy_data)
    for entry in entries_of(tmp_path / "out"):
        mask = pixels(tmp_path / "out" / entry["mask"])
        np.testing.assert_array_equal(mask, data.segmentations[entry["source"]["row"]])


def test_the_seed_decides_everything(run: Run, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run(tmp_path / name, "--count=5", f"--seed={seed}") == 0
    contents = [content(tmp_path / name) for name in "abc"]
    for other in contents:
        other.pop("dataset.md")  # it names the folder
    assert contents[0] == contents[1] != contents[2]


def test_a_damaged_unfinished_folder(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "manifest.jsonl").write_text("{]\n")
    assert run(tmp_path / "out") == 2
    assert "manifest.jsonl is damaged" in " ".join(capsys.readouterr().err.split())
    assert run(tmp_path / "out", "--count=1", "--overwrite") == 0


def test_attributes_can_be_judged(run: Run, tmp_path: Path) -> None:
    assert run(tmp_path / "out", "--count=4", "--min-attribute-accuracy=0.2") == 0
    assert all(entry["scores"]["attribute_accuracy"] >= 0.2 for entry in entries_of(tmp_path / "out"))


def test_the_default_threshold_comes_from_photos(tiny_model: Path, toy_data: Path, tmp_path: Path) -> None:
    data = PreparedDataset.open(toy_data)
    threshold = photo_threshold(load_or_train_grader(data), data)
    words = ["--data", str(toy_data), "--count=2", "--out", str(tmp_path / "out")]
    assert main(["synthesize", str(tiny_model), *words]) == 0
    assert head_of(tmp_path / "out")["synthesis"]["min_mask_iou"] == threshold


@pytest.fixture(scope="module")
def shapes(toy_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Toy data as masks without landmarks, with a category in two columns, and an untrained model of it."""
    folder = tmp_path_factory.mktemp("shapes")
    data = PreparedDataset.open(toy_data)
    rows = ["file,hair=dark,hair=fair,tall"]
    for name in ("images", "masks"):
        (folder / name).mkdir()
    for row in range(20):
        Image.fromarray(data.images[row]).save(folder / "images" / f"{row}.png")
        Image.fromarray(data.segmentations[row]).save(folder / "masks" / f"{row}.png")
        rows.append(f"{row},{row % 2},{1 - row % 2},0.5")
    (folder / "table.csv").write_text("\n".join(rows))
    words = ["--images", folder / "images", "--masks", folder / "masks", "--table", folder / "table.csv"]
    words += ["--size", "32", "--out", folder / "data", "--processes", "1"]
    assert main(["prepare", "folder", *map(str, words)]) == 0
    cache_quick_graders(folder / "data")
    dataset = PreparedDataset.open(folder / "data")
    config = with_settings(paper(), {"generator.width": 4, "generator.latent_size": 8})
    torch.manual_seed(0)
    networks = TrainedNetworks(load_method(config.method).build_generator(dataset.schema, config))
    examples = example_conditions(dataset)
    save_model(folder / "model", Model(networks, dataset.schema, config, 7, dataset.fingerprint, examples))
    return folder / "model", folder / "data"


def test_masks_without_landmarks_and_categories(shapes: tuple[Path, Path], tmp_path: Path) -> None:
    """Masks are warped; the columns of a category become a group again."""
    model, data = map(str, shapes)
    out = tmp_path / "out"
    words = ["--data", data, "--count=6", "--min-mask-iou=0", "--out", str(out)]
    assert main(["synthesize", model, *words]) == 0
    entries = entries_of(out)
    assert set(entries[0]["changes"]) == {"mirrored", "scale", "across", "down", "warp"}
    assert "landmarks" not in entries[0]
    words = [f"--{name}={out / file}" for name, file in (("images", "images"), ("masks", "masks"))]
    words += [f"--table={out / 'table.csv'}", f"--classes={out / 'classes.json'}", "--size=32", "--processes=1"]
    assert main(["prepare", "folder", *words, f"--out={tmp_path / 'prepared'}"]) == 0
    again = PreparedDataset.open(tmp_path / "prepared")
    assert again.schema == PreparedDataset.open(data).schema
    assert again.schema.attribute_groups == (("hair=dark", "hair=fair"),)
    for row, entry in enumerate(entries):
        np.testing.assert_array_equal(again.segmentations[row], pixels(out / entry["mask"]))
        assert again.attributes[row].tolist() == list(entry["attributes"].values())


def test_the_commands_of_the_docs(
    tiny_model: Path, toy_data: Path, shapes: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands of the page as written, with tiny data, fewer images, and a filter that accepts all."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    places = {"runs/faces": tiny_model, "faces": toy_data, "runs/fashion": shapes[0], "fashion": shapes[1]}
    for name, place in places.items():
        (tmp_path / name).symlink_to(place)
    page = (Path(__file__).parents[2] / "docs" / "synthesize.md").read_text(encoding="utf-8")
    lines = "".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL)).replace("\\\n", " ").splitlines()
    commands = [words for line in lines if (words := shlex.split(line, comments=True))]
    less = {
        "synthesize": ["--count=3", "--min-mask-iou=0", "--min-attribute-accuracy=0"],
        "prepare": ["--size=32", "--processes=1"],
        "generate": [],
    }
    for program, name, *words in commands:
        assert program == "scgan" and main([name, *words, *less[name]]) == 0, (name, words)
    assert len(commands) == 7


def test_model_and_data_that_do_not_fit(
    shapes: tuple[Path, Path], toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--data", str(toy_data), "--count=1", "--out", str(tmp_path / "out")]
    assert main(["synthesize", str(shapes[0]), *words]) == 2
    assert "differ in their" in " ".join(capsys.readouterr().err.split())


def test_a_threshold_that_nothing_passes(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "out", "--min-mask-iou=1", "--redraws=1", "--count=3") == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "no image passed the filter: image 0 was drawn 2 times, its best mean IoU is 0." in error
    assert "minimum is 1. Lower --min-mask-iou, use a smaller --jitter" in error
    assert list(tmp_path.iterdir()) == []


def test_images_that_never_pass_are_left_out(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others are written; a sentence for each set of attributes, a count, exit code 1."""
    run(tmp_path / "all", "--redraws=0")  # without redraws, an image whose varied mask breaks is left out
    scores = sorted(entry["scores"]["mean_iou"] for entry in entries_of(tmp_path / "all"))
    out, threshold = tmp_path / "out", (scores[9] + scores[10]) / 2
    capsys.readouterr()
    assert run(out, "--redraws=0", f"--min-mask-iou={threshold}") == 1
    printed = capsys.readouterr()
    error = " ".join(printed.err.split())
    failed = [json.loads(line) for line in (out / "failed.jsonl").read_text().splitlines()]
    kept = entries_of(out)
    broken = [failure for failure in failed if failure["broken"]]
    assert len(failed) + len(kept) == 40 and len(failed) - len(broken) == 10
    assert f"{len(failed)} of 40 images never passed and were left out" in error
    assert sum(int(count) for count in re.findall(r"(\d+) of \d+ images never passed; best", error)) == len(failed)
    assert f"{len(kept)} images in" in printed.out
    assert f"left out (`failed.jsonl`) | {len(failed)} |" in (out / "dataset.md").read_text()
    words = ["--images", out / "images", "--masks", out / "masks", "--table", out / "table.csv"]
    words += ["--classes", out / "classes.json", "--size", "32", "--out", tmp_path / "prepared", "--processes", "1"]
    assert main(["prepare", "folder", *map(str, words)]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--count=0"], "--count 0: at least 1 image is needed"),
        (["--jitter=-1"], "--jitter -1: choose a number from 0 (none) to 3"),
        (["--redraws=-1"], "--redraws -1: 0 or more is needed"),
        (["--min-mask-iou=1.5"], "--min-mask-iou 1.5: choose a number from 0 to 1"),
        (["--min-attribute-accuracy=-1"], "--min-attribute-accuracy -1: choose a number from 0 to 1"),
        (["--attribute-sets", "Bald"], "unknown attribute 'Bald'; known are Black_Hair"),
        (["--attribute-sets", "Male", "--balance-attributes"], "--balance-attributes is for the attributes"),
        (["--attribute-weights", "1"], "--attribute-weights needs --attribute-sets"),
        (["--grader=nowhere"], "nowhere is not a grader's folder"),
        (["--attribute-grader=nowhere"], "--attribute-grader judges attributes only with --min-attribute-accuracy"),
        (["--device=abacus"], "device 'abacus' cannot be used here"),
    ],
)
def test_misuse(run: Run, options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "out", *options) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


def test_existing_output_is_kept_unless_replaced(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert run(tmp_path / "out") == 2
    assert list((tmp_path / "out").iterdir()) == []
    assert run(tmp_path / "out", "--count=1", "--overwrite") == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "has no items in its train split"),
        (["--split=test"], "has 0 training items, but a grader needs at least 16"),
        (["--split=test", "--min-attribute-accuracy=0.5"], "has 0 training items, but a grader needs at least 16"),
    ],
)
def test_missing_splits_are_said_before_any_work(
    options: list[str],
    message: str,
    tiny_model: Path,
    toy_data: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    copy_as_one_split(toy_data, data, "test")
    assert main(["synthesize", str(tiny_model), "--data", str(data), "--count=4", "--out", str(out), *options]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert message in error and "training a grader" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
