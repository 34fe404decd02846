"""Short versions of the measuring scripts: commands that are killed, stopped, and run twice."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="the scripts read /proc")


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a workshop without inputs, which the commands under trial do not need."""
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    for folder in ("inputs", "references"):
        (tmp_path / folder).mkdir()
    (tmp_path / "inputs" / "done").touch()
    return tmp_path


def test_trials_of_prepare(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from kill_commands import kill
    from pair_commands import pair
    from signal_commands import stop
    from trials import Case, Workshop, run_trials

    words = ("prepare", "toyfaces", "--count=24", "--size=32", "--processes=1", "--out=out")
    cases, workshop = [Case("prepare", words)], Workshop(work, 0)
    for kind, trial in (("kill", kill), ("signal", stop), ("pair", pair)):
        assert run_trials(kind, trial, cases, workshop, 1) == {"prepare": [1, 0]}
        assert f"| {kind} | trials | with faults |" in capsys.readouterr().out
        run_trials(kind, trial, cases, workshop, 1)  # its line is in the journal: nothing is repeated
    assert len((work / "kill-0.jsonl").read_text().splitlines()) == 1


def test_trials_are_shared(work: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from trials import LATE, Case, Workshop, run_trials

    cases, workshop, numbers = [Case("first", ()), Case("second", ())], Workshop(work, 0), []

    def trial(workshop: Workshop, case: Case, rng: object, folder: Path) -> tuple[str, list[str]]:
        numbers.append(int(folder.name.rpartition("-")[2]))
        return f"now {LATE}" if case.name == "first" else "now", ["a fault"] if numbers[-1] == 3 else []

    assert run_trials("kill", trial, cases, workshop, 5, share=(2, 2)) == {"first": [0, 0], "second": [2, 1]}
    run_trials("kill", trial, cases, workshop, 3, names=["first"])
    assert run_trials("kill", trial, cases, workshop, 5) == {"first": [3, 0], "second": [2, 1]}
    assert numbers == [1, 3, 0, 2, 4]
    assert "| all | 5 | 1 | 3 |" in capsys.readouterr().out


def test_trials_notice_faults(work: Path) -> None:
    from disturbed_process import Ended
    from signal_commands import check_words
    from trials import Case, digests, leftovers

    assert not check_words(Ended(130, "scgan grid: stopped."), signal.SIGINT)
    for ended in (Ended(-2, ""), Ended(130, ""), Ended(130, "Traceback\nscgan grid: stopped."), Ended(1, "stopped")):
        assert check_words(ended, signal.SIGINT), ended
    for name in ("out.partial", ".out.lock", "kept"):
        (work / "trial").mkdir(exist_ok=True)
        (work / "trial" / name).touch()
    assert leftovers(work / "trial") == [".out.lock", "out.partial"]
    case, hashes = Case("models", (), output="out"), []
    for seconds, loss in ((1, 0.5), (2, 0.5), (2, 0.25)):
        (work / "out").mkdir(exist_ok=True)
        (work / "out" / "log.jsonl").write_text(f'{{"seconds": {seconds}, "loss": {loss}}}')
        hashes.append(digests(work, case))
    assert hashes[0] == hashes[1] != hashes[2]
