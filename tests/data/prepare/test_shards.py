"""Shards: joined, they are the folder that one command writes, byte for byte; everything else is refused."""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from scgan.cli import main
from scgan.data.prepare.account import SourceNotes
from scgan.data.prepare.prepare import prepare
from scgan.data.prepare.shards import Shard, join_shards, prepare_shard
from scgan.data.prepare.source import Item
from scgan.data.prepared import PreparedDataset
from scgan.schema import IGNORED, Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import ItemError, UserError
from scgan.utils.locks import output_lock

TOYS = ["prepare", "toyfaces", "--count=10", "--size=32", "--processes=1", "--out=toys"]


@dataclass
class Numbers:
    """Item i is an image of the number i; every fourth cannot be used, others have remarks. ``stop_at`` interrupts."""

    max_skipped: ClassVar[float] = 0.5

    count: int = 11
    kind: str = "numbers"
    stop_at: int = -1

    schema = Schema(32, ("background", "object"), distinct_colors(2), ("odd",))
    notes = SourceNotes(assumptions=("numbers are photos",), unknown_values={"odd": 2}, rows_without_photo=("x",))

    @property
    def names(self) -> list[str]:
        return [f"n{index}" for index in range(self.count)]

    @property
    def splits(self) -> list[str]:
        return [("train", "train", "validation", "test")[index % 4] for index in range(self.count)]

    @property
    def description(self) -> dict[str, Any]:
        return {"kind": self.kind, "pair": [1, 2]}

    def read(self, index: int) -> Item:
        if index == self.stop_at:
            raise KeyboardInterrupt
        if index % 4 == 3:
            raise ItemError(f"n{index} is broken")
        mask = np.full((32, 32), IGNORED if index == 5 else index % 2, np.uint8)
        notes = (f"remark {index % 3}", "remark of all") if index > 1 else ()
        return Item(np.full((32, 32, 3), index, np.uint8), mask, np.array([index % 2], np.float32), notes=notes)


def content(folder: Path) -> dict[str, bytes]:
    """Files of a prepared folder; the memo of checked files holds times."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "checked.json"}


@pytest.mark.parametrize("of", [1, 3, 4, 13])
def test_joined_shards_are_the_folder_of_one_command(of: int, tmp_path: Path) -> None:
    """Thirteen shards of eleven items: two are empty."""
    expected = content(prepare(Numbers(), tmp_path / "one", processes=1).path)
    for number in reversed(range(1, of + 1)):
        prepare_shard(Numbers(), tmp_path / "parts", Shard(number, of), processes=1)
    joined = join_shards(tmp_path / "parts")
    assert content(joined.path) == expected
    assert (len(joined), joined.images[3, 0, 0, 0]) == (9, 4)  # item 3 is left out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "parts", "parts.shards"]


def test_every_item_is_in_one_shard() -> None:
    for total, of in ((11, 3), (2, 5), (1000, 7)):
        parts = [Shard(number, of).rows(total) for number in range(1, of + 1)]
        assert [row for part in parts for row in part] == list(range(total))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_stopped_shard_resumes_and_a_finished_one_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expected = content(prepare(Numbers(), tmp_path / "one", processes=1).path)
    prepare_shard(Numbers(), tmp_path / "parts", Shard(1, 2), processes=1)
    with pytest.raises(KeyboardInterrupt):
        prepare_shard(Numbers(stop_at=8), tmp_path / "parts", Shard(2, 2), processes=1)
    with pytest.raises(UserError, match="2-of-2 is not finished: run its command again, it resumes"):
        join_shards(tmp_path / "parts")
    folder = prepare_shard(Numbers(), tmp_path / "parts", Shard(2, 2), processes=1)
    assert "at item 3 of 6" in capsys.readouterr().err
    prepare_shard(Numbers(stop_at=6), tmp_path / "parts", Shard(2, 2), processes=1)
    assert f"{folder} is finished already." in " ".join(capsys.readouterr().err.split())
    assert content(join_shards(tmp_path / "parts").path) == expected
    with pytest.raises(UserError, match="parts exists already"):
        join_shards(tmp_path / "parts")
    assert content(join_shards(tmp_path / "parts", overwrite=True).path) == expected


def test_wrong_shards_are_refused(tmp_path: Path) -> None:
    out, top = tmp_path / "parts", tmp_path / "parts.shards"
    with pytest.raises(UserError, match=r"parts\.shards holds no shards: write them with scgan prepare"):
        join_shards(out)
    for number in (1, 4):
        prepare_shard(Numbers(), out, Shard(number, 4), processes=1)
    with pytest.raises(UserError, match=r"lacks 2 shards of 4 \(--shard 2/4, 3/4\): run them first"):
        join_shards(out)
    prepare_shard(Numbers(), out, Shard(2, 4), processes=1)
    third = prepare_shard(Numbers(kind="letters"), out, Shard(3, 4), processes=1)
    with pytest.raises(UserError, match=r"3-of-4 was made from other data or options than .*1-of-4 \(source differs\)"):
        join_shards(out)
    with pytest.raises(UserError, match="kind was letters, is now numbers"):
        prepare_shard(Numbers(), out, Shard(3, 4), processes=1)
    prepare_shard(Numbers(), out, Shard(3, 4), processes=1, overwrite=True)
    prepare_shard(Numbers(), out, Shard(5, 5), processes=1)
    with pytest.raises(UserError, match="holds shards of 4 and of 5 parts: remove those of one number"):
        join_shards(out)
    shutil.rmtree(top / "5-of-5")
    shutil.move(third, tmp_path / "kept")
    shutil.copytree(top / "2-of-4", third)
    with pytest.raises(UserError, match="3-of-4 holds shard 2/4 under another name"):
        join_shards(out)
    shutil.rmtree(third)
    shutil.move(tmp_path / "kept", third)
    with pytest.raises(UserError, match=r"2 of 11 items cannot be used.* join with a larger --max-skipped"):
        join_shards(out, max_skipped=0.1)
    assert not out.exists() and len(join_shards(out)) == 9


def test_a_shard_that_is_being_written_is_refused(tmp_path: Path) -> None:
    folder = prepare_shard(Numbers(), tmp_path / "parts", Shard(1, 1), processes=1)
    with ThreadPoolExecutor(1) as other, output_lock(folder):  # a lock does not keep its own thread out
        for command in (join_shards, lambda out: prepare_shard(Numbers(), out, Shard(1, 1), processes=1)):
            with pytest.raises(UserError, match="1-of-1 is being written by another command"):
                other.submit(command, tmp_path / "parts").result()


@pytest.mark.parametrize("name", ["images.npy", "shard.json", "journal.json"])
def test_damaged_shards_are_refused(name: str, tmp_path: Path) -> None:
    folder = prepare_shard(Numbers(), tmp_path / "parts", Shard(1, 1), processes=1)
    changed = bytearray((folder / name).read_bytes())
    changed[len(changed) // 2] ^= 4
    (folder / name).write_bytes(changed)
    with pytest.raises(UserError) as error:
        join_shards(tmp_path / "parts")
    assert str(folder) in str(error.value) and "--overwrite" in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["parts.shards"]


def test_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*TOYS[:-1], "--out=one"]) == 0
    for text in ("0/2", "3/2", "2", "a/b"):
        assert main([*TOYS, "--shard", text]) == 2
        assert f"--shard {text}: write the part and the number of parts" in capsys.readouterr().err
    assert main([*TOYS, "--shard=1/2"]) == main([*TOYS, "--shard=2/2"]) == 0
    assert "shard 2/2 is in toys.shards/2-of-2; when all are there: scgan join toys" in capsys.readouterr().out
    assert main(["join", "toys", "--max-skipped", "2"]) == 2
    assert main(["join", "toys"]) == 0
    assert "joined 10 items in toys" in capsys.readouterr().out
    assert content(Path("toys")) == content(Path("one"))
    assert PreparedDataset.open("toys").source == json.loads(Path("one/dataset.json").read_text())["source"]
