"""The Hub's own tools and scgan, round trip over HTTP with a server on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hub_server import hub_server
from output_folders import content
from scgan.cli import main

pytest.importorskip("huggingface_hub", reason="the extra hub is not installed")


def test_an_exported_model_goes_to_the_hub_and_comes_back(tiny_model: Path, tmp_path: Path) -> None:
    """Once online, once from the cache; a model that is replaced there is fetched again."""
    assert main(["export", str(tiny_model), "--out", str(tmp_path / "exported")]) == 0
    with hub_server() as (endpoint, repositories):
        environment = {
            **os.environ,
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(tmp_path / "hub"),
            "HF_TOKEN": "hf_test",
            "HF_HUB_DISABLE_XET": "1",
        }

        def scgan(*arguments: str) -> tuple[int, str, str]:
            done = subprocess.run(
                [sys.executable, "-m", "scgan", *arguments], env=environment, capture_output=True, text=True
            )
            return done.returncode, done.stdout, done.stderr

        def generate(model: str, out: str) -> str:
            options = ["--engine", "torch", "--seed", "3", "--out", str(tmp_path / out)]
            code, _, message = scgan("generate", model, *options)
            assert code == 0, message
            return message

        hf = Path(sys.executable).with_name("hf")
        subprocess.run([hf, "upload", "owner/tiny", tmp_path / "exported"], env=environment, check=True)
        uploaded = {path: file for path, file in repositories["owner/tiny"].items() if not path.startswith(".git")}
        assert uploaded == content(tmp_path / "exported")
        generate(str(tmp_path / "exported"), "local")
        assert "taken from the cache" not in generate("owner/tiny", "fetched")
        assert content(tmp_path / "fetched") == content(tmp_path / "local")
        repositories["owner/tiny"]["README.md"] = b"# A new card"
        assert scgan("models", "owner/tiny")[:2] == (0, "# A new card")
        code, _, message = scgan("models", "owner/none")
        assert code == 2 and "owner/none is neither a folder here nor a repository" in message
    code, card, message = scgan("models", "owner/tiny")
    assert (code, card) == (0, "# A new card") and "owner/tiny is taken from the cache" in message
