"""Preparing: the result is the same after any interruption and with any number of processes."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from patience import MAX_SECONDS
from scgan.data.prepare.account import Reason, SourceNotes
from scgan.data.prepare.prepare import prepare
from scgan.data.prepare.source import Item
from scgan.data.prepared import PreparedDataset
from scgan.schema import IGNORED, Schema
from scgan.utils.colors import distinct_colors
from scgan.utils.errors import ItemError, RunError, UserError


@dataclass(frozen=True)
class Numbers:
    """Item i is an image of the number i; every seventh cannot be used. Item ``fails_at`` raises ``error``."""

    max_skipped: ClassVar[float] = 0.01

    count: int
    unusable: int = 7
    seconds: float = 0
    kind: str = "numbers"
    fails_at: int = -1
    error: BaseException | None = None

    @property
    def schema(self) -> Schema:
        return Schema(32, ("background", "object"), distinct_colors(2), ("odd",))

    @property
    def names(self) -> list[str]:
        return [f"n{index}" for index in range(self.count)]

    @property
    def splits(self) -> list[str]:
        return [("train", "train", "validation", "test")[index % 4] for index in range(self.count)]

    @property
    def description(self) -> dict[str, Any]:
        return {"kind": self.kind}

    @property
    def notes(self) -> SourceNotes:
        return SourceNotes(assumptions=("numbers are photos",))

    def read(self, index: int) -> Item:
        time.sleep(self.seconds)
        if index == self.fails_at and self.error:
            raise self.error
        if index % self.unusable == self.unusable - 1:
            raise ItemError(f"{index} is unlucky")
        image = np.full((32, 32, 3), index % 256, np.uint8)
        mask = image[..., 0] % 2
        if index == 5:
            mask[1] = IGNORED
        notes = ("half of it is noise",) if index % 2 else ()
        return Item(image, mask, np.array([index % 2], np.float32), notes=notes)


def contents(folder: Path) -> dict[str, bytes]:
    """Files by name, without the memo of their inodes."""
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir()) if file.name != "checked.json"}


def test_rows_stand_in_the_order_of_the_source(tmp_path: Path) -> None:
    dataset = prepare(Numbers(20), tmp_path / "out", processes=1, max_skipped=0.2)
    kept = [index for index in range(20) if index % 7 != 6]
    assert tuple(dataset.names) == tuple(f"n{index}" for index in kept)
    np.testing.assert_array_equal(dataset.images[:, 5, 6, 1], kept)
    np.testing.assert_array_equal(dataset.segmentations[:, 0, 0], np.array(kept) % 2)
    np.testing.assert_array_equal(dataset.attributes[:, 0], np.array(kept) % 2)
    assert [dataset.splits[row] for row in (0, 2, 3, 6)] == ["train", "validation", "test", "test"]  # n0 n2 n3 n7
    assert (tmp_path / "out" / "skipped.csv").read_text().splitlines() == [
        "name,reason",
        "n6,6 is unlucky",
        "n13,13 is unlucky",
    ]
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == [
        "attributes.npy",
        "checked.json",
        "checksums.bin",
        "dataset.json",
        "images.npy",
        "name_ends.npy",
        "names.npy",
        "segmentations.npy",
        "skipped.csv",
        "split_rows.npy",
    ]
    assert not (tmp_path / "out.partial").exists()


def test_the_number_of_processes_does_not_matter(tmp_path: Path) -> None:
    one = prepare(Numbers(60), tmp_path / "one", processes=1, max_skipped=0.2)
    three = prepare(Numbers(60), tmp_path / "three", processes=3, max_skipped=0.2)
    assert one.fingerprint == three.fingerprint
    assert contents(one.path) == contents(three.path)


def test_a_killed_run_resumes_to_the_same_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = Numbers(120, seconds=0.02)
    out, journal = tmp_path / "out", tmp_path / "out.partial" / "journal.json"
    program = (
        "import sys; from pathlib import Path; from scgan.data.prepare.prepare import prepare; import test_prepare\n"
        "source = test_prepare.Numbers(120, seconds=0.02)\n"
        "prepare(source, Path(sys.argv[1]), processes=2, max_skipped=0.2, save_every=8)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    running = subprocess.Popen([sys.executable, "-c", program, str(out)], env=environment, stderr=subprocess.DEVNULL)
    wait_until(lambda: journal.exists() and json.loads(journal.read_text())["done"] >= 24)
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    workers = [int(number) for number in children.read_text().split()] if children.exists() else []
    running.kill()
    running.wait()
    done = json.loads(journal.read_text())["done"]
    assert 24 <= done < 120
    with pytest.raises(UserError, match="not finished"):
        PreparedDataset.open(out)
    wait_until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))

    resumed = prepare(source, out, processes=1, max_skipped=0.2)
    assert f"resuming {tmp_path / 'out.partial'} at item {done} of 120" in capsys.readouterr().err
    whole = prepare(Numbers(120), tmp_path / "whole", processes=1, max_skipped=0.2)
    assert contents(resumed.path) == contents(whole.path)


def wait_until(condition: Any, seconds: float = MAX_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_ctrl_c_saves_what_is_done(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        prepare(Numbers(30, fails_at=10, error=KeyboardInterrupt()), tmp_path / "out", processes=1)
    assert json.loads((tmp_path / "out.partial" / "journal.json").read_text())["done"] == 10
    resumed = prepare(Numbers(30), tmp_path / "out", processes=1, max_skipped=0.2)
    assert resumed.fingerprint == prepare(Numbers(30), tmp_path / "whole", 1, max_skipped=0.2).fingerprint


def test_a_full_disk_is_reported_and_can_be_fixed(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(RunError, match=r"out\.partial cannot be written \(.*\): make room"):
        prepare(Numbers(30, fails_at=10, error=full), tmp_path / "out", processes=1)
    assert not (tmp_path / "out").exists()
    assert len(prepare(Numbers(30), tmp_path / "out", processes=1, max_skipped=0.2)) == 26


def test_a_folder_begun_with_other_options_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        prepare(Numbers(30, fails_at=10, error=KeyboardInterrupt()), out, processes=1)
    with pytest.raises(UserError, match="kind was numbers, is now letters"):
        prepare(Numbers(30, kind="letters"), out, processes=1)
    with pytest.raises(UserError, match="their names changed"):
        prepare(Numbers(31), out, processes=1)
    assert len(prepare(Numbers(30, kind="letters"), out, 1, max_skipped=0.2, overwrite=True)) == 26


def test_a_damaged_unfinished_folder_is_refused(tmp_path: Path) -> None:
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    with pytest.raises(KeyboardInterrupt):
        prepare(Numbers(30, fails_at=10, error=KeyboardInterrupt()), out, processes=1)
    os.truncate(partial / "images.npy", 5000)
    with pytest.raises(UserError, match=r"images\.npy is shorter than its journal says"):
        prepare(Numbers(30), out, processes=1)
    (partial / "journal.json").write_text("{")
    with pytest.raises(UserError, match=r"journal\.json is damaged"):
        prepare(Numbers(30), out, processes=1)


def test_too_many_unusable_items_are_refused_and_then_allowed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(
        UserError, match=r"4 of 30 items cannot be used, more than --max-skipped 0.1 .* n6: 6 is unlucky"
    ):
        prepare(Numbers(30), out, processes=1, max_skipped=0.1)
    assert not out.exists()
    assert len((tmp_path / "out.partial" / "skipped.csv").read_text().splitlines()) == 5
    assert len(prepare(Numbers(30), out, processes=1, max_skipped=4 / 30)) == 26


def test_no_usable_item_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="9 of 9 items cannot be used"):
        prepare(Numbers(9, unusable=1), tmp_path / "out", processes=1, max_skipped=1)
    with pytest.raises(UserError, match="nothing to prepare"):
        prepare(Numbers(0), tmp_path / "out", processes=1)


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_of_the_whole_source_stops_preparing(tmp_path: Path, processes: int) -> None:
    source = Numbers(40, fails_at=3, error=UserError("all of this is wrong."))
    with pytest.raises(UserError, match="all of this is wrong"):
        prepare(source, tmp_path / "out", processes=processes)
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_replaced_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "out"
    prepare(Numbers(6), out, processes=1)
    with pytest.raises(UserError, match="exists already"):
        prepare(Numbers(5), out, processes=1)
    assert len(PreparedDataset.open(out)) == 6
    assert len(prepare(Numbers(5), out, processes=1, overwrite=True)) == 5
    assert [file.name for file in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"out cannot be created, .*file is a file"):
        prepare(Numbers(6), tmp_path / "file" / "out", processes=1)


def test_a_killed_worker_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a reading process was killed"):
        prepare(KilledWhileReading(40), tmp_path / "out", processes=2)


class KilledWhileReading(Numbers):
    def read(self, index: int) -> Item:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


def test_the_account_is_kept(tmp_path: Path) -> None:
    dataset = prepare(Numbers(20), tmp_path / "out", processes=2, max_skipped=0.2)
    account = dataset.account
    assert account.source.assumptions == ("numbers are photos",)
    assert account.kept == 18 and account.skipped == (Reason("6 is unlucky", 2, "n6"),)
    assert account.item_notes == (Reason("half of it is noise", 9, "n1"),)
    assert account.ignored_items == 1 and account.ignored_pixels == pytest.approx(1 / 18 / 32)
    assert json.loads((tmp_path / "out" / "dataset.json").read_text())["account"]["kept"] == 18


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """Names of files from other systems may have bytes that are no text."""

    class Foreign(Numbers):
        @property
        def names(self) -> list[str]:
            return [f"caf\udce9 {index}" for index in range(self.count)]

    dataset = prepare(Foreign(14), tmp_path / "out", processes=1, max_skipped=0.2)
    assert dataset.names[0] == "caf\udce9 0"
    lines = (tmp_path / "out" / "skipped.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == r"caf\udce9 6,6 is unlucky"
