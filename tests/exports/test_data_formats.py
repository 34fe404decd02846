"""Prepared data exported for other libraries: they open them, and what comes back is the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from output_folders import content
from scgan.cli import main
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.folder import open_folder
from scgan.data.sources.toyfaces import ToyFaces
from scgan.exports.data_formats import DATA_FORMATS, export_data
from scgan.schema import IGNORED


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.parametrize("format", DATA_FORMATS)
def test_what_is_prepared_again_is_the_same(format: str, toy_data: Path, tmp_path: Path) -> None:
    pytest.importorskip(format)
    out = tmp_path / "exported"
    assert main(["export-data", str(toy_data), "--format", format, "--out", str(out)]) == 0
    again = prepare(open_folder(images=out, size=32), tmp_path / "again", processes=1)
    assert_same_items(PreparedDataset.open(toy_data), again)


@pytest.mark.parametrize("format", DATA_FORMATS)
def test_pixels_without_a_class_come_back(format: str, toy_data: Path, tmp_path: Path) -> None:
    pytest.importorskip(format)
    data = PreparedDataset.open(toy_data)
    masks = np.array(data.segmentations)
    masks[:, :4] = IGNORED
    data = replace(data, segmentations=masks, schema=replace(data.schema, ignored=True))
    export_data(data, tmp_path / "exported", format)
    again = prepare(open_folder(images=tmp_path / "exported", size=32, ignore=["255"]), tmp_path / "again", processes=1)
    assert_same_items(data, again)


def assert_same_items(data: PreparedDataset, again: PreparedDataset) -> None:
    order = [list(again.names).index(name) for name in data.names]
    assert again.schema.class_names == data.schema.class_names
    assert again.schema.attribute_names == data.schema.attribute_names
    np.testing.assert_array_equal(again.images[order], data.images)
    np.testing.assert_array_equal(again.segmentations[order], data.segmentations)
    np.testing.assert_array_equal(again.attributes[order], data.attributes)
    assert [again.splits[row] for row in order] == list(data.splits)


def test_hugging_face_opens_it(toy_data: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    data = PreparedDataset.open(toy_data)
    export_data(data, tmp_path / "exported", "datasets")
    opened = datasets.load_from_disk(str(tmp_path / "exported"))
    assert {name: len(split) for name, split in opened.items()} == {"train": 48, "validation": 6, "test": 6}
    row, first = int(data.split("test")[0]), opened["test"][0]
    assert first["name"] == data.names[row]
    np.testing.assert_array_equal(np.asarray(first["image"]), data.images[row])
    np.testing.assert_array_equal(np.asarray(first["mask"]), data.segmentations[row])
    assert [first[name] for name in data.schema.attribute_names] == data.attributes[row].tolist()
    np.testing.assert_array_equal(first["landmarks"], data.landmarks[row])
    assert {path.name for path in (tmp_path / "exported").iterdir()} == {
        *("classes.json", "dataset_dict.json", "test", "train", "validation")
    }


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_webdataset_reads_it_and_the_bytes_are_always_the_same(toy_data: Path, tmp_path: Path) -> None:
    webdataset = pytest.importorskip("webdataset")
    data = PreparedDataset.open(toy_data)
    for name in ("one", "other"):
        export_data(data, tmp_path / name, "webdataset")
    assert content(tmp_path / "one") == content(tmp_path / "other")
    samples = list(
        webdataset.WebDataset([str(tmp_path / "one" / "test-000000.tar")], shardshuffle=False).decode("rgb8")
    )
    rows = data.split("test")
    assert [sample["json"]["name"] for sample in samples] == [data.names[row] for row in rows]
    np.testing.assert_array_equal(np.stack([sample["image.png"] for sample in samples]), data.images[rows])


def test_a_mask_is_a_file_that_shows_the_colors_of_its_classes(toy_data: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    data = PreparedDataset.open(toy_data)
    export_data(data, tmp_path / "exported", "datasets")
    mask = datasets.load_from_disk(str(tmp_path / "exported"))["train"][0]["mask"]
    assert isinstance(mask, Image.Image) and mask.mode == "P"
    colors = {tuple(color) for _, color in mask.convert("RGB").getcolors()}
    assert colors <= set(data.schema.class_colors)
    assert json.loads((tmp_path / "exported" / "classes.json").read_text()) == {
        name: list(color) for name, color in zip(data.schema.class_names, data.schema.class_colors, strict=True)
    }


def test_bad_requests(toy_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("datasets")
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "mine.txt").touch()
    arguments = ["export-data", str(toy_data), "--format", "datasets", "--out", str(tmp_path / "exported")]
    assert main(arguments) == 2
    assert main(["export-data", str(tmp_path / "nothing"), *arguments[2:]]) == 2
    assert "does not exist: make it with" in capsys.readouterr().err


def test_many_items_fill_several_tars(tmp_path: Path) -> None:
    pytest.importorskip("webdataset")
    data = prepare(ToyFaces(1300, 32), tmp_path / "toys", processes=2)
    export_data(data, tmp_path / "exported", "webdataset")
    names = [path.name for path in sorted((tmp_path / "exported").glob("*.tar"))]
    assert names == ["test-000000.tar", "train-000000.tar", "train-000001.tar", "validation-000000.tar"]
