"""Masks of photos by a segmentation network of the user's, a TensorFlow Lite file."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from scgan.schema import Schema
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.text import join_names, join_or, shorten

_MAX_SIDE = 1024  # pixels of a mask; networks see 256 or 512
_PRESENT = 0.5
_METADATA = b"TFLITE_METADATA"
_NORMALIZATION = 1  # number of NormalizationOptions among the kinds of options in the metadata schema


class PhotoParser:
    """Segmentation network, from a file, whose classes stand for those of a model.

    The network takes one image (1, H, W, 3) and gives a score for each pixel and class, (1, h, w, C), or the
    probability of its one class, (1, h, w, 1). Names of classes and the range of the input come from the metadata that
    files of MediaPipe have; without them classes have numbers, and the input is in [0, 1].

    Args:
        file: the network, .tflite.
        classes: classes of the model for those of the network, like ``"body-skin=skin"``; classes that are not named
            here go by their names.
        schema: of the model.

    Raises:
        UserError: the file cannot be used, or a class has no counterpart in the model.
    """

    def __init__(self, file: Path, classes: Sequence[str], schema: Schema) -> None:
        require_packages("--parser", "parser", "ai_edge_litert")
        self._file = file
        content = _read(file)
        self._interpreter = _open(file, content)
        (self._input,), (self._output,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._mean, self._deviation = _normalization(file, content)
        count = int(self._output["shape"][3])
        self._table = match_classes(file, _class_names(file, count), classes, schema)

    def segment(self, photo: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Find the mask of a photo, uint8 (H, W, 3): classes of the model, uint8 (h, w), at most 1024 pixels long.

        Raises:
            UserError: the network fails, or gives no scores.
        """
        height, width = (int(side) for side in self._input["shape"][1:3])
        pixels = np.asarray(Image.fromarray(photo).resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2))
        try:
            self._interpreter.set_tensor(self._input["index"], self._prepared(pixels)[None])
            self._interpreter.invoke()
            scores = self._interpreter.get_tensor(self._output["index"])[0].astype(np.float32)
        except (RuntimeError, ValueError) as error:
            raise UserError(
                f"{self._file} cannot compute a mask ({shorten(error)}): choose another network."
            ) from error
        if not np.isfinite(scores).all():
            raise UserError(f"{self._file} gives scores that are not finite: choose another network.")
        if scores.shape[2] == 1:
            scores = self._with_background(scores)
        return self._table[_enlarge(scores, photo.shape).argmax(axis=2)]

    def _prepared(self, pixels: NDArray[np.uint8]) -> NDArray[Any]:
        """Convert pixels (H, W, 3) to the type and range of the network's input."""
        kind = np.dtype(self._input["dtype"])
        if kind == np.uint8:
            return pixels
        if kind == np.int8:
            return (pixels.astype(np.int16) - 128).astype(np.int8)
        return ((pixels.astype(np.float32) - self._mean) / self._deviation).astype(kind)

    def _with_background(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Add the score of the background to that of the only class, (H, W, 1) → (H, W, 2)."""
        scale, zero = self._output["quantization"]
        probability = (scores - zero) * scale if scale else scores
        if probability.min() < 0 or probability.max() > 1:
            raise UserError(f"{self._file} has one class, but its output is no probability: choose another network.")
        return np.concatenate([np.full_like(probability, _PRESENT), probability], axis=2)


def refuse_classes_alone(parser: Path | None, classes: Sequence[str]) -> None:
    """Check that classes of a network come with the network.

    Raises:
        UserError: there are classes without a network.
    """
    if classes and parser is None:
        raise UserError("--parser-classes are those of a network: give it as --parser.")


def match_classes(file: Path, names: Sequence[str], classes: Sequence[str], schema: Schema) -> NDArray[np.uint8]:
    """Find the model's class for each class of a network.

    Args:
        file: the network, for errors.
        names: of its classes.
        classes: like ``"body-skin=skin"``, names or numbers; others go by their names.
        schema: of the model.

    Returns:
        uint8 (C,).

    Raises:
        UserError: a name is unknown, named twice, or has no counterpart.
    """
    table: dict[int, int] = {}
    for text in classes:
        name, separator, target = text.partition("=")
        if not separator:
            raise UserError(f"--parser-classes {text}: write CLASS=CLASS, like {names[0]}={schema.class_names[0]}.")
        index = _find(name, names, f"--parser-classes {text}: {file}")
        if index in table:
            raise UserError(f"--parser-classes names {names[index]} twice: leave out one.")
        table[index] = _find(target, schema.class_names, f"--parser-classes {text}: the model")
    own = {_simple(name): index for index, name in enumerate(schema.class_names)}
    for index, name in enumerate(names):
        if index not in table and _simple(name) in own:
            table[index] = own[_simple(name)]
    missing = [name for index, name in enumerate(names) if index not in table]
    if missing:
        example = f"{missing[0]}={schema.class_names[0]}".replace(" ", "-")
        raise UserError(
            f"{file}: the model has no class like {join_or(missing)}, its classes are "
            f"{join_names(schema.class_names)}: say what they stand for, like --parser-classes {example}."
        )
    return np.array([table[index] for index in range(len(names))], np.uint8)


def _find(name: str, names: Sequence[str], owner: str) -> int:
    """Find a class by its name or number."""
    simple = [_simple(other) for other in names]
    if _simple(name) in simple:
        return simple.index(_simple(name))
    if name.strip().isdecimal() and int(name) < len(names):
        return int(name)
    raise UserError(f"{owner} has no class {name.strip()!r}: its classes are {join_names(names)}.")


def _simple(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UserError(f"{file} cannot be read ({error.strerror}): give a segmentation network, .tflite.") from error


def _open(file: Path, content: bytes) -> Any:
    """Load a network, and check the shapes of its input and output."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        # With its default delegate, which says so on stderr: MediaPipe's segmenters have operators of this alone.
        interpreter = Interpreter(model_content=content, num_threads=1)
        interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise UserError(
            f"{file} is no network that TensorFlow Lite can run ({shorten(error)}): give a segmentation "
            "network, .tflite."
        ) from error
    inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
    shapes = [[tuple(map(int, part["shape"])) for part in parts] for parts in (inputs, outputs)]
    fits = (
        [len(parts) for parts in shapes] == [1, 1]
        and all(len(shape) == 4 and shape[0] == 1 and min(shape) > 0 for (shape,) in shapes)
        and shapes[0][0][3] == 3
        and shapes[1][0][3] <= 256
    )
    if not fits:
        raise UserError(
            f"{file} has inputs {shapes[0]} and outputs {shapes[1]}; expected one image (1, H, W, 3) and scores of its "
            "classes (1, H, W, C): give a segmentation network."
        )
    return interpreter


def _class_names(file: Path, count: int) -> list[str]:
    """Read the names of a network's classes from the label file that is packed into it, else their numbers."""
    names: list[str] = []
    if zipfile.is_zipfile(file):
        try:
            with zipfile.ZipFile(file) as archive:
                lists = [archive.read(name) for name in archive.namelist() if "label" in name and name.endswith(".txt")]
            names = [line.strip() for line in lists[0].decode("utf-8").splitlines() if line.strip()] if lists else []
        except (zipfile.BadZipFile, UnicodeDecodeError, RuntimeError) as error:
            raise UserError(
                f"{file}: its names of classes are damaged ({shorten(error)}): get the file again."
            ) from error
    if count == 1:
        return ["background", names[0] if len(names) == 1 else "foreground"]
    return names if len(names) == count else [str(index) for index in range(count)]


def _normalization(file: Path, content: bytes) -> tuple[float, float]:
    """Read mean and standard deviation of the input, of 255, from the metadata of a network; else those for [0, 1]."""
    from ai_edge_litert import schema_py_generated as schema

    network = schema.Model.GetRootAs(content, 0)
    for index in range(network.MetadataLength()):
        part = network.Metadata(index)
        if part.Name() == _METADATA:
            try:
                return _parse_normalization(network.Buffers(part.Buffer()).DataAsNumpy().tobytes())
            except Exception as error:  # FlatBuffers read whatever is there
                raise UserError(f"{file}: its metadata are damaged ({shorten(error)}): get the file again.") from error
    return 0.0, 255.0


def _parse_normalization(metadata: bytes) -> tuple[float, float]:
    """Read NormalizationOptions of the first input: ModelMetadata → SubGraphMetadata → TensorMetadata → ProcessUnit."""
    from flatbuffers import encode, number_types
    from flatbuffers.table import Table

    def tables(table: Any, field: int) -> Iterator[Any]:
        offset = table.Offset(4 + 2 * field)
        for index in range(table.VectorLen(offset) if offset else 0):
            yield Table(metadata, table.Indirect(table.Vector(offset) + 4 * index))

    root = Table(metadata, encode.Get(number_types.UOffsetTFlags.packer_type, metadata, 0))
    units = (unit for graph in tables(root, 3) for tensor in tables(graph, 2) for unit in tables(tensor, 4))
    for unit in units:
        kind, options = unit.Offset(4), unit.Offset(6)
        if not kind or metadata[unit.Pos + kind] != _NORMALIZATION or not options:
            continue
        values = Table(metadata, unit.Indirect(unit.Pos + options))
        mean, deviation = (
            float(np.frombuffer(metadata, "<f4", 1, values.Vector(values.Offset(4 + 2 * field)))[0]) for field in (0, 1)
        )
        if not (np.isfinite([mean, deviation]).all() and deviation > 0):
            raise ValueError(f"mean {mean:g} and deviation {deviation:g} of the input")
        return mean, deviation
    return 0.0, 255.0


def _enlarge(scores: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Interpolate scores (h, w, C) to the proportions of a photo (H, W, 3)."""
    height, width = shape[:2]
    scale = min(1.0, _MAX_SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    layers = [Image.fromarray(np.ascontiguousarray(layer)) for layer in np.moveaxis(scores, 2, 0)]
    return np.stack([np.asarray(layer.resize(size, Image.Resampling.BILINEAR)) for layer in layers], axis=2)
