"""Before and after of edited photos: each photo is inverted, then turned, made to smile, and given other hair.

    python benchmarks/edited_photos.py faces PHOTO... --work FOLDER --out FOLDER

Writes one image for each photo: the photo, the image that the model makes without any of its pixels, and the edits
put back into the photo (`scgan edit --into`). Prints, as benchmarks/inversion.py measures them, the feature distance of
the image that the model makes and the distance of its face descriptor. Inversions are kept in --work: the same command
again continues.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from inversion import Judge
from scgan.editing.edits import Edit, Editor, open_project
from scgan.editing.notes import edit_note, save_with_note
from scgan.editing.photo_inversion import InversionRequest, invert_photo
from scgan.editing.photos import open_project_photo
from scgan.editing.placement import Placement
from scgan.inference.synthesizer import load
from scgan.inversion.invert import DEFAULT_SETTINGS, InversionSettings
from scgan.utils.images import grid

SIDE = 240  # pixels of each image
HAIR = ("Blond_Hair", "Black_Hair")


def edits_of(editor: Editor) -> list[Edit]:
    """List the edits: turned, smiling, with an open mouth, other hair, and all of turn, smile and hair."""
    names = editor.synthesizer.schema.attribute_names
    blond = editor.project.inversion.attributes[names.index(HAIR[0])] > 0.5
    hair = {HAIR[1] if blond else HAIR[0]: 1.0}
    return [
        Edit(turn=12),
        Edit(smile=1.5),
        Edit(open_mouth=0.5),
        Edit(attributes=hair),
        Edit(turn=-12, smile=1.5, attributes=hair),
    ]


def before_and_after(editor: Editor, file: Path) -> NDArray[np.uint8]:
    """Edit a photo, and put the images side by side: uint8 (height, width, 3)."""
    photo = open_project_photo(file)
    box = part_of(photo, editor.project.placement)
    edited = [editor.edited_photo(edit, photo, str(file)) for edit in edits_of(editor)]
    generated = Image.fromarray(editor.reconstruction()).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    images = [
        Image.fromarray(image).crop(box).resize((SIDE, SIDE), Image.Resampling.LANCZOS) for image in (photo, *edited)
    ]
    return grid(np.stack([np.asarray(image) for image in (images[0], generated, *images[1:])]), 2 + len(edited), gap=4)


def part_of(photo: NDArray[np.uint8], placement: Placement) -> tuple[float, float, float, float]:
    """Find the box around the square that the model sees, in pixels of a photo, moved into the photo."""
    corners = placement.to_photo(np.array([0, 1, 1j, 1 + 1j])) * max(photo.shape[:2])
    height, width = photo.shape[:2]
    side = min(float(np.ptp(corners.real)), height, width)
    left = float(np.clip(corners.real.mean() - side / 2, 0, width - side))
    top = float(np.clip(corners.imag.mean() - side / 2, 0, height - side))
    return left, top, left + side, top + side


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="folder of the inversions")
    parser.add_argument("--out", type=Path, required=True, help="folder of the images")
    parser.add_argument("--steps", type=int, default=DEFAULT_SETTINGS.steps)
    parser.add_argument("--correction-steps", type=int, default=DEFAULT_SETTINGS.correction_steps)
    options = parser.parse_args(arguments)
    settings = InversionSettings(options.steps, options.correction_steps)
    synthesizer = load(options.model, engine="torch")
    judge = Judge(synthesizer.schema.landmarks)
    for folder in (options.work, options.out):
        folder.mkdir(parents=True, exist_ok=True)
    for file in options.photos:
        request = InversionRequest(options.model, file, settings=settings)
        project = options.work / f"{file.stem}.json"
        invert_photo(synthesizer, request, project)
        editor = open_project(project, options.model)  # its correction is rounded, as `scgan edit` reads it
        save_with_note(options.out / f"{file.stem}.jpg", before_and_after(editor, file), edit_note(options.model))
        share, identity = judge.reconstruction(synthesizer, editor)
        print(f"{options.out / file.stem}.jpg: features {share:.2f}, identity {identity:.2f}", flush=True)


if __name__ == "__main__":
    main()
