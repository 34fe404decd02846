"""Models by name: folders, those that come with scgan, repositories of the Hugging Face Hub."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scgan
from damage import change_sealed, flip_byte
from patience import MAX_SECONDS
from scgan.cli import main
from scgan.models import find as models
from scgan.models.description import About, Origin, read_description, without_absolute_paths, write_description
from scgan.utils.errors import UserError


@pytest.fixture
def shipped(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Makes ``tiny`` the only model that comes with scgan."""
    folder = tmp_path / "shipped"
    shutil.copytree(tiny_model, folder / "tiny")
    (folder / "__pycache__").mkdir()
    monkeypatch.setattr(models, "FOLDER", folder)
    monkeypatch.chdir(tmp_path)
    return folder / "tiny"


def test_by_name(shipped: Path) -> None:
    assert models.shipped_models() == {"tiny": shipped}
    assert models.find_model("tiny") == shipped
    assert scgan.load("tiny").model.step == 7


def test_a_folder_with_a_model_comes_first(shipped: Path, tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "tiny")
    assert models.find_model("tiny") == Path("tiny")
    shutil.rmtree(tmp_path / "tiny")
    shutil.copytree(tiny_model, tmp_path / "tiny" / "model")  # a run folder
    assert models.find_model("tiny") == Path("tiny")


def test_a_folder_of_something_else_does_not_hide_a_model(
    shipped: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tiny").mkdir()  # prepared data, for example
    assert models.find_model("tiny") == shipped
    assert "tiny holds no model: using the shipped model of that name" in capfd.readouterr().err
    (tmp_path / "other").mkdir()
    assert models.find_model("other") == Path("other")
    with pytest.raises(UserError, match=r"other has no model\.json: it is neither"):
        scgan.load("other")


def test_an_unknown_name(shipped: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("tyni", "/nowhere", "a/b/c", "../tyni", "owner/"):
        with pytest.raises(UserError, match=r"does not exist: give .* comes with scgan \(tiny\), or owner/name"):
            models.find_model(name)
    assert main(["generate", "tyni", "--out", "images"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("scgan generate: tyni does not exist") and error.count("\n") == 1


def test_where_none_is_shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "FOLDER", tmp_path)
    with pytest.raises(UserError, match=r"comes with scgan \(none\)"):
        models.find_model("faces")


def test_shipped_models_are_complete() -> None:
    """Every shipped model opens, is small, and names its origin."""
    for name, folder in models.shipped_models().items():
        assert sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) <= 8_000_000
        model = scgan.load(folder)
        assert model.generate(model.examples.segmentations[0]).dtype == np.uint8
        description = read_description(folder)
        assert description.scores and description.about.title and description.about.data_note, name
        assert (folder / "README.md").is_file()


def test_a_description_comes_back(tiny_model: Path, tmp_path: Path) -> None:
    origin = Origin("run", 5, "f" * 16, "d" * 16, 60.5)
    about = About("Toys", {"source": "toyfaces", "train": 48}, "Mine.", 61.0, (origin, replace(origin, seconds=None)))
    description = replace(read_description(tiny_model), about=about, scores={"spatial": {}})
    write_description(tmp_path, description)
    assert read_description(tmp_path) == replace(description, files={})


def test_descriptions_from_before_about(tiny_model: Path, tmp_path: Path) -> None:
    change_sealed(tiny_model / "model.json", tmp_path / "model.json", about=None)
    assert read_description(tmp_path).about == About()


@pytest.mark.parametrize("about", [3, [], {"seconds": "long"}, {"started_from": [{"model": "a"}]}, {"data": 1}])
def test_a_damaged_about(tiny_model: Path, tmp_path: Path, about: Any) -> None:
    change_sealed(tiny_model / "model.json", tmp_path / "model.json", about=about)
    with pytest.raises(UserError, match=r"model\.json is damaged or was not written by scgan"):
        read_description(tmp_path)


def test_places_are_left_out() -> None:
    values = {"folder": "/home/me/photos", "items": 3, "crop": "center", "table": None}
    assert without_absolute_paths(values) == {"folder": "photos", "items": 3, "crop": "center", "table": None}


def test_no_torch_is_needed_to_find_a_model(tiny_model: Path) -> None:
    code = f"""
import sys
from scgan.models.find import find_model
from scgan.models.description import read_description
read_description(find_model({str(tiny_model)!r}))
print([name for name in ("torch", "huggingface_hub") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=MAX_SECONDS, check=True)
    assert done.stdout == "[]\n"


class Hub:
    """Hub with one repository, ``owner/tiny``, and a cache; replaces functions of huggingface_hub."""

    def __init__(self, source: Path, cache: Path) -> None:
        self.source, self.cache = source, cache
        self.trouble: Exception | None = None
        self.calls: list[tuple[list[str], bool]] = []

    def get_hf_file_metadata(self, url: str) -> None:
        assert url.endswith("owner/tiny/resolve/main/model.json")
        if self.trouble:
            raise self.trouble

    def snapshot_download(
        self, name: str, allow_patterns: list[str], local_files_only: bool, force_download: bool
    ) -> str:
        from huggingface_hub.errors import LocalEntryNotFoundError

        self.calls.append((allow_patterns, local_files_only))
        folder = self.cache / name.replace("/", "--")
        if local_files_only:
            if not folder.exists():
                raise LocalEntryNotFoundError("not in the cache")
            return str(folder)
        for pattern in allow_patterns:
            for file in self.source.glob(pattern):
                target = folder / file.relative_to(self.source)
                target.parent.mkdir(parents=True, exist_ok=True)
                if force_download or not target.exists():
                    shutil.copy(file, target)
        return str(folder)


@pytest.fixture
def hub(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hub:
    huggingface_hub = pytest.importorskip("huggingface_hub")
    shutil.copytree(tiny_model, tmp_path / "repository")
    (tmp_path / "repository" / "evil.py").touch()
    (tmp_path / "repository" / "model.bin").touch()
    hub = Hub(tmp_path / "repository", tmp_path / "cache")
    monkeypatch.setattr(huggingface_hub, "get_hf_file_metadata", hub.get_hf_file_metadata)
    monkeypatch.setattr(huggingface_hub, "snapshot_download", hub.snapshot_download)
    monkeypatch.chdir(tmp_path)
    return hub


def response(kind: Callable[..., Exception]) -> Exception:
    """Create an error of huggingface_hub, without the HTTP response that its constructor requires."""
    error = kind.__new__(kind)  # type: ignore[call-overload]
    Exception.__init__(error, "Bad answer.\nRequest id 3.")
    return error  # type: ignore[no-any-return]


def test_a_repository_is_fetched_description_first(hub: Hub) -> None:
    assert scgan.load("owner/tiny").model.step == 7
    assert hub.calls[0] == (["model.json"], False)
    fetched = {file.name for file in (hub.cache / "owner--tiny").iterdir()}
    assert fetched == {"model.json", "model.safetensors", "examples.npz"}


def test_a_folder_comes_before_a_repository(hub: Hub, tiny_model: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_model, tmp_path / "owner" / "tiny")
    assert models.find_model("owner/tiny") == Path("owner/tiny")
    assert not hub.calls


def test_offline_the_cache_serves(hub: Hub, capfd: pytest.CaptureFixture[str]) -> None:
    models.find_model("owner/tiny")
    hub.trouble = ConnectionError("Name or service not known.")
    assert scgan.load("owner/tiny").model.step == 7
    assert all(local for _, local in hub.calls[2:])
    assert "does not answer (Name or service not known): owner/tiny is taken from the cache" in capfd.readouterr().err


@pytest.mark.parametrize("name", ["model.json", "model.safetensors", "examples.npz"])
def test_a_damaged_copy_in_the_cache_is_fetched_again(hub: Hub, name: str) -> None:
    damaged = models.find_model("owner/tiny") / name
    flip_byte(damaged, damaged.stat().st_size // 2)
    hub.trouble = ConnectionError()
    with pytest.raises(UserError, match=f"{name} is damaged"):
        models.find_model("owner/tiny")
    hub.trouble = None
    assert scgan.load("owner/tiny").model.step == 7
    assert damaged.read_bytes() == (hub.source / name).read_bytes()


def test_offline_without_a_copy(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.trouble = ConnectionError()
    assert main(["generate", "owner/tiny", "--out", "images"]) == 2
    assert capsys.readouterr().err == (
        "scgan generate: owner/tiny is no folder here, and the Hugging Face Hub does not answer (ConnectionError); the "
        "cache does not hold it either.\n"
    )
    assert not Path("images").exists()


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("RepositoryNotFoundError", "neither a folder here nor a repository of the Hugging Face Hub that you may read"),
        ("GatedRepoError", "neither a folder here nor a repository of the Hugging Face Hub that you may read"),
        ("RemoteEntryNotFoundError", r"on the Hugging Face Hub has no model.json: it is not a model of scgan"),
    ],
)
def test_no_such_repository(hub: Hub, kind: str, message: str) -> None:
    from huggingface_hub import errors

    hub.trouble = response(getattr(errors, kind))
    with pytest.raises(UserError, match=message):
        models.find_model("owner/tiny")
    assert not hub.calls


def test_a_repository_of_something_else(hub: Hub) -> None:
    (hub.source / "model.json").write_text('{"architectures": ["Other"]}')
    with pytest.raises(UserError, match=r"owner/tiny on the Hugging Face Hub is not a model of scgan: .*model\.json"):
        models.find_model("owner/tiny")
    assert all(patterns == ["model.json"] for patterns, _ in hub.calls)  # its weights stayed where they are


def test_a_broken_download(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*arguments: Any, **options: Any) -> str:
        raise OSError("the line is cut.\nand more")

    monkeypatch.setattr("huggingface_hub.snapshot_download", stop)
    with pytest.raises(UserError, match=r"cannot be fetched from the Hugging Face Hub \(the line is cut\)\.$"):
        models.find_model("owner/tiny")


def test_without_the_library(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"owner/tiny is no folder here; .* pip install 'scgan\[hub\]'"):
        models.find_model("owner/tiny")


def test_the_real_cache_offline(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the library itself, told that there is no network, and a cache laid out as it lays them out."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.chdir(tmp_path)
    repository = tmp_path / "hub" / "models--owner--tiny"
    (repository / "refs").mkdir(parents=True)
    commit = "0" * 40
    (repository / "refs" / "main").write_text(commit)
    shutil.copytree(tiny_model, repository / "snapshots" / commit)
    assert scgan.load("owner/tiny").model.step == 7
    with pytest.raises(UserError, match=r"owner/other is no folder here, and the Hugging Face Hub does not answer"):
        scgan.load("owner/other")
