"""Paths through what a person can steer: points of a face, shapes, labels and latents. NumPy arrays in and out.

Every function gives a sequence for one of the three inputs of ``Synthesizer.generate``; ``render`` makes the pictures,
and pairs sequences of two inputs in all combinations where their leading axes say so (Figure 6).
"""

from scgan.faces.builtin import FACES, builtin_sequence
from scgan.faces.checks import require_inside, require_sound
from scgan.faces.head import to_heads, to_points
from scgan.interpolation.end_points import MOTIONS, end_point_pairs, end_points
from scgan.interpolation.landmark_paths import carry_over, combine, draw, landmark_path, move_to
from scgan.interpolation.render import render
from scgan.interpolation.shape_paths import shapes_between
from scgan.interpolation.vector_paths import surface, through
from scgan.utils.vectors import fractions, lerp, slerp

__all__ = [
    "FACES",
    "MOTIONS",
    "builtin_sequence",
    "carry_over",
    "combine",
    "draw",
    "end_point_pairs",
    "end_points",
    "fractions",
    "landmark_path",
    "lerp",
    "move_to",
    "render",
    "require_inside",
    "require_sound",
    "shapes_between",
    "slerp",
    "surface",
    "through",
    "to_heads",
    "to_points",
]
