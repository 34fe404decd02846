"""Commands and Python of each documentation page run as written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.request import Request, urlopen

import numpy as np
import pytest
from PIL import Image

from doc_commands import DOCS, ROOT, few_of_folder, few_photos, run_page, run_python
from scgan.cli import main
from scgan.data.prepare.prepare import prepare
from scgan.data.prepared import PreparedDataset
from scgan.data.sources.toyfaces import ToyFaces
from scgan.recipes import recipe, with_settings
from scgan.runs.train import train

COUNT = 30
"""Items of each data set: 24 for training, of which graders need 16."""

TINY = {
    "generator.width": 4,
    "discriminator.width": 4,
    "segmentor.width": 4,
    "segmentor.pretrain_steps": 1,
    "training.steps": 1,
    "training.accelerator": "cpu",
}
OPTIONAL = (
    "dlib",
    "av",
    "pycocotools",
    "defusedxml",
    "matplotlib",
    "fastapi",
    "efficientnet_lite_pytorch",
    "mpl_toolkits.basemap_data",
)


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test in an empty folder, with an empty cache."""
    for package in OPTIONAL:
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def own_folder(tmp_path: Path) -> None:
    """Write photos with colour masks, classes and a table, and the masks as indices with 255 for ignored pixels."""
    toys = ToyFaces(COUNT, 32)
    for folder in ("photos", "masks", "grey-masks"):
        (tmp_path / folder).mkdir()
    colors = {"background": [0, 0, 0], "leaf": [60, 160, 60], "stem": [120, 80, 40]}
    rows = ["file,colour,fresh"]
    for number in range(COUNT):
        item = toys.read(number)
        name, mask = f"{number:04}", np.minimum(item.segmentation, 2)
        Image.fromarray(item.image).save(tmp_path / "photos" / f"{name}.jpg")
        Image.fromarray(np.array(list(colors.values()), np.uint8)[mask]).save(tmp_path / "masks" / f"{name}.png")
        mask[:2] = 255
        Image.fromarray(mask).save(tmp_path / "grey-masks" / f"{name}.png")
        rows.append(f"{name}.jpg,{('green', 'brown')[number % 2]},{('yes', 'no', 'no')[number % 3]}")
    (tmp_path / "attributes.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "classes.json").write_text(json.dumps(colors), encoding="utf-8")
    (tmp_path / "ignore.json").write_text('{"background": 0, "leaf": 1, "stem": 2, "ignore": 255}', encoding="utf-8")
    (tmp_path / "merge.yaml").write_text("classes: {leaf: [leaf], stem: [stem]}", encoding="utf-8")


def test_index(tmp_path: Path) -> None:
    run_page(DOCS / "index.md")
    (names,) = run_python(DOCS / "index.md")
    assert names["images"].shape == (8, 32, 32, 3)  # type: ignore[attr-defined]
    assert (tmp_path / "interpolation.png").is_file()


def test_own_data_and_faq(own_folder: None, capfd: pytest.CaptureFixture[str]) -> None:
    lines = run_page(DOCS / "own-data.md")
    assert {line.split()[1] for line in lines} >= {"prepare", "inspect", "train", "report", "evaluate", "generate"}
    run_page(DOCS / "faq.md")
    printed = capfd.readouterr().out
    assert "pixels with the value 255 belong to no class" in printed


def write_celebamask_hq(folder: Path, count: int = 10) -> None:
    """Write photos, one mask each, and the list of attributes, without the mapping to CelebA."""
    (folder / "CelebA-HQ-img").mkdir(parents=True)
    (folder / "CelebAMask-HQ-mask-anno" / "0").mkdir(parents=True)
    skin = np.zeros((32, 32), np.uint8)
    skin[8:24, 8:24] = 255
    for number in range(count):
        Image.new("RGB", (64, 64), (number, 0, 0)).save(folder / "CelebA-HQ-img" / f"{number}.jpg")
        Image.fromarray(skin).save(folder / "CelebAMask-HQ-mask-anno" / "0" / f"{number:05}_skin.png")
    rows = [f"{number}.jpg 1 -1 -1 1 1" for number in range(count)]
    lines = [str(count), "Black_Hair Blond_Hair Brown_Hair Male Young", *rows]
    (folder / "CelebAMask-HQ-attribute-anno.txt").write_text("\n".join(lines))


def write_instances(file: Path, count: int = COUNT) -> None:
    """Write COCO instances of the photos of ``own_folder``: a leaf in each."""
    outline = [[8, 8, 24, 8, 24, 24, 8, 24]]
    content = {
        "images": [{"id": n, "file_name": f"{n:04}.jpg", "height": 32, "width": 32} for n in range(count)],
        "categories": [{"id": 1, "name": "leaf"}],
        "annotations": [{"image_id": n, "category_id": 1, "segmentation": outline} for n in range(count)],
    }
    file.write_text(json.dumps(content))


def test_prepare(own_folder: None, shared_data: Path, tmp_path: Path) -> None:
    few_photos(shared_data / "celeba-lfw", tmp_path / "celeba", 20)
    (tmp_path / "deepfashion").symlink_to(shared_data / "deepfashion-ccp")
    write_celebamask_hq(tmp_path / "CelebAMask-HQ")
    write_instances(tmp_path / "instances.json")
    assert len(run_page(DOCS / "prepare.md")) == 11


def test_scale(tmp_path: Path) -> None:
    assert len(run_page(DOCS / "scale.md")) == 3
    assert len(PreparedDataset.open("toys")) > 0


def test_training(shared_data: Path, tmp_path: Path) -> None:
    few_photos(shared_data / "celeba-lfw", tmp_path / "path" / "to" / "CelebA", 30)
    run_page(DOCS / "training.md")


def test_comparison(tiny_model: Path, shared_data: Path, tmp_path: Path) -> None:
    toy_data = tmp_path / "toys"
    prepare(ToyFaces(COUNT, 32), toy_data, processes=1)
    few_photos(shared_data / "celeba-lfw", tmp_path / "CELEBA")
    (tmp_path / "CCP").mkdir()
    few_of_folder(shared_data / "ccp", tmp_path / "CCP", COUNT)
    _link_merge_file(tmp_path)
    for name, path in {
        "celeba128": toy_data,
        "deepfashion128": toy_data,
        "DATA": toy_data,
        "MODEL": tiny_model,
    }.items():
        (tmp_path / name).symlink_to(path)
    run_page(DOCS / "comparison.md")
    for folder in ("docs/results/faces32", "celeba"):
        assert (tmp_path / folder / "table.md").is_file()


def test_models(tiny_model: Path, shared_data: Path, tmp_path: Path) -> None:
    """A folder ``owner/name`` stands for a repository of the Hub, since folders come first."""
    photos = tmp_path / "path" / "to" / "CelebA"
    few_photos(shared_data / "celeba-lfw", photos, 40)
    shutil.copytree(tiny_model, tmp_path / "owner" / "name")
    (tmp_path / "me.jpg").symlink_to(shared_data / "london" / "neutral" / "100.jpg")
    for size, name in ((64, "data64"), (128, "data")):
        assert main(["prepare", "celeba", str(photos), "--size", str(size), "--out", name]) == 0
    assert train(Path("data"), Path("run"), with_settings(recipe("cpu"), TINY))
    short = {"training.steps": 1, "training.batch_size": 2, "segmentor.pretrain_steps": 1}
    assert train(Path("data64"), Path("run64"), with_settings(recipe("cpu"), short))  # of the widths that grow
    lines = run_page(DOCS / "models.md")
    assert {line.split()[1] for line in lines} >= {"models", "show", "evaluate", "generate", "train", "export"}
    assert Path("my-faces/README.md").is_file() and Path("longer/model").is_dir()
    (names,) = run_python(DOCS / "models.md")
    assert names["image"].shape == (128, 128, 3)  # type: ignore[attr-defined]


def test_studio(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands, requests and Python of the page reach a studio that runs here."""
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "studio"))
    from running_studio import Studio

    for name in ("faces", "fashion"):
        shutil.copytree(tiny_model, tmp_path / "runs" / name)
    studio = Studio([tmp_path / "runs" / "faces"])
    page = tmp_path / "studio.md"
    text = (DOCS / "studio.md").read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8765/", studio.url).replace("generate faces ", "generate runs/faces ")
    page.write_text(text, encoding="utf-8")
    studio.start()
    try:
        condition = json.load(urlopen(f"{studio.url}api/models/faces/examples"))[0]
        request = Request(
            f"{studio.url}api/models/faces/manifest",
            json.dumps(condition).encode(),
            {"Content-Type": "application/json"},
        )
        (tmp_path / "faces-seed-7.json").write_bytes(urlopen(request).read())
        run_page(page)
        run_python(page)
    finally:
        studio.stop()
    for name in ("image.png", "young.png"):
        with Image.open(tmp_path / name) as image:
            assert image.size == (32, 32)


def test_editing(tiny_model: Path, shared_data: Path, tmp_path: Path) -> None:
    photo = Image.open(next(iter(sorted((shared_data / "london" / "neutral").glob("*.jpg")))))
    photo.resize((256, 256)).save(tmp_path / "photo.jpg")
    for name in ("faces", "MODEL"):
        (tmp_path / name).symlink_to(tiny_model)
    assert len(run_page(DOCS / "editing.md")) == 6
    (names,) = run_python(DOCS / "editing.md")
    assert names["image"].shape == (32, 32, 3)  # type: ignore[attr-defined]
    with Image.open(tmp_path / "blond.jpg") as blond:
        assert blond.size == (256, 256)


def _link_merge_file(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "ccp-merge.yaml").symlink_to(DOCS / "ccp-merge.yaml")
