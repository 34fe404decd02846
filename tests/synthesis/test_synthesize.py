"""Generation of folders: rejected images are drawn again, interrupted runs resume."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

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


def run(synthesizer: Synthesizer, candidates: Any, image_filter: ImageFilter, out: Path, **description: Any) -> Counts:
    """Generate 40 images: one block of 32, and 8 more."""
    options = {"data": "toys", "split": "train", "jitter": 1, "grader": "untrained"}
    options |= {"min_mask_iou": 0, "min_attribute_accuracy": None, "seed": 0}
    return synthesize(
        synthesizer,
        candidates,
        image_filter,
        count=40,
        redraws=30,
        out=out,
        description=options | description,
        command="scgan synthesize",
    )


def entries_of(out: Path) -> list[dict[str, Any]]:
    import json

    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()[1:]]


def content(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


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
