"""Figures of a comparison and its page, from finished runs alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scgan.comparison.losses import MIN_WINDOW
from scgan.comparison.runs import Finished, pretrain_steps, shown_rows
from scgan.evaluation.metrics import moving_average
from scgan.reports.page import Figure, PageImage, Section, write_page
from scgan.schema import colorize
from scgan.utils.files import atomic_file
from scgan.utils.images import Card, Pixels, enlarge, png, sheet
from scgan.utils.tables import Table

if TYPE_CHECKING:
    from scgan.data.prepared import PreparedDataset

Shown = Sequence[tuple[str, Finished]]  # a title, and one of its finished runs

_TILE = 96

_CAPTIONS = {
    "methods": "Figures 4 and 7: the same masks, attributes and latents for all variants.",
    "growth": "Figures 8–10: the same inputs after growing numbers of steps, in each card from left to right.",
    "losses": "Figure 10: losses of discriminator and generator, faint, and their moving averages.",
    "shares": "Figure 10: shares of the generator’s loss terms at the end.",
}


def write_comparison_page(
    out: Path, lead: str, tables: Sequence[Table], shown: Shown, dataset: PreparedDataset, photos: bool
) -> None:
    """Write ``out/figures/*.png`` and ``out/page.html``, one self-contained page with the tables and the figures.

    Args:
        out: the folder of the comparison.
        lead: first sentences of the page.
        tables: of the comparison.
        shown: one finished run of each variant.
        dataset: its masks stand beside the images.
        photos: whether its images may be shown.
    """
    shown = once_each(shown)
    images = {
        "methods": _methods(shown, dataset, photos),
        "growth": _growth(shown, dataset),
        "losses": _losses(shown),
        "shares": _shares(shown),
    }
    for name, image in images.items():
        with atomic_file(out / "figures" / f"{name}.png") as partial:
            partial.write_bytes(png(image))
    figures = [Figure(PageImage(image, _CAPTIONS[name]), _CAPTIONS[name]) for name, image in images.items()]
    sections = [Section(table.title, "table", {"table": table}) for table in tables]
    sections.append(Section("Figures", "figures", {"figures": figures}))
    write_page(out / "page.html", "Methods compared", lead, sections)


def once_each(shown: Shown) -> Shown:
    """Keep every run once: "SCGAN" that is also "SCGAN, segmentor first" becomes "SCGAN, here segmentor first"."""
    runs: dict[Path, tuple[str, Finished]] = {}
    for title, finished in shown:
        if finished.folder in runs:
            first, _ = runs[finished.folder]
            title = f"{first}, here {title.partition(', ')[2] or title}"
        runs[finished.folder] = title, finished
    return list(runs.values())


def _methods(shown: Shown, dataset: PreparedDataset, photos: bool) -> Pixels:
    rows = shown_rows(dataset)
    masks = colorize(dataset.generator_masks(rows), dataset.schema)
    cards = [Card([_large(np.concatenate(masks), dataset)], "mask", "")]
    if photos:
        cards.append(Card([_large(np.concatenate(dataset.images[rows]), dataset)], "real image", ""))
    cards += [_card(title, np.concatenate(finished.images()), dataset) for title, finished in shown]
    return sheet("The same inputs", cards, columns=min(len(cards), 12))


def _growth(shown: Shown, dataset: PreparedDataset) -> Pixels:
    cards = []
    for title, finished in shown:
        if finished.result["growth_steps"]:
            steps = ", ".join(map(str, finished.result["growth_steps"]))
            # Columns are steps; the first three inputs are shown.
            image = np.concatenate([np.concatenate(images[:3]) for images in finished.growth()], axis=1)
            heading, remark = _split(title)
            remark = f"{remark}; after {steps} steps" if remark else f"after {steps} steps"
            cards.append(Card([_large(image, dataset, 64)], heading, remark))
    if not cards:
        return np.full((64, 64, 3), 255, np.uint8)
    return sheet("The same inputs at growing steps", cards, columns=3)


def _losses(shown: Shown) -> Pixels:
    figure = _figure(11, 4)
    for number, update in enumerate(("discriminator", "generator"), start=1):
        axes = figure.add_subplot(1, 2, number)
        scgan_runs = [(title, finished) for title, finished in shown if finished.result["config"]["method"] == "scgan"]
        for index, (title, finished) in enumerate(scgan_runs):
            losses = finished.result["losses"].get(update)
            if losses:
                steps = np.array(losses["steps"]) - pretrain_steps(finished.result["config"])
                total, color = np.array(losses["total"], np.float64), f"C{index}"
                axes.plot(steps, total, color=color, alpha=0.2, linewidth=0.8)
                window = min(len(total), max(MIN_WINDOW, len(total) // 20))  # as the spread is measured
                axes.plot(steps, moving_average(total, window), color=color, label=title)
        axes.set_title(f"loss of the {update}")
        axes.set_xlabel("step, without those of the segmentor alone")
    return _pixels(_with_legend(figure, figure.axes[0], columns=3))


def _shares(shown: Shown) -> Pixels:
    figure = _figure(9, 0.45 * len(shown) + 1.5)
    axes = figure.add_subplot()
    shares = [finished.result["losses"].get("generator", {}).get("shares", {}) for _, finished in shown]
    left = np.zeros(len(shown))
    for term in dict.fromkeys(name for values in shares for name in values):
        width = np.array([values.get(term) or 0.0 for values in shares])
        axes.barh([title for title, _ in shown], width, left=left, label=term.replace("_", " "))
        left += width
    axes.invert_yaxis()
    axes.set_xlim(0, 1)
    axes.set_title("shares of the generator’s terms in the last tenth of the training")
    return _pixels(_with_legend(figure, axes, columns=5))


def _figure(width: float, height: float) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure((width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _with_legend(figure: Any, axes: Any, columns: int) -> Any:
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        figure.legend(handles, labels, loc="outside lower center", ncols=columns, frameon=False, fontsize=8)
    return figure


def _pixels(figure: Any) -> Pixels:
    figure.canvas.draw()
    return np.ascontiguousarray(np.asarray(figure.canvas.buffer_rgba())[..., :3])


def _card(title: str, image: Pixels, dataset: PreparedDataset) -> Card:
    return Card([_large(image, dataset)], *_split(title))


def _split(title: str) -> tuple[str, str]:
    """Split a title into the method and its variation."""
    name, _, remark = title.partition(", ")
    method, _, rest = name.partition(" without ")
    return method, remark or (f"without {rest}" if rest else "")


def _large(image: Pixels, dataset: PreparedDataset, tile: int = _TILE) -> Pixels:
    return enlarge(image, max(1, tile // dataset.schema.image_size))
