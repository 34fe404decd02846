"""Generation of a folder of synthetic images with masks and attributes."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scgan.inference.manifest import generate_images, manifest_entry, manifest_head
from scgan.inference.synthesizer import Synthesizer
from scgan.schema import Schema
from scgan.synthesis.candidates import Candidate, Candidates
from scgan.synthesis.card import attributes_text, card
from scgan.synthesis.filter import ImageFilter
from scgan.synthesis.folder import FAILED, Done, KeptImage, append_failed, append_images, open_folder, write_tables
from scgan.utils.batching import batches
from scgan.utils.cluster import open_workers
from scgan.utils.errors import RunError, UserError
from scgan.utils.files import PARTIAL, claimed_folder, replace_folder
from scgan.utils.interrupts import defer_interrupts
from scgan.utils.progress import progress, say
from scgan.utils.text import counted
from scgan.utils.workers import WorkerPool

BLOCK_SIZE = 32
"""Number of images that are drawn, judged and saved at once."""


class Counts(NamedTuple):
    """Outcome of all attempts.

    Attributes:
        kept: images in the folder.
        broken: attempts whose varied mask broke, so that no image was generated.
        rejected: images that did not pass the filter.
        failed: images that never passed, whatever was drawn for them; they are left out.
    """

    kept: int
    broken: int
    rejected: int
    failed: int = 0

    @property
    def pass_rate(self) -> float:
        """Share of the generated images that was kept."""
        return self.kept / max(self.kept + self.rejected, 1)


@dataclass
class _Attempts:
    """Failed attempts for one image so far."""

    index: int
    broken: int = 0
    rejected: int = 0
    best: tuple[float, float | None] = (0.0, None)  # mean IoU and attribute accuracy of the best rejected image

    @property
    def count(self) -> int:
        return self.broken + self.rejected


class _Block(NamedTuple):
    """Images of a block that are kept, and the attempts for the others."""

    images: list[KeptImage]
    failed: list[_Attempts]


@dataclass(frozen=True)
class _Process:
    """The model, the candidates and the filter."""

    synthesizer: Synthesizer
    candidates: Candidates
    image_filter: ImageFilter
    redraws: int


def synthesize(
    synthesizer: Synthesizer,
    candidates: Candidates,
    image_filter: ImageFilter,
    *,
    count: int,
    redraws: int,
    out: Path,
    description: dict[str, Any],
    command: str,
    overwrite: bool = False,
    cluster: str | None = None,
) -> Counts:
    """Write ``out``: images and masks, ``manifest.jsonl``, ``table.csv``, ``classes.json``, ``coco.json``.

    An unfinished folder is called ``out.partial``, and the same call resumes it. Each block of images is a function of
    the seed alone, so the result does not depend on interruptions.

    Args:
        synthesizer: generates the images.
        candidates: random masks, attributes and latents.
        image_filter: decides which images are kept.
        count: number of images, at least 1.
        redraws: how often a rejected image may be drawn again.
        out: the folder to create.
        description: options that decide the result, JSON values; they are stored in the manifest's head.
        command: command line, for ``dataset.md``.
        overwrite: replace ``out`` if it exists, and start from scratch if it is unfinished.
        cluster: address or file of a Dask scheduler, whose workers generate and judge instead of this process.

    Raises:
        UserError: ``out`` exists, another command writes it, an unfinished folder has other options, no image of the
            first block passes, or no scheduler answers.
        RunError: the scheduler was lost.
    """
    head = {**manifest_head(synthesizer), "synthesis": {"count": count, "redraws": redraws, **description}}
    head["model"]["weights"] = weights_digest(synthesizer)
    process = _Process(synthesizer, candidates, image_filter, redraws)
    partial = out.parent / f"{out.name}{PARTIAL}"
    with open_workers(cluster) as workers, claimed_folder(out, overwrite):
        if overwrite:
            shutil.rmtree(partial, ignore_errors=True)
        done = _open_partial(partial, head)
        if done.next_index:
            say(f"resuming {partial} at image {done.next_index} of {count}")
        try:
            _add_blocks(process, count, partial, done, workers)
            _write_descriptions(partial, done, head, command, synthesizer.schema)
        except (KeyboardInterrupt, OSError, RunError, UserError):
            if done.next_index:
                say(f"finished images are kept in {partial}: the same command resumes.")
            else:
                shutil.rmtree(partial)
            raise
        replace_folder(partial, out)
    for line in describe_failed(done, process.image_filter):
        say(line)
    return _count(done)


def _open_partial(partial: Path, head: dict[str, Any]) -> Done:
    """Open or create the unfinished folder; a disk that is full from the start leaves none."""
    new = not partial.exists()
    try:
        return open_folder(partial, head, BLOCK_SIZE)
    except OSError:
        if new:
            shutil.rmtree(partial, ignore_errors=True)
        raise


def _add_blocks(process: _Process, count: int, folder: Path, done: Done, workers: WorkerPool) -> None:
    """Add the missing images. A signal stops it after a block."""
    blocks = [
        range(done.next_index + part.start, done.next_index + part.stop)
        for part in batches(count - done.next_index, BLOCK_SIZE)
    ]
    with (
        defer_interrupts() as interrupted,
        progress("synthesize", count, done.next_index) as advance,
        closing(workers.map(_make_block, process, blocks, interrupted)) as made,
    ):
        for block in made:
            _add_block(process, block, folder, done)
            advance(len(block.images) + len(block.failed), f"{_count(done).pass_rate:.0%} pass")
            if interrupted():
                raise KeyboardInterrupt


def _write_descriptions(folder: Path, done: Done, head: dict[str, Any], command: str, schema: Schema) -> None:
    """Write the tables and ``dataset.md``; remove an empty ``failed.jsonl``."""
    write_tables(folder, done.entries, schema)
    (folder / "dataset.md").write_text(card(command, head, done, schema), encoding="utf-8", errors="backslashreplace")
    if not done.failed:
        (folder / FAILED).unlink()


def weights_digest(synthesizer: Synthesizer) -> str:
    """Hash the model's weights: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, weights in sorted(synthesizer.model.networks.generator_weights().items()):
        digest.update(name.encode())
        digest.update(weights.tobytes())
    return digest.hexdigest()[:16]


def _make_block(process: _Process, indices: range) -> _Block:
    """Draw the images of these indices until each is kept or its redraws are used up."""
    kept: dict[int, KeptImage] = {}
    waiting = [_Attempts(index) for index in indices]
    for attempt in range(1, process.redraws + 2):
        drawn = [(attempts, process.candidates.draw(attempts.index, attempt)) for attempts in waiting]
        for attempts, candidate in drawn:
            attempts.broken += candidate is None
        unbroken = [(attempts, candidate) for attempts, candidate in drawn if candidate is not None]
        for attempts, image in _generate(process, unbroken):
            kept[attempts.index] = image
        waiting = [attempts for attempts in waiting if attempts.index not in kept]
        if not waiting:
            break
    return _Block([kept[index] for index in indices if index in kept], waiting)


def _add_block(process: _Process, block: _Block, folder: Path, done: Done) -> None:
    """Add the images of a block to folder and ``done``.

    Raises:
        UserError: no image has passed yet.
    """
    if not block.images and not done.entries:
        raise UserError(_never_passed(block.failed[0], process.image_filter))
    failed = [_failure(process, attempts) for attempts in block.failed]
    append_failed(folder, failed)
    done.entries.extend(append_images(folder, block.images, process.synthesizer.schema))
    done.failed.extend(failed)


def _failure(process: _Process, attempts: _Attempts) -> dict[str, Any]:
    """Describe an image that never passed: JSON values."""
    vector = process.candidates.attributes(attempts.index)
    mask_iou, accuracy = attempts.best
    return {
        "index": attempts.index,
        "attributes": dict(zip(process.synthesizer.schema.attribute_names, map(float, vector), strict=True)),
        "rejected": attempts.rejected,
        "broken": attempts.broken,
        "best": {"mean_iou": mask_iou} | ({} if accuracy is None else {"attribute_accuracy": accuracy}),
    }


def describe_failed(done: Done, image_filter: ImageFilter) -> list[str]:
    """Say for each set of attributes how many of its images never passed, the most first, and their best score."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for failure in done.failed:
        groups.setdefault(attributes_text(failure["attributes"]), []).append(failure)
    kept = Counter(attributes_text(entry["attributes"]) for entry in done.entries)
    lines = []
    for text, failures in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        best = max(failure["best"]["mean_iou"] for failure in failures)
        accuracies = [failure["best"].get("attribute_accuracy") for failure in failures]
        judged = [value for value in accuracies if value is not None]
        also = f", best attribute accuracy {max(judged, default=0):g} (minimum {image_filter.min_attribute_accuracy:g})"
        broken = sum(failure["broken"] for failure in failures)
        masks = f"; {counted(broken, 'varied mask')} broke" if broken else ""
        lines.append(
            f"attributes {text}: {len(failures)} of {len(failures) + kept[text]} images never passed; best mean IoU "
            f"{best:g} (minimum {image_filter.min_mask_iou:g}){also if judged else ''}{masks}."
        )
    return lines


def _generate(
    process: _Process, candidates: Sequence[tuple[_Attempts, Candidate]]
) -> list[tuple[_Attempts, KeptImage]]:
    """Generate images and return those that pass; the attempts of the others count one more rejection."""
    if not candidates:
        return []
    specs = [candidate.spec for _, candidate in candidates]
    images = generate_images(process.synthesizer, specs)
    masks = np.stack([spec.segmentation for spec in specs])
    scores = process.image_filter.score(images, masks, np.stack([spec.attributes for spec in specs]))
    passed = process.image_filter.passes(scores)
    kept = []
    for number, (attempts, candidate) in enumerate(candidates):
        mask_iou = round(float(scores.mask_iou[number]), 4)
        accuracy = None if scores.attribute_accuracy is None else round(float(scores.attribute_accuracy[number]), 4)
        if not passed[number]:
            attempts.rejected += 1
            attempts.best = max(attempts.best, (mask_iou, accuracy), key=lambda pair: (pair[0], pair[1] or 0.0))
            continue
        spec = candidate.spec
        entry = {
            **manifest_entry(process.synthesizer.schema, spec, f"masks/{spec.mask_name}.png"),
            "source": {"row": candidate.row, "name": process.candidates.dataset.names[candidate.row]},
            "changes": candidate.changes,
            "scores": {"mean_iou": mask_iou} | ({} if accuracy is None else {"attribute_accuracy": accuracy}),
            "attempt": attempts.count + 1,
            "broken": attempts.broken,
            "rejected": attempts.rejected,
        }
        kept.append((attempts, KeptImage(spec, images[number], entry)))
    return kept


def _count(done: Done) -> Counts:
    attempts = [*done.entries, *done.failed]
    broken, rejected = (sum(entry[name] for entry in attempts) for name in ("broken", "rejected"))
    return Counts(len(done.entries), broken, rejected, len(done.failed))


def _never_passed(attempts: _Attempts, image_filter: ImageFilter) -> str:
    mask_iou, accuracy = attempts.best
    scores = f"its best mean IoU is {mask_iou:g}, the minimum is {image_filter.min_mask_iou:g}"
    if image_filter.attribute_grader is not None:
        scores += f"; attribute accuracy {accuracy or 0:g}, minimum {image_filter.min_attribute_accuracy:g}"
    if attempts.broken:
        scores += f"; {attempts.broken} of its varied masks broke"
    return (
        f"no image passed the filter: image {attempts.index} was drawn {counted(attempts.count, 'time')}, {scores}. "
        "Lower --min-mask-iou, use a smaller --jitter or other attributes, or raise --redraws."
    )
