"""Write ``src/scgan/faces/builtin_points.json``: sequences of 68 points that need no data set.

    python tools/builtin_points.py LONDON_FOLDER

The folder has ``neutral/ID.jpg`` and ``smiling/ID.jpg``.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.data.images import read_photo
from scgan.faces.builtin import FILE
from scgan.faces.dlib_detector import DlibDetector
from scgan.faces.head import PLACE, YAW, to_heads, to_points
from scgan.faces.mean_face import toy_landmarks

# Of 82 people, the one who faces the camera in both photos and smiles most.
PERSON = "100"
# Degrees. The far eye reaches the outline of the face at about 30.
TURNS = (-28, -19, -10, 0, 10, 19, 28)

ATTRIBUTION = (
    "london: points found in two photos of the Face Research Lab London Set, DeBruine & Jones 2017, CC BY 4.0, "
    "doi 10.6084/m9.figshare.5047666; moved to one place and size, and turned with the depth of the mean face. "
    "toy: the face of scgan.faces.mean_face, whose proportions are means over the same set."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("london", type=Path)
    folder = parser.parse_args().london

    detector = DlibDetector()
    photos = [read_photo(folder / mood / f"{PERSON}.jpg") for mood in ("neutral", "smiling")]
    heads = to_heads(np.stack([detector.detect(photo) for photo in photos]))
    # The person moved between the photos.
    heads[:, PLACE] = to_heads(toy_landmarks())[PLACE]
    heads[:, YAW] = 0
    turned = np.repeat(heads[:1], len(TURNS), axis=0)
    turned[:, YAW] = TURNS
    sequences = {
        "london": {"left2right": to_points(turned), "nosmile2smile": to_points(heads)},
        "toy": {
            "left2right": np.stack([toy_landmarks(yaw=yaw) for yaw in TURNS]),
            "nosmile2smile": np.stack([toy_landmarks(smile=smile, mouth_open=0.4 * smile) for smile in (0, 1.2)]),
        },
    }
    values = {
        face: {motion: rounded(points) for motion, points in motions.items()} for face, motions in sequences.items()
    }
    text = json.dumps({"attribution": ATTRIBUTION, "sequences": values}, separators=(",", ":"))
    FILE.write_text(text.replace("]],[[", "]],\n[[") + "\n", encoding="utf-8")


def rounded(points: NDArray[np.float32]) -> list[list[list[float]]]:
    """Round to a ten-thousandth of the image, far below a pixel."""
    return [[[round(float(x), 4), round(float(y), 4)] for x, y in face] for face in points]


if __name__ == "__main__":
    main()
