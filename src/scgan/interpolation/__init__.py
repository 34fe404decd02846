"""Paths through the inputs of ``Synthesizer.generate``: landmarks, masks, attributes and latents, as NumPy arrays.

Each function returns a sequence for one input; ``render`` generates the images. Leading axes of the inputs are
broadcast together, so two sequences give all their combinations (Figure 6).
"""

from scgan.faces.alignment import align_face
from scgan.faces.builtin import FACES, builtin_sequence
from scgan.faces.checks import require_inside, require_valid_path
from scgan.faces.head import to_heads, to_points
from scgan.interpolation.end_points import MOTIONS, find_end_points, rank_end_point_pairs
from scgan.interpolation.landmark_paths import combine_motions, draw_masks, landmark_path, transfer_motion
from scgan.interpolation.mask_paths import interpolate_masks
from scgan.interpolation.render import render
from scgan.interpolation.vector_paths import grid_path, piecewise_path
from scgan.utils.vectors import fractions, lerp, slerp

__all__ = [
    "FACES",
    "MOTIONS",
    "align_face",
    "builtin_sequence",
    "combine_motions",
    "draw_masks",
    "find_end_points",
    "fractions",
    "grid_path",
    "interpolate_masks",
    "landmark_path",
    "lerp",
    "piecewise_path",
    "rank_end_point_pairs",
    "render",
    "require_inside",
    "require_valid_path",
    "slerp",
    "to_heads",
    "to_points",
    "transfer_motion",
]
