"""Built-in sequences of landmarks: a face that turns and a face that smiles, without any data set."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from scgan.faces.landmarks import Points
from scgan.utils.errors import UserError

FILE = Path(__file__).with_name("builtin_points.json")

FACES = ("london", "toy")
"""Faces of the sequences: a person of the Face Research Lab London Set (attribution in ``FILE``), and the mean face."""


def builtin_sequence(motion: str, face: str = "london") -> Points:
    """Read the key frames of a motion.

    Args:
        motion: "left2right" (the head turns by 28 degrees to each side) or "nosmile2smile".
        face: one of ``FACES``.

    Returns:
        float32 (K, 68, 2), fractions of the image.

    Raises:
        UserError: the face or motion is unknown.
    """
    sequences = _read()["sequences"]
    if face not in sequences or motion not in sequences[face]:
        available = ", ".join(f"{motion} of {face}" for face, motions in sequences.items() for motion in motions)
        raise UserError(f"there is no built-in {motion} of {face}; there are {available}.")
    return np.asarray(sequences[face][motion], np.float32)


@cache
def _read() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))
