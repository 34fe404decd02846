"""``dataset.md``: what a folder of synthetic pictures is, how it was made, and how to use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from scgan.schema import Schema

_LABELS_LISTED = 40


def card(command: str, head: dict[str, Any], entries: Sequence[dict[str, Any]], schema: Schema) -> str:
    """The text, as Markdown.

    Args:
        command: that made the folder.
        head: the first line of the manifest.
        entries: the others, at least one.
        schema: the model's.
    """
    model, options = head["model"], head["synthesis"]
    rejected, broken = (sum(entry[name] for entry in entries) for name in ("rejected", "broken"))
    made = len(entries) + rejected
    agreement = [entry["scores"]["mean_iou"] for entry in entries]
    least, low, median = np.quantile(agreement, [0, 0.05, 0.5])
    return f"""# {len(entries)} synthetic pictures with exact masks

Every picture in this folder was made by a model. Nothing was photographed, and nobody in them exists.

    {command}

Model: weights {model["weights"]}, step {model["step"]}, trained on data {model["data_fingerprint"]}. Masks: of data
{options["data"]}, {options["split"]} split, varied with jitter {options["jitter"]:g}.

| | |
|---|---|
| pictures made | {made} |
| kept | {len(entries)} ({len(entries) / made:.1%}) |
| rejected by the graders, and drawn again | {rejected} |
| varied masks that broke, and were drawn again | {broken} |
| mean IoU asked for ({options["grader"]}) | {options["min_agreement"]:g} |
| mean IoU of those kept: least, 5th percentile, median | {least:.4f}, {low:.4f}, {median:.4f} |
| share of attributes asked for | {_or_not_judged(options["min_label_agreement"])} |

## Labels

{_labels(entries)}

## Files

- `images/`, `masks/`: PNG, {schema.image_size}×{schema.image_size}; a mask's palette indices are the classes.
- `table.csv`: the labels; `classes.json`: the classes.
- `manifest.jsonl`: the model and the options, then a line for each picture with all that makes it again: mask, label and
  seed; the item its mask comes from, what was changed in it, and what the graders saw.
  `scgan generate MODEL --from manifest.jsonl --out again` makes the pictures again.
- `coco.json`: every class of every picture but the background, as COCO's annotations (run lengths, not compressed).

To train on them:

    scgan prepare folder --images images --masks masks --table table.csv --classes classes.json --size {schema.image_size} --out prepared
"""  # noqa: E501


def _or_not_judged(share: float | None) -> str:
    return "not judged" if share is None else f"{share:g}"


def _labels(entries: Sequence[dict[str, Any]]) -> str:
    counts = Counter(
        ", ".join(name if value == 1 else f"{name}={value:g}" for name, value in entry["attributes"].items() if value)
        for entry in entries
    )
    rows = [f"| {label or 'none'} | {count} |" for label, count in counts.most_common(_LABELS_LISTED)]
    more = len(counts) - len(rows)
    table = "\n".join(["| label | pictures |", "|---|---|", *rows])
    return table + (f"\n\nand {more} more." if more > 0 else "")
