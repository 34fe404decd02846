"""Export of a model to a folder for any static web host: the studio's page, which generates images in the browser."""

from __future__ import annotations

import gzip
import json
import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from scgan.engines.generator_file import require_same_images, write_generator
from scgan.engines.onnxruntime import OnnxRuntimeEngine
from scgan.exports.card import data_note_of, license_of
from scgan.exports.folder import check_target, sizes
from scgan.faces.mean_face import face_points
from scgan.inference.manifest import manifest_head
from scgan.inference.synthesizer import Synthesizer, require_trained
from scgan.models.attribute_groups import MAX_RARE
from scgan.models.find import find_model
from scgan.models.folder import Model, load_model
from scgan.studio.model import StudioModel
from scgan.utils.devices import thread_count
from scgan.utils.files import atomic_folder, claimed_folder
from scgan.utils.optional import require_packages

STATIC = files("scgan.exports") / "static"
"""Files that replace or complete those of the studio's page."""

_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'"
)
_HEAD = '<meta charset="utf-8">\n'
_SCRIPT = '<script type="module" src="main.js"></script>\n'


def export_web(
    name: str,
    out: Path,
    *,
    title: str | None = None,
    data_note: str | None = None,
    license: str | None = None,
    overwrite: bool = False,
) -> list[tuple[str, int]]:
    """Write the folder ``out``: the studio's page with the model, ONNX Runtime Web and no need of a server of its own.

    The page is that of ``scgan.studio``; ``api.js``, through which it reaches a model, is replaced by one that computes
    in the browser. No request leaves for another host.

    Args:
        name: the model, as ``scgan.models.find.find_model`` takes it.
        out: the folder.
        title, data_note, license, overwrite: as for ``scgan.exports.folder.export_model``; the page's help shows them.

    Returns:
        The parts of the folder and their sizes in bytes.

    Raises:
        UserError: there is no such model; ``out`` exists or holds the model; the generator cannot be exported, was not
            trained, or its file does not compute what PyTorch computes on the model's examples.
    """
    require_packages("--format web", "onnx", "onnx", "onnxruntime")
    folder = find_model(name)
    check_target(folder, out, overwrite)
    with claimed_folder(out, overwrite):
        model = load_model(folder)
        studio_model = StudioModel("model", folder.resolve().name, Synthesizer(model))
        require_trained(studio_model.synthesizer, name)
        about = {
            "title": title or model.about.title or folder.resolve().name,
            "license": license_of(model.about, license),
            "data_note": data_note or data_note_of(model.about),
        }
        with atomic_folder(out) as partial:
            _copy_page(partial)
            (partial / "model").mkdir()
            _write_generator(partial / "model" / "generator.onnx.gz", model, about)
            values = {"about": about, **_model_values(studio_model)}
            (partial / "model" / "model.json").write_text(json.dumps(values), encoding="utf-8")
            return _parts(partial)


def _copy_page(out: Path) -> None:
    for source in (files("scgan.studio") / "page", STATIC):
        with as_file(source) as folder:
            shutil.copytree(folder, out, dirs_exist_ok=True)
    index = out / "index.html"
    page = index.read_text(encoding="utf-8")
    policy = f'  <meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    for mark, added in ((_HEAD, policy), (_SCRIPT, '  <script src="support.js" defer></script>\n')):
        assert page.count(mark) == 1, mark
        page = page.replace(mark, mark + added)
    index.write_text(page, encoding="utf-8")


def _write_generator(file: Path, model: Model, about: dict[str, str]) -> None:
    """Write the generator, check it against PyTorch, and compress it: weights shrink by a third."""
    onnx_file = file.with_suffix("")
    write_generator(onnx_file, model, {"network": "generator", **about})
    content = onnx_file.read_bytes()
    engine = OnnxRuntimeEngine.open(content, onnx_file.name, thread_count())
    require_same_images(engine, model, len(model.examples.segmentations))
    file.write_bytes(gzip.compress(content, mtime=0))
    onnx_file.unlink()


def _model_values(studio_model: StudioModel) -> dict[str, Any]:
    """Values that the page needs beside the generator, for JSON."""
    synthesizer = studio_model.synthesizer
    model = synthesizer.model
    description = studio_model.description().model_dump()
    # The page of a folder reads no photos and writes no videos.
    description |= dict.fromkeys(("can_detect", "can_segment", "can_invert", "can_write_gif", "can_write_mp4"), False)
    points = model.examples.landmarks
    return {
        "description": description,
        "examples": [example.model_dump() for example in studio_model.examples()],
        "latent_size": synthesizer.latent_size,
        "manifest_head": manifest_head(synthesizer),
        "completions": [
            {"names": group.names, "added": group.commonest}
            for group in model.attribute_groups
            if group.none <= MAX_RARE
        ],
        "face_model": _face_model() if model.schema.landmarks else None,
        "mean_face": None if points is None or not len(points) else points.mean(axis=0).tolist(),
    }


def _face_model() -> dict[str, Any]:
    faces = {"neutral": face_points(), "smiling": face_points(smile=1.0), "opened": face_points(mouth_open=1.0)}
    return {name: points.tolist() for name, points in faces.items()}


def _parts(folder: Path) -> list[tuple[str, int]]:
    """Add up the sizes of the page, of the runtime and of the model."""
    parts = {"page": 0, "onnxruntime": 0, "model": 0}
    for file, size in sizes(folder):
        part = file.split("/")[0]
        parts[part if part in parts else "page"] += size
    return list(parts.items())
