"""Inspection of a prepared folder: its statistics and the findings of all checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scgan.data.inspect.checks import CHECKS, Context, Finding
from scgan.data.prepared import PreparedDataset

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inspection:
    """Statistics and findings of a prepared folder.

    Attributes:
        split_sizes: number of items of each split that has any.
        class_pixels: for each split the share of its pixels with a class that each class has, (n_classes,).
        class_items: for each split the share of its items in which each class occurs, (n_classes,).
        attribute_means: for each split the mean of each attribute, (n_attributes,).
        findings: errors first.
    """

    split_sizes: dict[str, int]
    class_pixels: dict[str, Floats]
    class_items: dict[str, Floats]
    attribute_means: dict[str, Floats]
    findings: tuple[Finding, ...]

    @property
    def has_errors(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def inspect(dataset: PreparedDataset) -> Inspection:
    """Compute statistics of ``dataset`` and run all checks; changes nothing."""
    context = Context.of(dataset)
    findings = [finding for check in CHECKS for finding in check(context)]
    counts = context.class_counts
    return Inspection(
        split_sizes={split: len(rows) for split, rows in context.split_rows.items()},
        class_pixels={
            split: counts[rows].sum(0) / max(counts[rows].sum(), 1) for split, rows in context.split_rows.items()
        },
        class_items={split: (counts[rows] > 0).mean(0) for split, rows in context.split_rows.items()},
        attribute_means={
            split: dataset.attributes[rows].mean(0, np.float64) for split, rows in context.split_rows.items()
        },
        findings=tuple(sorted(findings, key=lambda finding: finding.severity != "error")),
    )
