"""Quality of inversion and edits of photos, as a table.

    python benchmarks/inversion.py MODEL PHOTO... --work FOLDER [--refine 24] [--correct 12] [--out SHEET.png]
    python benchmarks/inversion.py faces --celeba FOLDER --photos 200 --work FOLDER

Each photo is inverted up to the start (the model's encoder, if there is one), the first --refine photos also by the
steps of the latent, the first --correct of these also with the correction: later stages take longer. --celeba takes
photos of CelebA's test split, evenly spaced. Measured are

- the distance of features that the inversion did not use (EfficientNet-Lite2, compared as in LPIPS) between the photo
  and its reconstruction, as a share of that of random latents;
- the distance of dlib's face descriptors (less than 0.6: the same person);
- for each attribute that the photo does not have, and for those it has that exclude no other one, at several strengths:
  whether the attribute grader sees it switched in the photo, edited at the last stage; the mean change of the
  attributes that do not exclude it; and the distance of the face descriptors of photo and edited photo;
- the number of background pixels that edits with --keep-background change by more than 2 of 255;
- processor seconds; count them on one thread (OMP_NUM_THREADS=1).

The measures of each photo are kept in --work: the same command again continues.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image

from scgan.editing.edits import Edit, Editor
from scgan.editing.photo_inversion import InversionRequest, invert_photo
from scgan.editing.project import Project
from scgan.faces.descriptor import FaceDescriptor
from scgan.faces.expression import measure as measure_expression
from scgan.inference.synthesizer import Synthesizer, load
from scgan.inversion.attributes import load_attribute_grader
from scgan.inversion.invert import InversionSettings
from scgan.models.digest import model_digest
from scgan.networks.pretrained import EfficientNetLite
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.images import enlarge, grid
from scgan.utils.json_files import file_digest
from scgan.utils.tensors import images_to_tensor

RANDOM_COUNT = 8
FEATURE_SIZE = 128
SAME_PERSON = 0.6
STAGES = ("start", "latent", "corrected")
STRENGTHS = (1.0, 1.5, 2.0)


@dataclass
class Switch:
    """Measures of one edit of an attribute.

    Attributes:
        seen: True if the grader sees the attribute as asked.
        others: mean change of the probabilities of attributes that do not exclude it.
        identity: distance of the face descriptors, NaN where the model has no landmarks.
    """

    seen: bool
    others: float
    identity: float


@dataclass
class Row:
    """Measures of one photo, one for each stage that it was inverted to.

    Attributes:
        photo: its name.
        refused: why it cannot be inverted; empty if it can.
        shares: feature distances as shares of that of random latents.
        identities: distances of face descriptors, NaN where the model has no landmarks.
        seconds: processor seconds.
        switches: of edits at the last stage, by strength and attribute, like "1.5 Male".
        background: pixels of the background that edits with --keep-background change by more than 2.
    """

    photo: str
    refused: str = ""
    shares: list[float] = field(default_factory=list)
    identities: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    switches: dict[str, Switch] = field(default_factory=dict)
    background: int = 0


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

    def reconstruction(self, synthesizer: Synthesizer, editor: Editor) -> tuple[float, float]:
        """Feature distance of a reconstruction as a share of that of random latents, and its identity."""
        inversion, target, image = editor.project.inversion, editor.project.image, editor.reconstruction()
        latents = synthesizer.sample_latent(RANDOM_COUNT, 1000)
        random = self.distance(synthesizer.generate(inversion.segmentation, inversion.attributes, latents), target)
        return self.distance(image[None], target) / random, self.identity(image, editor.project)

    def identity(self, image: NDArray[np.uint8], project: Project) -> float:
        """Distance of the face descriptors of an image and the project's photo, at the project's landmarks."""
        if self._descriptor is None or project.landmarks is None:
            return float("nan")
        one, other = self._descriptor.describe(np.stack([image, project.image]), np.stack([project.landmarks] * 2))
        return float(np.linalg.norm(one - other))

    def _stages(self, images: NDArray[np.uint8]) -> list[torch.Tensor]:
        tensor = images_to_tensor(np.array(images), torch.device("cpu"), torch.float32)
        large = F.interpolate(tensor, (FEATURE_SIZE,) * 2, mode="bilinear", antialias=True)
        return [F.normalize(maps, dim=1) for maps in self._features.stages(large)]


def measure(
    synthesizer: Synthesizer, photo: Path, settings: InversionSettings, stages: int, judge: Judge
) -> tuple[Row, NDArray[np.uint8] | None]:
    """Invert a photo up to a number of stages, and edit it; also gives images for the sheet."""
    row = Row(photo.name)
    start = replace(settings, steps=0, correction_steps=0)
    editors = []
    try:
        with TemporaryDirectory() as folder:
            for part in (start, replace(settings, correction_steps=0), settings)[:stages]:
                before = time.process_time()
                request = InversionRequest("", photo, settings=part)
                editors.append(Editor(synthesizer, invert_photo(synthesizer, request, Path(folder) / "project.json")))
                row.seconds.append(time.process_time() - before)
    except UserError as error:
        row.refused = str(error)
        return row, None
    first, target = editors[0].project, editors[0].project.image
    images = [editor.reconstruction() for editor in editors]
    measures = [judge.reconstruction(synthesizer, editor) for editor in editors]
    row.shares, row.identities = (list(values) for values in zip(*measures, strict=True))
    edited: dict[str, NDArray[np.uint8]] = {}
    if stages > 1:
        edited = _switch(synthesizer, editors[-1], row, judge)
        edits = [Edit(attributes={name: 1.0}, keep_background=True) for name in synthesizer.schema.attribute_names[:2]]
        if first.landmarks is not None:
            turn = -10 if measure_expression(first.landmarks).yaw > 0 else 10  # towards the camera
            edits.append(Edit(turn=turn, smile=0.5, keep_background=True))
        row.background = sum(_changed_background(editors[-1], edit) for edit in edits)
    return row, np.stack([target, *images, *edited.values()])


def _switch(synthesizer: Synthesizer, editor: Editor, row: Row, judge: Judge) -> dict[str, NDArray[np.uint8]]:
    """Switch attributes one at a time; adds what the grader sees to the row, and gives the edited photos."""
    grader = load_attribute_grader(synthesizer.model)
    if grader is None:
        return {}
    names, values = synthesizer.schema.attribute_names, editor.project.inversion.attributes
    groups = [*synthesizer.schema.attribute_groups, *(group.names for group in synthesizer.model.attribute_groups)]
    edited = {}
    for index, name in enumerate(names):
        exclusive = {other for group in groups if name in group for other in group} | {name}
        wanted = float(values[index] < 0.5)
        if not wanted and len(exclusive) > 1:
            continue  # a hair colour is changed by asking for another one
        images = [editor.edited(Edit(attributes={name: wanted}, strength=strength)) for strength in STRENGTHS]
        edited[name] = images[STRENGTHS.index(Edit().strength)]
        before, *probabilities = grader.probabilities(np.stack([editor.project.image, *images]))
        for strength, image, after in zip(STRENGTHS, images, probabilities, strict=True):
            others = [abs(after[other] - before[other]) for other, text in enumerate(names) if text not in exclusive]
            row.switches[f"{strength:g} {name}"] = Switch(
                seen=bool((after[index] > 0.5) == wanted),
                others=float(np.mean(others)) if others else float("nan"),
                identity=judge.identity(image, editor.project),
            )
    return edited


def _changed_background(editor: Editor, edit: Edit) -> int:
    before, after = editor.project.inversion.segmentation, editor.mask(edit)
    difference = np.abs(editor.edited(edit).astype(int) - editor.project.image).max(axis=2)
    return int((difference[(before == 0) & (after == 0)] > 2).sum())


def read_row(file: Path) -> Row | None:
    """Read the measures of a photo; None if there are none yet."""
    if not file.is_file():
        return None
    values = json.loads(file.read_text(encoding="utf-8"))
    return Row(**{**values, "switches": {name: Switch(**part) for name, part in values["switches"].items()}})


def write_row(file: Path, row: Row) -> None:
    values = {**vars(row), "switches": {name: vars(part) for name, part in row.switches.items()}}
    with atomic_file(file) as partial:
        partial.write_text(json.dumps(values, indent=1), encoding="utf-8")


def list_test_photos(folder: Path, count: int) -> list[Path]:
    """List photos of CelebA's test split, evenly spaced."""
    lines = (folder / "list_eval_partition.txt").read_text(encoding="utf-8").split("\n")
    names = [name for name, part in (line.split() for line in lines if line.strip()) if part == "2"]
    rows = np.linspace(0, len(names) - 1, min(count, len(names))).round().astype(int)
    return [folder / "img_align_celeba" / names[row] for row in rows]


def summarize(rows: Sequence[Row]) -> list[str]:
    """Write the table of all photos, as Markdown."""
    used = [row for row in rows if not row.refused]
    lines = [
        f"{len(used)} photos, {len(rows) - len(used)} refused",
        "",
        "| | mean | range | photos |",
        "|---|---|---|---|",
    ]

    def add(title: str, values: Iterable[float], digits: int = 2) -> None:
        numbers = np.array([value for value in values if np.isfinite(value)], float)
        if numbers.size:
            low, high = numbers.min(), numbers.max()
            lines.append(
                f"| {title} | {numbers.mean():.{digits}f} | {low:.{digits}f} to {high:.{digits}f} | {len(numbers)} |"
            )

    for index, stage in enumerate(STAGES):
        reached = [row for row in used if len(row.shares) > index]
        add(f"features, {stage}", (row.shares[index] for row in reached))
        add(f"identity, {stage}", (row.identities[index] for row in reached))
        same = [float(row.identities[index] < SAME_PERSON) for row in reached if np.isfinite(row.identities[index])]
        add(f"share of the same person, {stage}", same)
        add(f"processor seconds, {stage}", (row.seconds[index] for row in reached), 1)
    switches = [(*key.split(" ", 1), switch) for row in used for key, switch in row.switches.items()]
    for strength in (f"{strength:g}" for strength in STRENGTHS):
        some = [(name, switch) for at, name, switch in switches if at == strength]
        for title in ("", *dict.fromkeys(name for name, _ in some)):
            part = [switch for name, switch in some if title in ("", name)]
            label = f"strength {strength}, {title or 'all attributes'}"
            add(f"{label}: attribute accuracy", (float(switch.seen) for switch in part))
            add(f"{label}: change of others", (switch.others for switch in part))
            add(f"{label}: identity", (switch.identity for switch in part))
    add("background pixels", (row.background for row in used if len(row.shares) > 1), 0)
    return lines


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("images", nargs="*", type=Path, metavar="photo")
    parser.add_argument("--celeba", type=Path, help="a folder in CelebA's layout")
    parser.add_argument("--photos", type=int, default=200, help="number of photos of --celeba")
    parser.add_argument("--work", type=Path, required=True, help="folder of the measures")
    parser.add_argument("--refine", type=int, default=24, help="number of photos whose latent is refined")
    parser.add_argument("--correct", type=int, default=12, help="number of these that get the correction, too")
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--correction-steps", type=int, default=120)
    parser.add_argument(
        "--out", type=Path, help="images of each photo that was measured now: photo, stages, attributes"
    )
    options = parser.parse_args(arguments)

    synthesizer = load(options.model, engine="torch")
    settings = InversionSettings(steps=options.steps, correction_steps=options.correction_steps)
    judge = Judge(synthesizer.schema.landmarks)
    photos = options.images or list_test_photos(options.celeba, options.photos)
    options.work.mkdir(parents=True, exist_ok=True)
    # Corrected photos are spread over all: photos of CelebA are sorted.
    order = np.random.default_rng(0).permutation(len(photos)) if options.celeba else np.arange(len(photos))
    rows, sheets = [], []
    for position, index in enumerate(order):
        stages = 1 + (position < options.refine) + (position < min(options.refine, options.correct))
        encoder = synthesizer.encoder is not None
        key = f"{model_digest(synthesizer.model)[:8]}-{file_digest(photos[index])[:12]}-{stages}{'e' * encoder}"
        file = options.work / f"{key}-{options.steps}-{options.correction_steps}.json"
        row = read_row(file)
        if row is None:
            row, sheet = measure(synthesizer, photos[index], settings, stages, judge)
            write_row(file, row)
            if sheet is not None:
                sheets.append(sheet)
        rows.append(row)
    print("\n".join(summarize(rows)))
    if options.out and sheets:
        columns = max(map(len, sheets))
        padded = [
            np.concatenate([part, np.full((columns - len(part), *part.shape[1:]), 255, np.uint8)]) for part in sheets
        ]
        Image.fromarray(enlarge(grid(np.concatenate(padded), columns), 2)).save(options.out)


if __name__ == "__main__":
    main()
