"""Number of threads and processes: quotas of containers and busy machines."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.utils.devices import THREADS, busy_note, cpu_quota, limit_threads, usable_processors, within_quota


@pytest.mark.parametrize(
    ("processors", "quota", "usable"), [(8, None, 8), (8, 2.0, 2), (8, 2.9, 2), (8, 0.5, 1), (2, 16.0, 2)]
)
def test_processors_within_a_quota(processors: int, quota: float | None, usable: int) -> None:
    assert within_quota(processors, quota) == usable


@pytest.mark.parametrize(
    ("text", "quota"), [("200000 100000", 2.0), ("50000 100000", 0.5), ("max 100000", None), ("0 0", None), ("", None)]
)
def test_quota_of_control_groups(tmp_path: Path, text: str, quota: float | None) -> None:
    assert cpu_quota(tmp_path) is None
    (tmp_path / "cpu.max").write_text(f"{text}\n")
    assert cpu_quota(tmp_path) == quota


@pytest.mark.parametrize(("text", "quota"), [("150000", 1.5), ("-1", None)])
def test_quota_of_control_groups_of_version_1(tmp_path: Path, text: str, quota: float | None) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{text}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cpu_quota(tmp_path) == quota


def test_a_chosen_number_of_threads_stays() -> None:
    environment = {THREADS: "7"}
    limit_threads(environment)
    assert environment == {THREADS: "7"}
    assert usable_processors() >= 1


@pytest.mark.parametrize(
    ("load", "processors", "threads", "busy"),
    [
        (0.0, 2, 2, False),
        (0.9, 2, 2, False),
        (1.0, 2, 2, True),
        (3.0, 2, 1, False),
        (3.0, 8, 4, False),
        (5.0, 8, 4, True),
    ],
)
def test_a_busy_machine_is_named(load: float, processors: int, threads: int, busy: bool) -> None:
    note = busy_note(load, processors, threads)
    assert (note is not None) == busy
    if note:
        assert f"load {load} on {processors} processors" in note and f"{THREADS}=1" in note
