"""Inversion of a photo into a project file, which can be stopped and continued."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scgan.editing.photos import NO_OPTIONS, PhotoOptions, PlacedPhoto, place
from scgan.editing.project import Project, read_project, write_project
from scgan.inference.synthesizer import Synthesizer, require_trained
from scgan.inversion.attributes import replace_attributes
from scgan.inversion.invert import DEFAULT_SETTINGS, Inversion, InversionSettings, InversionStep
from scgan.models.digest import model_digest
from scgan.models.find import shipped_models
from scgan.schema import describe_attributes
from scgan.utils.errors import UserError
from scgan.utils.json_files import file_digest
from scgan.utils.progress import progress, say

_NOTHING_FOUND = 0.9  # of the distance of random latents


@dataclass(frozen=True)
class InversionRequest:
    """Request to invert a photo.

    Attributes:
        model: name or folder of the model, as it goes into the project.
        photo: the photo's file.
        options: mask, landmarks, number of the face.
        attributes: those that are given, like ``"Young=0.5"``; the others are estimated.
        settings: numbers of steps, seed.
        seconds: time limit, None for none.
    """

    model: str
    photo: Path
    options: PhotoOptions = NO_OPTIONS
    attributes: str = ""
    settings: InversionSettings = DEFAULT_SETTINGS
    seconds: float | None = None


def invert_photo(
    synthesizer: Synthesizer,
    request: InversionRequest,
    out: Path,
    stopped: Callable[[], bool] = lambda: False,
    resume: bool = True,
) -> Project:
    """Invert a photo and write the project.

    The project is written after the latent is found and at the end. If ``stopped`` returns True or the time is over,
    the best so far is written. The same request with the same ``out`` continues there.

    Args:
        synthesizer: the model.
        request: the photo and settings.
        out: the project's file.
        stopped: asked after each step.
        resume: continue the project at ``out``; else it is replaced.

    Raises:
        UserError: the photo cannot be used, or ``out`` holds another project.
    """
    require_trained(synthesizer, request.model)
    project = _new_project(synthesizer, request)
    if resume and out.exists():
        project = _continued(read_project(out, synthesizer), project, out)
    watch = _Watch(request, stopped)
    inversion = project.inversion if project.inversion.latent.size else None
    inverter = synthesizer.inverter(project.image, project.inversion.segmentation, project.inversion.attributes)
    if inversion is None and request.settings.encoder and synthesizer.encoder is not None:
        say(f"the encoder in {synthesizer.encoder.folder} guesses the start.")
    for settings in (replace(request.settings, correction_steps=0), request.settings):
        if inversion is not None and _finished(inversion, settings):
            continue
        with progress(_title(settings), _remaining(inversion, settings)) as advance:
            watch.advance = advance
            inversion = inverter.run(settings, inversion, watch)
        project = replace(project, inversion=inversion)
        write_project(out, project, synthesizer)
        if watch.over:
            break
    assert inversion is not None
    _report(inversion, request)
    return project


class _Watch:
    """Progress, time limit and stop of an inversion."""

    def __init__(self, request: InversionRequest, stopped: Callable[[], bool]) -> None:
        self._stopped = stopped
        self._end = None if request.seconds is None else time.monotonic() + request.seconds
        self.over = False
        self.advance: Callable[[int, str], None] = lambda count, remark: None

    def __call__(self, step: InversionStep) -> bool:
        self.over = self._stopped() or (self._end is not None and time.monotonic() >= self._end)
        if not self.over:
            self.advance(1, f"distance {step.inversion.distance:.3f}")
        return not self.over


def _new_project(synthesizer: Synthesizer, request: InversionRequest) -> Project:
    """Place the photo and estimate its attributes; the latent is empty."""
    placed = place(synthesizer, request.photo, request.options)
    attributes = _attributes(synthesizer, request, placed)
    return Project(
        model=_portable_name(request.model),
        model_digest=model_digest(synthesizer.model),
        photo=request.photo.name,
        photo_digest=file_digest(request.photo),
        image=placed.image,
        placement=placed.placement,
        landmarks=placed.landmarks,
        inversion=Inversion(
            segmentation=placed.segmentation,
            attributes=attributes,
            latent=np.zeros(0, np.float32),
            correction=None,
            distance=float("inf"),
            random_distance=float("inf"),
            steps=0,
            correction_steps=0,
        ),
        seed=request.settings.seed,
    )


def _attributes(synthesizer: Synthesizer, request: InversionRequest, placed: PlacedPhoto) -> NDArray[np.float32]:
    if not synthesizer.schema.attribute_count:
        return synthesizer.parse_attributes(request.attributes)  # refuses any
    attributes, source = synthesizer.estimate_attributes(placed.image, placed.segmentation)
    if request.attributes:
        values = synthesizer.schema.attribute_values(request.attributes)
        attributes = replace_attributes(synthesizer.model, attributes, values)
        source += ", except those of --attributes"
    say(f"attributes: {describe_attributes(attributes, synthesizer.schema)} ({source}).")
    return attributes


def _portable_name(model: str) -> str:
    """Keep names of shipped models and of the Hub, make paths absolute."""
    return str(Path(model).expanduser().resolve()) if Path(model).expanduser().exists() else model


def _continued(old: Project, new: Project, out: Path) -> Project:
    """Take the result of an earlier run for the same photo and inputs.

    Raises:
        UserError: it is for others.
    """
    same = (
        old.photo_digest == new.photo_digest
        and old.seed == new.seed
        and np.array_equal(old.inversion.segmentation, new.inversion.segmentation)
        and np.allclose(old.inversion.attributes, new.inversion.attributes, atol=1e-6)
    )
    if not same:
        raise UserError(
            f"{out} exists already, for another photo, mask, seed or other attributes: choose another --out, or "
            "replace it with --overwrite."
        )
    return old


def _finished(inversion: Inversion, settings: InversionSettings) -> bool:
    if settings.correction_steps:
        return inversion.correction_steps >= settings.correction_steps
    return inversion.steps >= settings.steps or inversion.correction_steps > 0


def _remaining(inversion: Inversion | None, settings: InversionSettings) -> int:
    steps, correction_steps = (0, 0) if inversion is None else (inversion.steps, inversion.correction_steps)
    return settings.correction_steps - correction_steps if settings.correction_steps else settings.steps - steps


def _title(settings: InversionSettings) -> str:
    return "correction" if settings.correction_steps else "latent"


def _report(inversion: Inversion, request: InversionRequest) -> None:
    share = inversion.distance / inversion.random_distance
    say(f"distance to the photo: {share:.0%} of that of a random latent.")
    if share > _NOTHING_FOUND:
        say(f"the model can hardly make {request.photo} again: is it a photo of the kind that it was trained on?")


def shipped_name(model: str) -> str:
    """Shorten the model of a project for notes: the name of a shipped one, else the last part of its path."""
    return model if model in shipped_models() else Path(model).name
