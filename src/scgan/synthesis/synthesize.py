"""From a model and the masks of a data set to a folder of labelled pictures."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from scgan.inference.latents import latent_vector
from scgan.inference.manifest import manifest_entry, manifest_head
from scgan.inference.synthesizer import Synthesizer
from scgan.synthesis.candidates import Candidate, Candidates
from scgan.synthesis.card import card
from scgan.synthesis.filter import Filter
from scgan.synthesis.folder import Made, append, begin, finish
from scgan.utils.errors import UserError
from scgan.utils.files import refuse_existing_folder, replace_folder
from scgan.utils.progress import progress, say

BLOCK = 32
"""Pictures drawn, judged and saved at once."""


class Counts(NamedTuple):
    """What became of the draws.

    Attributes:
        kept: pictures in the folder.
        broken: draws whose varied mask broke, so that no picture was made.
        rejected: pictures in which the graders did not see what was asked for.
    """

    kept: int
    broken: int
    rejected: int

    @property
    def pass_rate(self) -> float:
        """Of the pictures made, the share that was kept."""
        return self.kept / max(self.kept + self.rejected, 1)


@dataclass
class _Draws:
    """The draws of one picture so far."""

    picture: int
    broken: int = 0
    rejected: int = 0
    best: tuple[float, float | None] = (0.0, None)

    @property
    def count(self) -> int:
        return self.broken + self.rejected


def synthesize(
    synthesizer: Synthesizer,
    candidates: Candidates,
    judge: Filter,
    count: int,
    redraws: int,
    out: Path,
    description: dict[str, Any],
    command: str,
    overwrite: bool = False,
) -> Counts:
    """Write ``out``: pictures and masks, ``manifest.jsonl``, ``table.csv``, ``classes.json``, ``coco.json``.

    While it is being made the folder is called ``out.partial``; the same call goes on where it stopped. Every block of
    pictures is a function of the seed alone, so the result does not depend on how often it was stopped.

    Args:
        synthesizer: makes the pictures.
        candidates: what may be made.
        judge: decides what is kept.
        count: how many pictures are wanted, at least 1.
        redraws: how often a picture may be drawn again.
        out: the folder to make.
        description: options that decide the result, JSON values; they go into the manifest's head.
        command: what a person gave, for ``dataset.md``.
        overwrite: replace ``out`` if it exists, and start anew if it is unfinished.

    Returns:
        How many pictures were kept and rejected.

    Raises:
        UserError: ``out`` exists, an unfinished one was begun with other options, or a picture never passes.
    """
    refuse_existing_folder(out, overwrite)
    partial = out.with_name(f"{out.name}.partial")
    if overwrite:
        shutil.rmtree(partial, ignore_errors=True)
    head = {**manifest_head(synthesizer), "synthesis": {"count": count, **description}}
    head["model"]["weights"] = weights_digest(synthesizer)
    entries = begin(partial, head, BLOCK)
    if entries:
        say(f"going on with {partial} at picture {len(entries)} of {count}")
    try:
        with progress("synthesize", count, len(entries)) as advance:
            while len(entries) < count:
                pictures = range(len(entries), min(len(entries) + BLOCK, count))
                block = _make_block(synthesizer, candidates, judge, pictures, redraws, entries)
                entries += append(partial, block, synthesizer.schema)
                advance(len(block), f"{_count(entries).pass_rate:.0%} pass")
        finish(partial, entries, synthesizer.schema)
        text = card(command, head, entries, synthesizer.schema)
        (partial / "dataset.md").write_text(text, encoding="utf-8")
    except (KeyboardInterrupt, UserError):
        if entries:
            say(f"what is done stands in {partial}: the same command goes on from there.")
        else:
            shutil.rmtree(partial)
        raise
    replace_folder(partial, out)
    return _count(entries)


def weights_digest(synthesizer: Synthesizer) -> str:
    """What tells one model's weights from another's: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for name, weights in sorted(synthesizer.model.generator.state_dict().items()):
        digest.update(name.encode())
        digest.update(weights.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:16]


def _make_block(
    synthesizer: Synthesizer,
    candidates: Candidates,
    judge: Filter,
    pictures: Sequence[int],
    redraws: int,
    entries: Sequence[dict[str, Any]],
) -> list[Made]:
    """Draw these pictures until each of them is kept."""
    kept: dict[int, Made] = {}
    waiting = [_Draws(picture) for picture in pictures]
    for draw in range(1, redraws + 2):
        drawn = [(draws, candidates.draw(draws.picture, draw)) for draws in waiting]
        sound = [(draws, candidate) for draws, candidate in drawn if candidate is not None]
        for draws, candidate in drawn:
            draws.broken += candidate is None
        for draws, made in _make(synthesizer, candidates, judge, sound):
            kept[draws.picture] = made
        waiting = [draws for draws in waiting if draws.picture not in kept]
        if not waiting:
            return [kept[picture] for picture in pictures]
    raise UserError(_hopeless(waiting[0], judge, [*entries, *(made.entry for made in kept.values())]))


def _make(
    synthesizer: Synthesizer, candidates: Candidates, judge: Filter, sound: Sequence[tuple[_Draws, Candidate]]
) -> list[tuple[_Draws, Made]]:
    """Make pictures and keep those that pass; the draws of the others count one more."""
    if not sound:
        return []
    image_specs = [candidate.recipe for _, candidate in sound]
    masks = np.stack([recipe.segmentation for recipe in image_specs])
    labels = np.stack([recipe.attributes for recipe in image_specs])
    latents = np.stack([latent_vector(synthesizer, recipe.latent) for recipe in image_specs])
    images = synthesizer.generate(masks, labels, latents)
    found = judge.judge(images, masks, labels)
    passed = judge.passes(found)
    kept = []
    for place, (draws, candidate) in enumerate(sound):
        in_mask = round(float(found.masks[place]), 4)
        in_label = None if found.labels is None else round(float(found.labels[place]), 4)
        if not passed[place]:
            draws.rejected += 1
            draws.best = max(draws.best, (in_mask, in_label), key=lambda pair: (pair[0], pair[1] or 0.0))
            continue
        entry = {
            **manifest_entry(synthesizer.schema, candidate.recipe, f"masks/{candidate.recipe.mask_name}.png"),
            "source": {"row": candidate.row, "name": candidates.dataset.names[candidate.row]},
            "changes": candidate.changes,
            "scores": {"mean_iou": in_mask} | ({} if in_label is None else {"labels": in_label}),
            "draw": draws.count + 1,
            "broken": draws.broken,
            "rejected": draws.rejected,
        }
        kept.append((draws, Made(candidate.recipe, images[place], entry)))
    return kept


def _count(entries: Sequence[dict[str, Any]]) -> Counts:
    return Counts(len(entries), sum(entry["broken"] for entry in entries), sum(entry["rejected"] for entry in entries))


def _hopeless(draws: _Draws, judge: Filter, entries: Sequence[dict[str, Any]]) -> str:
    asked = f"masks are asked to agree to {judge.min_agreement:g} (mean IoU), its best draw to {draws.best[0]:g}"
    if judge.attribute_grader is not None:
        asked += f", and labels to {judge.min_label_agreement:g}, there {draws.best[1] or 0:g}"
    if draws.broken:
        asked += f"; {draws.broken} of its varied masks broke"
    passed = _count(entries)
    return (
        f"picture {draws.picture} was drawn {draws.count} times and never passed: {asked}; of the other pictures "
        f"{passed.kept} of {passed.kept + passed.rejected} passed: lower --min-agreement, use a smaller --jitter or "
        "other labels, or raise --redraws."
    )
