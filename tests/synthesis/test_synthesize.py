"""Generation of folders: rejected images are drawn again, interrupted runs resume."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from output_folders import content, entries_of
from scgan.data.prepared import PreparedDataset
from scgan.graders.grader import Grader
from scgan.graders.kinds import MASKS
from scgan.inference.synthesizer import Synthesizer, load
from scgan.synthesis.attributes import observed_mix
from scgan.synthesis.candidates import Candidate, Candidates
from scgan.synthesis.filter import FilterScores, ImageFilter
from scgan.synthesis.synthesize import Counts, synthesize
from scgan.utils.errors import UserError


@pytest.fixture(scope="module")
def synthesizer(tiny_model: Path) -> Synthesizer:
    return load(tiny_model)


@pytest.fixture(scope="module")
def dataset(toy_data: Path) -> PreparedDataset:
    return PreparedDataset.open(toy_data)


@pytest.fixture(scope="module")
def accept_all(dataset: PreparedDataset) -> ImageFilter:
    return ImageFilter(Grader(MASKS.build(dataset.schema).eval(), dataset.schema, "untrained"), 0.0)


def candidates_of(dataset: PreparedDataset, kind: type[Candidates] = Candidates) -> Candidates:
    return kind(dataset, observed_mix(dataset, dataset.split("train")), 1.0, 0)


def run(
    synthesizer: Synthesizer,
    candidates: Any,
    image_filter: ImageFilter,
    out: Path,
    redraws: int = 30,
    **description: Any,
) -> Counts:
    """Generate 40 images: one block of 32, and 8 more."""
    options = {"data": "toys", "split": "train", "jitter": 1, "grader": "untrained"}
    options |= {"min_mask_iou": 0, "min_attribute_accuracy": None, "seed": 0}
    return synthesize(
        synthesizer,
        candidates,
        image_filter,
        count=40,
        redraws=redraws,
        out=out,
        description=options | description,
        command="scgan synthesize",
    )


class InterruptedCandidates(Candidates):
    """Ctrl-C in the second block."""

    def draw(self, index: int, attempt: int) -> Candidate | None:
        if index >= 35:
            raise KeyboardInterrupt
        return super().draw(index, attempt)


def test_an_interrupted_run_resumes_and_gives_the_same_files(
    synthesizer: Synthesizer,
    dataset: PreparedDataset,
    accept_all: ImageFilter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(synthesizer, candidates_of(dataset), accept_all, tmp_path / "whole")
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    with pytest.raises(KeyboardInterrupt):
        run(synthesizer, candidates_of(dataset, InterruptedCandidates), accept_all, out)
    assert "the same command resumes" in " ".join(capsys.readouterr().err.split())
    # A kill in the second block cuts off a line.
    lines = (partial / "manifest.jsonl").read_text().splitlines(keepends=True)
    (partial / "manifest.jsonl").write_text("".join([*lines, *lines[1:4], lines[4][:50]]))
    with pytest.raises(UserError, match=r"was started with other options: seed 0 \(now 9\): use the same, or start"):
        run(synthesizer, candidates_of(dataset), accept_all, out, seed=9)
    run(synthesizer, candidates_of(dataset), accept_all, out)
    assert "at image 32 of 40" in " ".join(capsys.readouterr().err.split())
    assert not partial.exists()
    assert content(tmp_path / "whole") == content(out)


class RecordedCandidates(Candidates):
    """Candidates that remember what they drew, by index and attempt."""

    drawn: dict[tuple[int, int], Candidate | None]

    def draw(self, index: int, attempt: int) -> Candidate | None:
        candidate = self.drawn[index, attempt] = super().draw(index, attempt)
        return candidate


def test_rejected_images_are_drawn_again(
    synthesizer: Synthesizer, dataset: PreparedDataset, accept_all: ImageFilter, tmp_path: Path
) -> None:
    """A filter accepts half of the images: those with an even latent seed."""
    candidates = candidates_of(dataset, RecordedCandidates)
    RecordedCandidates.drawn = drawn = {}

    class EvenLatents(ImageFilter):
        judged = 0

        def passes(self, scores: FilterScores) -> NDArray[np.bool_]:
            latents = [candidate.spec.latent for candidate in drawn.values() if candidate is not None]
            first, EvenLatents.judged = EvenLatents.judged, len(latents)
            return np.array(latents[first:]) % 2 == 0

    counts = run(synthesizer, candidates, EvenLatents(*accept_all), tmp_path / "out")
    entries = entries_of(tmp_path / "out")
    assert all(entry["seed"] % 2 == 0 for entry in entries)
    assert counts.rejected == len(drawn) - 40 - counts.broken == sum(entry["rejected"] for entry in entries)
    for index, entry in enumerate(entries):
        kept = drawn[index, entry["attempt"]]
        assert kept is not None
        assert (kept.spec.latent, kept.row) == (entry["seed"], entry["source"]["row"])
        assert entry["attempt"] == 1 + entry["rejected"] + entry["broken"]


def rejected_thirds(dataset: PreparedDataset, accept_all: ImageFilter, stop_at: int) -> tuple[Candidates, ImageFilter]:
    """Candidates of one run, and a filter that passes no image whose index is a multiple of 3; Ctrl-C at an index."""
    indices: list[int] = []

    class Recorded(Candidates):
        def draw(self, index: int, attempt: int) -> Candidate | None:
            if index >= stop_at:
                raise KeyboardInterrupt
            candidate = super().draw(index, attempt)
            indices.extend([index] if candidate is not None else [])
            return candidate

    class Thirds(ImageFilter):
        def passes(self, scores: FilterScores) -> NDArray[np.bool_]:
            judged = np.array(indices) % 3 != 0
            indices.clear()
            return judged

    return candidates_of(dataset, Recorded), Thirds(*accept_all)


def test_images_that_never_pass_stay_left_out_after_an_interruption(
    synthesizer: Synthesizer,
    dataset: PreparedDataset,
    accept_all: ImageFilter,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Stopped in the second block, and killed between its failures and its images: the same files in the end."""

    def start(out: Path, stop_at: int = 40, redraws: int = 2) -> Counts:
        return run(synthesizer, *rejected_thirds(dataset, accept_all, stop_at), out, redraws=redraws)

    whole = start(tmp_path / "whole")
    assert (whole.kept, whole.failed) == (26, 14)
    failures = (tmp_path / "whole" / "failed.jsonl").read_text().splitlines(keepends=True)
    assert [json.loads(line)["index"] for line in failures] == list(range(0, 40, 3))
    out, partial = tmp_path / "out", tmp_path / "out.partial"
    with pytest.raises(KeyboardInterrupt):
        start(out, stop_at=35)
    assert (partial / "failed.jsonl").read_text() == "".join(failures[:11])  # indices 0 to 30
    (partial / "failed.jsonl").write_text("".join([*failures, failures[-1][:20]]))
    with pytest.raises(UserError, match=r"was started with other options: redraws 2 \(now 5\)"):
        start(out, redraws=5)
    capsys.readouterr()
    assert start(out) == whole
    error = " ".join(capsys.readouterr().err.split())
    assert "at image 32 of 40" in error
    assert sum(int(count) for count in re.findall(r"(\d+) of \d+ images never passed", error)) == 14
    assert content(tmp_path / "whole") == content(out)
