"""Annotation files as the packages of labelling tools write them, for tests/data/annotations/files/exports.

    python -m venv tools-env
    tools-env/bin/pip install datumaro==1.13.12 label-studio-sdk==2.1.2 labelme==6.3.1
    tools-env/bin/python tools/annotation_files.py tests/data/annotations/files/exports

The scene has 32×24 pixels: "ground" is the lower half, "ball" a ring with a hole that covers it in part, "box" a
rectangle.
There are two annotated photos, "a" and "b b", and "c" without a region. The class "never" has no region.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

VERSIONS = {"datumaro": "1.13.12", "label-studio-sdk": "2.1.2", "labelme": "6.3.1"}
HEIGHT, WIDTH = 24, 32
GROUND = [(0, 12), (32, 12), (32, 24), (0, 24)]
BOX = [(20, 4), (28, 4), (28, 10), (20, 10)]
LABELS = ("background", "ground", "ball", "box", "never")
NAMES = ("a", "b b", "c")


def ring() -> Any:
    row, column = np.mgrid[:HEIGHT, :WIDTH]
    radius = np.hypot(column - 10, row - 10)
    return (radius >= 3) & (radius <= 6)


def write_datumaro(folder: Path) -> None:
    """COCO, CVAT and VOC by Datumaro, which CVAT exports with, too."""
    import datumaro
    from datumaro.components.annotation import Bbox, Mask, Points, Polygon
    from datumaro.components.media import Image as Photo

    def flat(points: list[tuple[int, int]]) -> list[int]:
        return [number for point in points for number in point]

    regions = [
        Polygon(flat(GROUND), label=1, z_order=0, id=1, group=1),
        Mask(ring(), label=2, z_order=1, id=2, group=2),
        Polygon(flat(BOX), label=3, z_order=2, id=3, group=3),
        Bbox(1, 1, 4, 4, label=3, id=4, group=4),
        Points([5, 5], label=3, id=5, group=5),
    ]
    items = [
        datumaro.DatasetItem(
            id=name,
            subset="val" if name == "c" else "train",
            media=Photo.from_numpy(np.zeros((HEIGHT, WIDTH, 3), np.uint8)),
            annotations=[] if name == "c" else regions,
            attributes={"id": number},
        )
        for number, name in enumerate(NAMES, 1)
    ]
    dataset = datumaro.Dataset.from_iterable(items, categories=list(LABELS))
    for name in ("coco", "cvat", "voc_segmentation", "datumaro", "yolo_ultralytics"):
        dataset.export(str(folder / name), name, save_media=False)


def write_label_studio(folder: Path) -> None:
    """JSON and what Label Studio's converter makes of it: COCO, JSON_MIN, brush masks as PNG."""
    from label_studio_sdk.converter import Converter
    from label_studio_sdk.converter.brush import mask2rle

    size = {"original_width": WIDTH, "original_height": HEIGHT, "image_rotation": 0}

    def result(name: str, kind: str, label: str, **value: Any) -> dict[str, Any]:
        named = {"from_name": kind, "to_name": "image", "origin": "manual"}
        return {"id": name, "type": kind, "value": {**value, kind: [label]}, **named, **size}

    points = [[100 * x / WIDTH, 100 * y / HEIGHT] for x, y in GROUND]
    corner = {"x": 100 * 20 / WIDTH, "y": 100 * 4 / HEIGHT}
    results = [
        result("g", "polygonlabels", "ground", points=points, closed=True),
        result("b", "brushlabels", "ball", format="rle", rle=mask2rle(ring().astype(np.uint8) * 255)),
        result("x", "rectanglelabels", "box", **corner, width=25, height=25, rotation=0),
    ]
    tasks = [
        {
            "id": number,
            "data": {"image": address},
            "annotations": [
                {
                    "id": 10 * number,
                    "completed_by": 1,
                    "was_cancelled": False,
                    "ground_truth": False,
                    "created_at": "2026-01-01T00:00:00Z",
                    "updated_at": "2026-01-01T00:00:00Z",
                    "lead_time": 1.0,
                    "result": results,
                }
            ],
            "predictions": [],
        }
        for number, address in enumerate(("/data/upload/3/0a1b2c3d-a.png", "/data/local-files/?d=photos/b%20b.png"), 1)
    ]
    kinds = {"PolygonLabels": "ground", "BrushLabels": "ball", "RectangleLabels": "box"}
    controls = "".join(
        f'<{kind} name="{kind.lower()}" toName="image"><Label value="{label}"/></{kind}>'
        for kind, label in kinds.items()
    )
    converter = Converter(
        f'<View><Image name="image" value="$image"/>{controls}</View>', str(folder), download_resources=False
    )
    tasks_file = folder / "tasks.json"
    tasks_file.write_text(json.dumps(tasks))
    for name in ("JSON", "JSON_MIN", "COCO", "BRUSH_TO_COCO", "BRUSH_TO_PNG", "YOLO"):
        target = folder / f"label_studio_{name.lower()}"
        target.mkdir()
        converter.convert(str(tasks_file), str(target), name, is_dir=False)
    tasks_file.unlink()


def write_labelme(folder: Path) -> None:
    """JSON files, and the masks that labelme's script labelme2voc makes of them with -1 as the ignored value."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import labelme

    row, column = (int(values.min()) for values in np.nonzero(ring()))
    part = ring()[row : row + 13, column : column + 13]

    def shape(label: str, kind: str, points: list[Any], mask: Any = None) -> dict[str, Any]:
        return {"label": label, "shape_type": kind, "points": points, "mask": mask, "flags": {}, "group_id": None}

    drawn = [
        shape("ground", "polygon", [[0, 12], [31, 12], [31, 23], [0, 23]]),
        shape("ball", "mask", [[column, row], [column + 12, row + 12]], part),
        shape("box", "rectangle", [[20, 4], [27, 9]]),
        shape("__ignore__", "rectangle", [[0, 0], [31, 1]]),
    ]
    for name in ("labelme", "labelme_voc/SegmentationClass", "labelme_voc/SegmentationClassNpy"):
        (folder / name).mkdir(parents=True)
    for name in NAMES[:2]:
        stored = [
            {**one, "mask": one["mask"] is not None and labelme.utils.img_arr_to_b64(one["mask"].astype(np.uint8))}
            for one in drawn
        ]
        labelme.LabelFile().save(
            filename=str(folder / "labelme" / f"{name}.json"),
            shapes=[{**one, "mask": one["mask"] or None} for one in stored],
            image_path=f"..\\photos\\{name}.png",
            image_height=HEIGHT,
            image_width=WIDTH,
        )
        values = {label: value for value, label in enumerate(("__ignore__", *LABELS[:4]), -1)}
        mask, _ = labelme.utils.shapes_to_label((HEIGHT, WIDTH), drawn, values)
        np.save(folder / "labelme_voc/SegmentationClassNpy" / f"{name}.npy", mask)
        Image.fromarray(mask.astype(np.uint8)).save(folder / "labelme_voc/SegmentationClass" / f"{name}.png")
    (folder / "labelme_voc/class_names.txt").write_text("\n".join(("_background_", *LABELS[1:4])))


def main() -> None:
    folder = Path(sys.argv[1])
    for name, wanted in VERSIONS.items():
        if version(name) != wanted:
            raise SystemExit(f"{name} {wanted} is needed, {version(name)} is installed")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    writers: tuple[Callable[[Path], None], ...] = (write_datumaro, write_label_studio, write_labelme)
    for write in writers:
        write(folder)
    for empty in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(empty.iterdir()):
            empty.rmdir()


if __name__ == "__main__":
    main()
