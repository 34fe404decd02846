"""RGB colors for images of masks."""

from __future__ import annotations

import colorsys

Color = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""


def distinct_colors(count: int) -> tuple[Color, ...]:
    """Choose ``count`` colors that can be told apart, black first (the background)."""
    colors: list[Color] = [(0, 0, 0)]
    for index in range(count - 1):
        # The golden ratio spreads hues evenly for any count; value alternates so that neighbors differ.
        red, green, blue = colorsys.hsv_to_rgb(index * 0.618034 % 1, 0.75 - 0.25 * (index % 2), 1 - 0.25 * (index % 3))
        colors.append((round(red * 255), round(green * 255), round(blue * 255)))
    return tuple(colors)
