"""Classes of Pascal VOC's folders of masks."""

from __future__ import annotations

from pathlib import Path

from scgan.data.masks import Classes, require_unique
from scgan.utils.colors import Color, distinct_colors
from scgan.utils.errors import UserError
from scgan.utils.text import read_text

_VOC_CLASSES = (
    "background",
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
)
_CHALLENGE = "the 20 classes of Pascal VOC, as there is no labelmap.txt or class_names.txt"
_BORDER_INDEX = 255
_BORDER_COLOR = (224, 224, 192)


def read_voc_classes(folder: Path, by_color: bool) -> Classes:
    """Classes of a folder: those of a file of it, else the 20 classes of the challenge.

    The file is ``labelmap.txt`` (name:red,green,blue:…) or labelme's ``class_names.txt`` (a name in each line). The
    border of objects (index 255 or its colour) is ignored.

    Raises:
        UserError: a line of the file is damaged, or two classes have one name or colour.
    """
    names, colors, where = list(_VOC_CLASSES), [_voc_color(index) for index in range(len(_VOC_CLASSES))], _CHALLENGE
    if (file := folder / "labelmap.txt").is_file():
        where = str(file)
        lines = [line.split(":") for line in read_text(file).split("\n") if line.strip() and not line.startswith("#")]
        names = [line[0].strip() for line in lines]
        try:
            colors = [_color(line, index) for index, line in enumerate(lines)]
        except ValueError as error:
            raise UserError(f"{file} has a line that is not name:red,green,blue ({error}).") from error
    elif (file := folder / "class_names.txt").is_file():
        where = str(file)
        names = [line.strip() for line in read_text(file).split("\n") if line.strip()]
        names = names[1:] if names[:1] == ["__ignore__"] else names  # -1, saved as 255
        colors = [_voc_color(index) for index in range(len(names))]
    require_unique(names, where)
    for index, color in enumerate(colors):
        if by_color and color in colors[:index]:
            raise UserError(f"{where}: {names[colors.index(color)]} and {names[index]} have one colour, {list(color)}.")
    values = [red << 16 | green << 8 | blue for red, green, blue in colors] if by_color else list(range(len(names)))
    border = _BORDER_COLOR[0] << 16 | _BORDER_COLOR[1] << 8 | _BORDER_COLOR[2] if by_color else _BORDER_INDEX
    return Classes(
        names=tuple(names),
        colors=tuple(colors) if by_color else distinct_colors(len(names)),
        by_color=by_color,
        values=tuple(values),
        indices=tuple(range(len(names))),
        where=where,
        ignored=() if border in values else (border,),
    )


def _color(line: list[str], index: int) -> Color:
    """The colour of a line of labelmap.txt; where the column is empty that of VOC's palette."""
    if len(line) < 2 or not line[1].strip():
        return _voc_color(index)
    red, green, blue = (int(part) for part in line[1].split(","))
    return red, green, blue


def _voc_color(index: int) -> Color:
    """The colour of an index in VOC's palette: its bits from the highest one down, in turn for red, green, blue."""
    red, green, blue = (sum((index >> 3 * bit + channel & 1) << 7 - bit for bit in range(3)) for channel in range(3))
    return red, green, blue
