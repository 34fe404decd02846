"""Generation of a folder of synthetic images with masks and attributes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scgan.inference.manifest import generate_images, manifest_entry, manifest_head
from scgan.inference.synthesizer import Synthesizer
from scgan.synthesis.candidates import Candidate, Candidates
from scgan.synthesis.card import card
from scgan.synthesis.filter import ImageFilter
from scgan.synthesis.folder import KeptImage, append_images, open_folder, write_tables
from scgan.utils.errors import UserError
from scgan.utils.files import refuse_existing_folder, replace_folder
from scgan.utils.progress import progress, say
from scgan.utils.text import counted

BLOCK_SIZE = 32
"""Number of images that are drawn, judged and saved at once."""


class Counts(NamedTuple):
    """Outcome of all attempts.

    Attributes:
        kept: images in the folder.
        broken: attempts whose varied mask broke, so that no image was generated.
        rejected: images that did not pass the filter.
    """

    kept: int
    broken: int
    rejected: int

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

    Raises:
        UserError: ``out`` exists, an unfinished folder has other options, or an image never passes.
    """
    refuse_existing_folder(out, overwrite)
    partial = out.with_name(f"{out.name}.partial")
    if overwrite:
        shutil.rmtree(partial, ignore_errors=True)
    head = {**manifest_head(synthesizer), "synthesis": {"count": count, **description}}
    head["model"]["weights"] = weights_digest(synthesizer)
    entries = open_folder(partial, head, BLOCK_SIZE)
    if entries:
        say(f"resuming {partial} at image {len(entries)} of {count}")
    process = _Process(synthesizer, candidates, image_filter, redraws)
    try:
        with progress("synthesize", count, len(entries)) as advance:
            while len(entries) < count:
                indices = range(len(entries), min(len(entries) + BLOCK_SIZE, count))
                block = _make_block(process, indices, entries)
                entries += append_images(partial, block, synthesizer.schema)
                advance(len(block), f"{_count(entries).pass_rate:.0%} pass")
        write_tables(partial, entries, synthesizer.schema)
        text = card(command, head, entries, synthesizer.schema)
        (partial / "dataset.md").write_text(text, encoding="utf-8")
    except (KeyboardInterrupt, UserError):
        if entries:
            say(f"finished images are kept in {partial}: the same command resumes.")
        else:
            shutil.rmtree(partial)
        raise
    replace_folder(partial, out)
    return _count(entries)


def weights_digest(synthesizer: Synthesizer) -> str:
    """Hash the model's weights: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, weights in sorted(synthesizer.model.generator.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _make_block(process: _Process, indices: Sequence[int], entries: Sequence[dict[str, Any]]) -> list[KeptImage]:
    """Draw the images of these indices until each of them is kept."""
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
            return [kept[index] for index in indices]
    raise UserError(
        _never_passed(waiting[0], process.image_filter, [*entries, *(image.entry for image in kept.values())])
    )


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


def _count(entries: Sequence[dict[str, Any]]) -> Counts:
    return Counts(len(entries), sum(entry["broken"] for entry in entries), sum(entry["rejected"] for entry in entries))


def _never_passed(attempts: _Attempts, image_filter: ImageFilter, entries: Sequence[dict[str, Any]]) -> str:
    mask_iou, accuracy = attempts.best
    scores = f"its best mean IoU is {mask_iou:g}, the minimum is {image_filter.min_mask_iou:g}"
    if image_filter.attribute_grader is not None:
        scores += f"; attribute accuracy {accuracy or 0:g}, minimum {image_filter.min_attribute_accuracy:g}"
    if attempts.broken:
        scores += f"; {attempts.broken} of its varied masks broke"
    counts = _count(entries)
    return (
        f"image {attempts.index} was drawn {counted(attempts.count, 'time')} and never passed: {scores}. Of the other "
        f"images {counts.kept} of {counts.kept + counts.rejected} passed. Lower --min-mask-iou, use a smaller --jitter "
        "or other attributes, or raise --redraws."
    )
