"""Quality of inversion and edits of photos, as a table.

    python benchmarks/inversion.py MODEL PHOTO... [--out SHEET.png]

For each photo: the distance of features that the inversion did not use (EfficientNet-Lite2, compared as in LPIPS)
between the photo and its reconstruction, as a share of that of random latents, from the start (the model's encoder, if
there is one), after the steps of the latent, and with the correction; the distance of dlib's face descriptors
(less than 0.6: the same person); whether the attribute grader sees an attribute that is switched; the number of
background pixels that an edit with --keep-background changes by more than 2 of 255; seconds.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from scgan.editing.edits import Edit, Editor
from scgan.editing.photo_inversion import InversionRequest, invert_photo
from scgan.editing.project import Project
from scgan.faces.descriptor import FaceDescriptor
from scgan.inference.synthesizer import Synthesizer, load
from scgan.inversion.attributes import load_attribute_grader
from scgan.inversion.invert import InversionSettings
from scgan.networks.pretrained import EfficientNetLite
from scgan.utils.images import enlarge, grid
from scgan.utils.tensors import images_to_tensor

RANDOM_COUNT = 8
FEATURE_SIZE = 128


class Row(NamedTuple):
    """Measures of one photo; those of reconstructions without and with the correction.

    Attributes:
        shares: feature distances as shares of that of random latents, that of the start first.
        identities: distances of face descriptors, NaN where the model has no landmarks.
        switched: True if the grader sees the switched attribute, None without attributes.
        other_change: mean change of the grader's other probabilities by that edit.
        background: pixels of the background that change by more than 2.
        seconds: of the start, the latent, and the correction.
    """

    shares: list[float]
    identities: tuple[float, float]
    switched: bool | None
    other_change: float
    background: int
    seconds: list[float]


class Judge:
    """Feature distances and face descriptors."""

    def __init__(self, faces: bool) -> None:
        self._features = EfficientNetLite(2).eval()
        self._descriptor = FaceDescriptor() if faces else None

    @torch.inference_mode()
    def distance(self, images: NDArray[np.uint8], photo: NDArray[np.uint8]) -> float:
        """Mean feature distance of images (N, H, W, 3) to a photo (H, W, 3)."""
        total = 0.0
        scales = self._stages(images)
        for maps, photo_maps in zip(scales, self._stages(photo[None]), strict=True):
            total += float((maps - photo_maps).square().sum(1).mean()) / len(scales)
        return total

    def identity(self, image: NDArray[np.uint8], photo: NDArray[np.uint8], project: Project) -> float:
        """Distance of two face descriptors, at the project's landmarks."""
        if self._descriptor is None or project.landmarks is None:
            return float("nan")
        one, other = self._descriptor.describe(np.stack([image, photo]), np.stack([project.landmarks] * 2))
        return float(np.linalg.norm(one - other))

    def _stages(self, images: NDArray[np.uint8]) -> list[torch.Tensor]:
        tensor = images_to_tensor(np.array(images), torch.device("cpu"), torch.float32)
        large = F.interpolate(tensor, (FEATURE_SIZE,) * 2, mode="bilinear", antialias=True)
        return [F.normalize(maps, dim=1) for maps in self._features.stages(large)]


def measure(
    synthesizer: Synthesizer, photo: Path, settings: InversionSettings, judge: Judge
) -> tuple[Row, NDArray[np.uint8]]:
    """Invert a photo twice, without and with the correction; also gives images for the sheet."""
    with TemporaryDirectory() as folder:
        plain_settings = replace(settings, correction_steps=0)
        times, projects = [time.perf_counter()], []
        for part in (replace(plain_settings, steps=0), plain_settings, settings):
            request = InversionRequest("", photo, settings=part)
            projects.append(invert_photo(synthesizer, request, Path(folder) / "project.json"))
            times.append(time.perf_counter())
    plain = projects[1]
    start, *editors = [Editor(synthesizer, project) for project in projects]
    images = [editor.reconstruction() for editor in editors]
    inversion, target = plain.inversion, plain.image
    latents = synthesizer.sample_latent(RANDOM_COUNT, 1000)
    random = judge.distance(synthesizer.generate(inversion.segmentation, inversion.attributes, latents), target)
    switched, other_change, edited = _switch(synthesizer, editors[1])
    turned, strict = Edit(turn=10, smile=0.5), Edit(turn=10, smile=0.5, keep_background=True)
    row = Row(
        shares=[judge.distance(image[None], target) / random for image in (start.reconstruction(), *images)],
        identities=(judge.identity(images[0], target, plain), judge.identity(images[1], target, plain)),
        switched=switched,
        other_change=other_change,
        background=_changed_background(editors[1], strict) if plain.landmarks is not None else 0,
        seconds=np.diff(times).tolist(),
    )
    last = editors[1].edited(turned) if plain.landmarks is not None else images[1]
    return row, np.stack([target, *images, edited, last])


def _switch(synthesizer: Synthesizer, editor: Editor) -> tuple[bool | None, float, NDArray[np.uint8]]:
    """Switch one attribute on or off: True if the grader sees it, and the mean change of the others."""
    grader = load_attribute_grader(synthesizer.model)
    if grader is None:
        return None, float("nan"), editor.project.image
    # The last but one is ``Male`` of ``faces``, which changes the whole face.
    index = max(synthesizer.schema.attribute_count - 2, 0)
    name, value = synthesizer.schema.attribute_names[index], editor.project.inversion.attributes[index]
    wanted = float(value < 0.5)
    edited = editor.edited(Edit(attributes={name: wanted}))
    before, after = grader.probabilities(np.stack([editor.project.image, edited]))
    others = np.abs(np.delete(after - before, index)).mean()
    return bool((after[index] > 0.5) == wanted), float(others), edited


def _changed_background(editor: Editor, edit: Edit) -> int:
    before, after = editor.project.inversion.segmentation, editor.mask(edit)
    difference = np.abs(editor.edited(edit).astype(int) - editor.project.image).max(axis=2)
    return int((difference[(before == 0) & (after == 0)] > 2).sum())


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("photos", nargs="+", type=Path)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--correction-steps", type=int, default=120)
    parser.add_argument("--out", type=Path, help="image with photo, two reconstructions, two edits of each")
    options = parser.parse_args(arguments)

    synthesizer = load(options.model, engine="torch")
    settings = InversionSettings(steps=options.steps, correction_steps=options.correction_steps)
    judge = Judge(synthesizer.schema.landmarks)
    rows, sheets = [], []
    titles = ("photo", "features, start", "latent", "corrected", "identity, latent", "corrected", "attribute switched")
    print(f"| {' | '.join(titles)} | others change | background pixels | seconds |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for photo in options.photos:
        row, sheet = measure(synthesizer, photo, settings, judge)
        rows.append(row)
        sheets.append(sheet)
        print(
            f"| {photo.stem} | {' | '.join(f'{share:.2f}' for share in row.shares)} | {row.identities[0]:.2f} | "
            f"{row.identities[1]:.2f} | {row.switched} | {row.other_change:.2f} | {row.background} | "
            f"{' + '.join(f'{seconds:.1f}' for seconds in row.seconds)} |",
            flush=True,
        )
    same = np.mean([row.identities[1] < 0.6 for row in rows])
    means = np.mean([row.shares for row in rows], axis=0)
    print(
        f"\nmean share of the start {means[0]:.2f}, latent {means[1]:.2f}, corrected {means[2]:.2f}; "
        f"same person with the correction: {same:.0%}"
    )
    if options.out:
        Image.fromarray(enlarge(grid(np.concatenate(sheets), len(sheets[0])), 2)).save(options.out)


if __name__ == "__main__":
    main()
