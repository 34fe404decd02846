"""One HTML file that needs nothing else: pictures inside, no scripts, readable on paper, in the dark and on a phone.

Every function but the last gives a piece of HTML; the last puts pieces into a page.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.utils.colors import Color
from scgan.utils.files import atomic_file
from scgan.utils.images import png

Pixels = NDArray[np.uint8]


class Section(NamedTuple):
    """A heading and the pieces of HTML below it."""

    title: str
    pieces: Sequence[str]


def text(sentence: str) -> str:
    """A paragraph."""
    return f"<p>{escape(sentence)}</p>"


def code(content: str, summary: str) -> str:
    """Preformatted text behind a line that opens it."""
    return f"<details><summary>{escape(summary)}</summary><pre><code>{escape(content)}</code></pre></details>"


def facts(values: Sequence[tuple[str, str]]) -> str:
    """A few numbers that stand out: pairs of what it is and the number."""
    cells = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in values)
    return f'<dl class="facts">{cells}</dl>'


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of text; the first column names the rows."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def picture(image: Pixels, alt: str, pixelated: bool = False) -> str:
    """An image, uint8 (H, W, 3); ``alt`` says what there is to see. ``pixelated`` for masks: nothing is smoothed."""
    height, width, _ = image.shape
    uri = f"data:image/png;base64,{b64encode(png(image)).decode()}"
    style = ' class="pixelated"' if pixelated else ""
    return f'<img src="{uri}" alt="{escape(alt)}" width="{width}" height="{height}"{style}>'


def moving_picture(gif: bytes, alt: str) -> str:
    """A GIF; ``alt`` says what there is to see."""
    return f'<img src="data:image/gif;base64,{b64encode(gif).decode()}" alt="{escape(alt)}">'


def commands(lines: Sequence[str]) -> str:
    """Lines to type into a terminal."""
    return f"<pre><code>{escape(chr(10).join(lines))}</code></pre>"


def legend(colors: Sequence[tuple[str, Color]]) -> str:
    """Names, each beside its colour."""
    items = "".join(f'<li><span style="background: rgb{color}"></span>{escape(name)}</li>' for name, color in colors)
    return f'<ul class="legend">{items}</ul>'


def gallery(figures: Sequence[tuple[str, str]], width: int = 8) -> str:
    """Pieces with captions, as many side by side as fit; each at least ``width`` (em) wide."""
    cells = "".join(f"<figure>{piece}<figcaption>{escape(caption)}</figcaption></figure>" for piece, caption in figures)
    return f'<div class="gallery" style="--least: {width}em">{cells}</div>'


def matrix(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Pictures in a grid whose columns have names."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{piece}</td>' for piece in row)}</tr>" for row in rows)
    return f'<div class="wide"><table class="matrix"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def curve(x: NDArray[np.float64], y: NDArray[np.float64], name: str) -> str:
    """A line over its own moving average, as SVG.

    Args:
        x: ascending, (n,).
        y: finite, (n,); the few largest and smallest values may leave the picture.
        name: what y is, for those who cannot see it.
    """
    width, height, left, right, bottom = 320, 150, 40, 4, 18
    low, high = np.quantile(y, [0.01, 0.99])
    span = high - low or 1.0
    across = left + (x - x[0]) / ((x[-1] - x[0]) or 1.0) * (width - left - right)
    window = max(1, len(y) // 20)
    padded = np.pad(y, (window // 2, window - 1 - window // 2), mode="edge")
    smooth = np.convolve(padded, np.full(window, 1 / window), mode="valid")

    def line(values: NDArray[np.float64], kind: str) -> str:
        down = 4 + (1 - np.clip((values - low) / span, -0.02, 1.02)) * (height - bottom - 8)
        step = -(-len(values) // 400)  # more points than pixels only make the file large
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across[::step], down[::step], strict=True))
        return f'<polyline class="{kind}" points="{points}"/>'

    label = f"{name}: from {smooth[0]:.3g} at step {x[0]:.0f} to {smooth[-1]:.3g} at step {x[-1]:.0f}"
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">'
        f'<path class="axis" d="M{left} 4V{height - bottom}H{width - right}"/>{line(y, "raw")}{line(smooth, "smooth")}'
        f'<g text-anchor="end"><text x="{left - 5}" y="13">{high:.3g}</text>'
        f'<text x="{left - 5}" y="{height - bottom}">{low:.3g}</text>'
        f'<text x="{width - right}" y="{height - 4}">step {x[-1]:.0f}</text></g>'
        f'<text x="{left}" y="{height - 4}">{x[0]:.0f}</text></svg>'
    )


def write_page(path: Path, title: str, lead: str, sections: Sequence[Section]) -> None:
    """Write the page: a title, a sentence that leads in, and the sections with a list of them."""
    contents = "".join(f'<a href="#part-{n}">{escape(section.title)}</a>' for n, section in enumerate(sections))
    body = "".join(
        f'<section id="part-{n}"><h2>{escape(section.title)}</h2>{"".join(section.pieces)}</section>'
        for n, section in enumerate(sections)
    )
    page = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><header><h1>{escape(title)}</h1>"
        f'<p class="lead">{escape(lead)}</p><nav aria-label="Contents">{contents}</nav></header>'
        f"<main>{body}</main></body></html>\n"
    )
    with atomic_file(path) as beside:
        beside.write_text(page, encoding="utf-8")


_STYLE = """
:root { color-scheme: light dark; --paper: #fbfbf9; --ink: #202124; --faded: #63666d; --line: #deded9; --card: #fff;
  --accent: #2c5fb3; }
@media (prefers-color-scheme: dark) { :root { --paper: #17181b; --ink: #e6e6e3; --faded: #a0a3ab; --line: #35373d;
  --card: #1f2125; --accent: #8fb4f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { margin: 3rem 0 .6rem; font-size: 1.25rem; }
p { max-width: 44rem; margin: .5rem 0 1rem; }
.lead { color: var(--faded); font-size: 1.1rem; }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: .6rem 0; border-block: 1px solid var(--line); }
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
img { display: block; width: 100%; height: auto; border-radius: 3px; }
.pixelated { image-rendering: pixelated; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .8rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th:first-child { padding-left: 0; min-width: 10rem; text-align: left; font-weight: 500; white-space: normal; }
thead th { color: var(--faded); font-size: .85rem; font-weight: 500; }
.matrix th, .matrix td { padding: 2px; border: 0; min-width: 5.5rem; width: 7.5rem; }
.matrix th { padding-bottom: .4rem; text-align: left; vertical-align: bottom; white-space: normal; font-size: .8rem;
  line-height: 1.25; overflow-wrap: anywhere; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.facts div { padding: .8rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.facts dt { color: var(--faded); font-size: .85rem; }
.facts dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0 0 1rem; padding: 0; list-style: none;
  font-size: .85rem; }
.legend span { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border: 1px solid var(--line);
  border-radius: 2px; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--least)), 1fr)); gap: 1rem; }
figure { margin: 0; }
figcaption { margin-top: .3rem; color: var(--faded); font-size: .85rem; line-height: 1.35; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--faded); font-size: 11px; }
.axis { fill: none; stroke: var(--line); }
.raw { fill: none; stroke: var(--accent); stroke-opacity: .3; }
.smooth { fill: none; stroke: var(--accent); stroke-width: 1.8; stroke-linejoin: round; }
summary { cursor: pointer; color: var(--accent); }
pre { overflow-x: auto; padding: 1rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px;
  font-size: .85rem; line-height: 1.45; }
@media print { nav { display: none; } section { break-inside: avoid; } }
"""
