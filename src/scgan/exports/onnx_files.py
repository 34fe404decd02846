"""Export of a model to ONNX files, which run without scgan and without PyTorch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from scgan.engines.generator_file import require_same_images, write_generator
from scgan.engines.onnxruntime import OnnxRuntimeEngine, open_session
from scgan.exports.card import data_note_of, license_of
from scgan.exports.folder import check_target, find_graders, sizes
from scgan.graders.folder import load_grader_network, read_grader_description
from scgan.graders.kinds import ATTRIBUTES, GraderKind
from scgan.inference.mask_files import save_mask
from scgan.models.find import find_model
from scgan.models.folder import Model, load_model
from scgan.onnx.file import write_onnx
from scgan.onnx.heads import ImageClassifier, ImageSegmentor
from scgan.utils.devices import thread_count
from scgan.utils.errors import UserError
from scgan.utils.files import atomic_folder, claimed_folder
from scgan.utils.optional import require_packages

GENERATOR, SEGMENTOR, MASK = "generator.onnx", "segmentor.onnx", "mask.png"

MAX_OTHER_PIXELS = 0.001
"""Largest share of pixels for which an exported segmentor may find another class: two may be equally probable."""

MAX_PROBABILITY_DIFFERENCE = 0.001


def export_onnx(
    name: str,
    out: Path,
    *,
    title: str | None = None,
    data_note: str | None = None,
    license: str | None = None,
    grader: str | None = None,
    attribute_grader: str | None = None,
    overwrite: bool = False,
) -> list[tuple[str, int]]:
    """Write the folder ``out``: generator, segmentor and graders as ONNX files, and a mask to try them with.

    Each file takes and returns bytes as images are stored: one-hot encoding, ranges and rounding are part of it. Its
    metadata hold the schema, the model's title, license and the note on its data.

    Args:
        name: the model, as ``scgan.models.find.find_model`` takes it.
        out: the folder.
        title, data_note, license, grader, attribute_grader, overwrite: as for ``scgan.exports.folder.export_model``.

    Returns:
        The files and their sizes in bytes.

    Raises:
        UserError: there is no such model; ``out`` exists or holds the model; graders are not the model's; a network
            cannot be exported, or its file does not compute what PyTorch computes on the model's examples.
    """
    require_packages("--format onnx", "onnx", "onnx", "onnxruntime")
    folder = find_model(name)
    check_target(folder, out, overwrite)
    with claimed_folder(out, overwrite):
        return _export(
            folder, out, title=title, data_note=data_note, license=license, graders=(grader, attribute_grader)
        )


def _export(
    folder: Path,
    out: Path,
    *,
    title: str | None,
    data_note: str | None,
    license: str | None,
    graders: tuple[str | None, str | None],
) -> list[tuple[str, int]]:
    """Write the files, as ``export_onnx``; ``graders`` are those of masks and of attributes."""
    model = load_model(folder)
    grader_folders = find_graders(folder, model, *graders)
    about = {
        "title": title or model.about.title or out.resolve().name,
        "license": license_of(model.about, license),
        "data_note": data_note or data_note_of(model.about),
    }
    with atomic_folder(out) as partial:
        write_generator(partial / GENERATOR, model, {"network": "generator", **about})
        images = _checked_images(partial / GENERATOR, model)
        about["schema"] = json.dumps(model.schema.to_json())
        if model.segmentor is not None:
            _write_segmentor(partial / SEGMENTOR, model.segmentor, images, {"network": "segmentor", **about})
        for kind, source in grader_folders.items():
            _write_grader(partial / f"{kind.name}.onnx", kind, source, images, {"network": kind.name, **about})
        save_mask(partial / MASK, model.examples.segmentations[0], model.schema)
        return sizes(partial)


def _checked_images(file: Path, model: Model) -> NDArray[np.uint8]:
    """Images of the model's examples by an exported generator, after their comparison with PyTorch."""
    engine = OnnxRuntimeEngine.open(file.read_bytes(), file.name, thread_count())
    masks, attributes, _ = model.examples
    require_same_images(engine, model, len(masks))
    latents = np.zeros((len(masks), model.config.generator.latent_size), np.float32)
    return engine(masks, latents, attributes.astype(np.float32))


def _write_segmentor(file: Path, network: nn.Module, images: NDArray[np.uint8], about: dict[str, str]) -> None:
    classes, expected = _write(file, ImageSegmentor(network), images, "segmentation", about)
    share = (classes != expected).mean()
    if share > MAX_OTHER_PIXELS:
        raise UserError(f"the exported {file.stem} finds another class than PyTorch in {share:.1%} of the pixels.")


def _write_grader(file: Path, kind: GraderKind, source: Path, images: NDArray[np.uint8], about: dict[str, str]) -> None:
    network = load_grader_network(kind, source, read_grader_description(source).schema).requires_grad_(False)
    if kind != ATTRIBUTES:
        _write_segmentor(file, network, images, about)
        return
    probabilities, expected = _write(file, ImageClassifier(network), images, "probabilities", about)
    difference = np.abs(probabilities - expected).max(initial=0)
    if difference > MAX_PROBABILITY_DIFFERENCE:
        raise UserError(f"the probabilities of the exported {file.stem} are up to {difference:.3f} off PyTorch's.")


def _write(
    file: Path, network: nn.Module, images: NDArray[np.uint8], output: str, about: dict[str, str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Write a network that takes images; returns its results by ONNX Runtime and by PyTorch."""
    write_onnx(file, network.eval(), {"images": torch.from_numpy(images[:1])}, output, about)
    session = open_session(file.read_bytes(), file.name, thread_count())
    with torch.inference_mode():
        expected = network(torch.from_numpy(images)).numpy()
    return session.run(None, {"images": images})[0].astype(np.float64), expected.astype(np.float64)
