"""Before and after of edited photos: each photo is inverted, then turned, made to smile, and given other hair.

    python benchmarks/edited_photos.py faces PHOTO... --work FOLDER --out FOLDER

Writes one image for each photo: the photo, the image that the model makes without any of its pixels, and the edits
put back into the photo (`scgan edit --into`). Inversions are kept in --work: the same command again continues.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.editing.edits import Edit, Editor
from scgan.editing.notes import edit_note, save_with_note
from scgan.editing.photo_inversion import InversionRequest, invert_photo
from scgan.editing.photos import open_project_photo
from scgan.inference.synthesizer import Synthesizer, load

SIDE = 288  # pixels of each image
HAIR = ("Blond_Hair", "Black_Hair")


def edits_of(editor: Editor) -> list[Edit]:
    """List the edits: turned, smiling, with an open mouth, other hair, and all of turn, smile and hair."""
    names = editor.synthesizer.schema.attribute_names
    blond = editor.project.inversion.attributes[names.index(HAIR[0])] > 0.5
    hair = {HAIR[1] if blond else HAIR[0]: 1.0}
    return [
        Edit(turn=12),
        Edit(smile=0.8),
        Edit(open_mouth=0.5),
        Edit(attributes=hair),
        Edit(turn=-12, smile=0.8, attributes=hair),
    ]


def before_and_after(synthesizer: Synthesizer, model: str, file: Path, work: Path) -> NDArray[np.uint8]:
    """Invert a photo, edit it, and put the images side by side: uint8 (SIDE, width, 3)."""
    project = work / f"{file.stem}.json"
    editor = Editor(synthesizer, invert_photo(synthesizer, InversionRequest(model, file), project))
    photo = open_project_photo(file)
    images = [photo, editor.reconstruction()]
    images += [editor.edited_photo(edit, photo, str(file)) for edit in edits_of(editor)]
    small = [
        np.asarray(Image.fromarray(image).resize((SIDE, round(SIDE * image.shape[0] / image.shape[1]))))
        for image in images
    ]
    height = max(len(image) for image in small)
    padded = [np.pad(image, ((0, height - len(image)), (0, 4), (0, 0)), constant_values=255) for image in small]
    return np.concatenate(padded, axis=1)[:, :-4]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--work", type=Path, required=True, help="folder of the inversions")
    parser.add_argument("--out", type=Path, required=True, help="folder of the images")
    options = parser.parse_args(arguments)
    synthesizer = load(options.model, engine="torch")
    for folder in (options.work, options.out):
        folder.mkdir(parents=True, exist_ok=True)
    for file in options.photos:
        image = before_and_after(synthesizer, options.model, file, options.work)
        save_with_note(options.out / f"{file.stem}.jpg", image, edit_note(options.model))
        print(options.out / f"{file.stem}.jpg", flush=True)


if __name__ == "__main__":
    main()
