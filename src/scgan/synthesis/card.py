"""``dataset.md``: description of a folder of synthetic images."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from scgan.schema import Schema
from scgan.synthesis.folder import Done
from scgan.utils.tables import Table
from scgan.utils.templates import render

_MAX_ATTRIBUTE_ROWS = 40


def card(command: str, head: dict[str, Any], done: Done, schema: Schema) -> str:
    """Write the description, Markdown.

    Args:
        command: that generated the folder.
        head: first line of the manifest.
        done: images, at least one, and failures.
        schema: of the model.
    """
    options = head["synthesis"]
    entries = done.entries
    rejected, broken = (sum(entry[name] for entry in [*entries, *done.failed]) for name in ("rejected", "broken"))
    generated = len(entries) + rejected
    lowest, low, median = np.quantile([entry["scores"]["mean_iou"] for entry in entries], [0, 0.05, 0.5])
    min_accuracy = options["min_attribute_accuracy"]
    counts = [
        ("images generated", str(generated)),
        ("kept", f"{len(entries)} ({len(entries) / generated:.1%})"),
        ("rejected by the graders, and drawn again", str(rejected)),
        ("varied masks that broke, and were drawn again", str(broken)),
        ("images that never passed, and were left out (`failed.jsonl`)", str(len(done.failed))),
        (f"minimum mean IoU ({options['grader']})", f"{options['min_mask_iou']:g}"),
        ("mean IoU of the kept images: minimum, 5th percentile, median", f"{lowest:.4f}, {low:.4f}, {median:.4f}"),
        ("minimum attribute accuracy", "not judged" if min_accuracy is None else f"{min_accuracy:g}"),
    ]
    attributes = _count_attributes(entries)
    return render(
        "scgan.synthesis",
        "dataset.md",
        count=len(entries),
        command=command,
        model=head["model"],
        options=options,
        counts=Table(["", ""], counts),
        attributes=Table(["attributes", "images"], attributes[:_MAX_ATTRIBUTE_ROWS]),
        hidden_rows=max(len(attributes) - _MAX_ATTRIBUTE_ROWS, 0),
        size=schema.image_size,
    )


def _count_attributes(entries: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of attributes and number of images, the most frequent first."""
    counts = Counter(attributes_text(entry["attributes"]) for entry in entries)
    return [(text, str(count)) for text, count in counts.most_common()]


def attributes_text(attributes: Mapping[str, float]) -> str:
    """``{"Male": 1, "Young": 0.5}`` → ``"Male, Young=0.5"``; ``"none"`` if all are 0."""
    named = (name if value == 1 else f"{name}={value:g}" for name, value in attributes.items() if value)
    return ", ".join(named) or "none"
