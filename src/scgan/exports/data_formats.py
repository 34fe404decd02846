"""A prepared folder as a data set of another library: Hugging Face's ``datasets``, or WebDataset."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scgan.data.items import SPLITS
from scgan.data.prepared import PreparedDataset
from scgan.inference.mask_files import classes_json, save_mask
from scgan.utils.batching import batches
from scgan.utils.files import atomic_folder, claimed_folder
from scgan.utils.images import png
from scgan.utils.optional import require_packages
from scgan.utils.progress import progress

DATA_FORMATS = ("datasets", "webdataset")

ITEMS_PER_TAR = 1000


def export_data(dataset: PreparedDataset, out: Path, format: str, overwrite: bool = False) -> None:
    """Write all items, without loss, and ``classes.json`` for ``scgan prepare folder --images OUT``.

    Images and masks are PNG files; pixels of a mask are class indices.

    - ``datasets``: a ``DatasetDict``, as ``datasets.load_from_disk`` reads it, with the columns ``name``, ``image``,
      ``mask``, each attribute as a float32, and ``landmarks`` (68, 2) where there are some.
    - ``webdataset``: tar files of at most 1,000 items, ``train-000000.tar`` and so on, with ``image.png``, ``mask.png``
      and ``json`` (name, attributes, landmarks) for each item.

    Args:
        dataset: the prepared folder.
        out: the new folder.
        format: one of ``DATA_FORMATS``.
        overwrite: replace ``out``.

    Raises:
        UserError: the library is not installed, or ``out`` exists.
    """
    require_packages(f"--format {format}", format, format)
    write = _write_datasets if format == "datasets" else _write_tars
    with claimed_folder(out, overwrite), atomic_folder(out) as folder:
        write(dataset, folder)
        classes = classes_json(dataset.schema)
        (folder / "classes.json").write_text(json.dumps(classes, indent=1), encoding="utf-8")


def _write_datasets(dataset: PreparedDataset, folder: Path) -> None:
    import datasets

    columns: dict[str, Any] = {"name": datasets.Value("string"), "image": datasets.Image(), "mask": datasets.Image()}
    columns |= {name: datasets.Value("float32") for name in dataset.schema.attribute_names}
    if dataset.landmarks is not None:
        columns["landmarks"] = datasets.Array2D((68, 2), "float32")
    # The library writes to a cache first, and shows a progress of its own.
    with TemporaryDirectory(dir=folder) as cache:
        splits = {
            split: datasets.Dataset.from_generator(
                partial(_datasets_rows, dataset, split),
                features=datasets.Features(columns),
                cache_dir=cache,
                fingerprint=f"{dataset.fingerprint}-{split}",
            )
            for split in SPLITS
            if dataset.splits.count(split)
        }
        datasets.DatasetDict(splits).save_to_disk(str(folder))


def _datasets_rows(dataset: PreparedDataset, split: str) -> Iterator[dict[str, Any]]:
    rows = dataset.rows_of(split).tolist()
    with progress(f"export {split}", len(rows)) as advance:
        for row in rows:
            files = {"image": {"bytes": _image(dataset, row)}, "mask": {"bytes": _mask(dataset, row)}}
            landmarks = {} if dataset.landmarks is None else {"landmarks": dataset.landmarks[row]}
            yield {"name": _name(dataset, row), **files, **_attributes(dataset, row), **landmarks}
            advance(1, "")


def _write_tars(dataset: PreparedDataset, folder: Path) -> None:
    from webdataset import TarWriter

    with progress("export", len(dataset)) as advance:
        for split in SPLITS:
            rows = dataset.rows_of(split).tolist()
            for number, part in enumerate(batches(len(rows), ITEMS_PER_TAR)):
                # A fixed time: the same data give the same bytes.
                with TarWriter(str(folder / f"{split}-{number:06d}.tar"), encoder=False, mtime=0) as tar:
                    for row in rows[part]:
                        tar.write(_sample(dataset, row))
                        advance(1, "")


def _sample(dataset: PreparedDataset, row: int) -> dict[str, Any]:
    values: dict[str, Any] = {"name": _name(dataset, row), **_attributes(dataset, row)}
    if dataset.landmarks is not None:
        values["landmarks"] = dataset.landmarks[row].tolist()
    # Names of items may hold dots, which end a key.
    return {
        "__key__": f"{row:08d}",
        "image.png": _image(dataset, row),
        "mask.png": _mask(dataset, row),
        "json": json.dumps(values).encode(),
    }


def _name(dataset: PreparedDataset, row: int) -> str:
    """Name of an item, as text that every library can store."""
    return dataset.names[row].encode("utf-8", "replace").decode("utf-8")


def _attributes(dataset: PreparedDataset, row: int) -> dict[str, float]:
    return dict(zip(dataset.schema.attribute_names, map(float, dataset.attributes[row]), strict=True))


def _image(dataset: PreparedDataset, row: int) -> bytes:
    return png(dataset.images[row])


def _mask(dataset: PreparedDataset, row: int) -> bytes:
    file = BytesIO()
    save_mask(file, dataset.segmentations[row], dataset.schema)
    return file.getvalue()
