"""Values of masks that are not classes: below 0, above 65535, or not a number. They may mark ignored pixels."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.utils.errors import UserError

MAX_VALUE = 2**16 - 1
"""Largest grey level that can stand for a class."""
NAN = -(2**63)
"""Value that stands for NaN."""

_HUGE = 2**62  # stands for larger numbers, such as -3.4e38, the usual mark of floating-point rasters without data


def whole_numbers(values: NDArray[np.floating], file: Path) -> NDArray[np.int64]:
    """Floating-point pixels as whole numbers: NaN as ``NAN``, numbers beyond ±2^62 as those.

    Raises:
        UserError: a number is not whole.
    """
    numbers = values.astype(np.float64)
    unknown = np.isnan(numbers)
    numbers = np.clip(np.where(unknown, 0, numbers), -_HUGE, _HUGE)
    broken = numbers != np.rint(numbers)
    if broken.any():
        raise UserError(
            f"{file} has floating-point pixels such as {numbers[broken][0]:g}: save it with whole numbers, as an 8-bit "
            "PNG."
        )
    whole = numbers.astype(np.int64)
    whole[unknown] = NAN
    return whole


def parse_value(text: str) -> int | None:
    """The value that a person names, as in 255, -1, nan or -3.4e38; None for other texts."""
    try:
        number = float(text)
    except ValueError:
        return None
    if not text.isascii() or "_" in text:
        return None
    if np.isnan(number):
        return NAN
    if abs(number) >= _HUGE:
        return _HUGE if number > 0 else -_HUGE
    return int(number) if number == int(number) else None


def describe_value(value: int) -> str:
    """A value in words: "nan", "-1", "beyond -4.6e18"."""
    if value == NAN:
        return "nan"
    return f"beyond {value:.1e}" if abs(value) >= _HUGE else str(value)


def require_classes(values: NDArray[np.int64], ignored: Sequence[int], file: Path) -> None:
    """Check that all values but the ignored ones can be classes.

    Raises:
        UserError: one cannot.
    """
    if not values.size or (values.min() >= 0 and values.max() <= MAX_VALUE):
        return
    absurd = values[(values < 0) | (values > MAX_VALUE)]
    absurd = absurd[~np.isin(absurd, np.asarray(ignored, np.int64))]
    if absurd.size:
        value = describe_value(int(absurd[0]))
        option = f"--ignore={value if ' ' not in value else '-1e30' if absurd[0] < 0 else '1e30'}"
        raise UserError(
            f"{file} has the value {value} ({absurd.size} of {values.size} pixels have such values), which cannot "
            f"be a class, 0…{MAX_VALUE} can: replace it; if it marks pixels without data, `scgan prepare folder "
            f"{option}` leaves them out."
        )
