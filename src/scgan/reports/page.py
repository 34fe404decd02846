"""Self-contained HTML pages: images inside, no scripts, readable on paper, in dark mode and on a phone.

The texts and the layout are in ``templates``; the modules of this package collect the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scgan.utils.files import atomic_file
from scgan.utils.templates import render

Pixels = NDArray[np.uint8]

LEAD = "Images generated from a segmentation mask, attributes and a latent."


class Section(NamedTuple):
    """Part of a page.

    Attributes:
        title: heading, listed at the top of the page.
        template: name of a file in ``templates/sections``, without its suffix.
        values: variables of the template, which finds them as ``section.NAME``.
    """

    title: str
    template: str
    values: dict[str, Any]


class PageImage(NamedTuple):
    """Image of a page.

    Attributes:
        pixels: uint8 (H, W, 3).
        alt: describes the image to those who cannot see it.
        pixelated: nothing is smoothed when the image is enlarged; for masks.
    """

    pixels: Pixels
    alt: str
    pixelated: bool = False


class Figure(NamedTuple):
    """Image with a caption."""

    image: PageImage
    caption: str


def write_page(path: Path, title: str, lead: str, sections: Sequence[Section]) -> None:
    """Write the page: a title, an introductory sentence, a list of the sections, and the sections."""
    values = [
        {"title": section.title, "template": f"{section.template}.html", **section.values} for section in sections
    ]
    page = render("scgan.reports", "page.html", title=title, lead=lead, sections=values)
    with atomic_file(path) as partial:
        partial.write_text(page, encoding="utf-8", errors="backslashreplace")
