"""Prepared data: a folder of memory-mapped arrays, the same for every source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scgan.data.checksums import Checksums, read_checksums, require_intact
from scgan.data.ignored import fill_ignored
from scgan.data.items import SPLITS, ItemNames, ItemSplits
from scgan.data.prepare.account import Account
from scgan.faces.landmarks import LANDMARK_COUNT
from scgan.schema import Schema
from scgan.utils.errors import UserError
from scgan.utils.files import user_path
from scgan.utils.json_files import JsonError, read_json, unseal

FORMAT = 3

_ALWAYS_CHECKED = {
    f"{name}.npy" for name in ("images", "segmentations", "attributes", "names", "name_ends", "split_rows")
}


@dataclass(frozen=True)
class PreparedDataset:
    """An open prepared folder; the arrays stay on disk until rows are read.

    Attributes:
        path: the folder.
        schema: meaning of the channels.
        images: uint8 (N, H, W, 3), RGB.
        segmentations: uint8 (N, H, W), class indices; ``schema.IGNORED`` where a pixel belongs to no class.
        attributes: float32 (N, n_attributes) in [0, 1].
        landmarks: float32 (N, 68, 2), x and y as fractions of the width and height (0 is the left or top edge of the
            image, 1 the right or bottom edge), or None.
        names: names of the N items in their source, read from disk one by one.
        splits: split of each item, one of ``SPLITS``.
        fingerprint: hexadecimal digest of the arrays, names, splits and schema.
        source: description of the source and its options.
        account: what was kept, found and assumed when the data were prepared.
    """

    path: Path
    schema: Schema
    images: NDArray[np.uint8]
    segmentations: NDArray[np.uint8]
    attributes: NDArray[np.float32]
    landmarks: NDArray[np.float32] | None
    names: Sequence[str]
    splits: ItemSplits
    fingerprint: str
    source: dict[str, Any]
    account: Account = field(default_factory=Account)

    def __len__(self) -> int:
        return len(self.names)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the path: another process maps the same files instead of getting a copy of them."""
        return _open_same, (self.path.absolute(), self.fingerprint)

    def split(self, name: str) -> NDArray[np.int64]:
        """Row numbers of one split, int64.

        Raises:
            UserError: the split has no items.
        """
        rows = self.rows_of(name)
        if not rows.size:
            counts = ", ".join(f"{split} {self.splits.count(split)}" for split in SPLITS)
            raise UserError(f"{self.path} has no items in its {name} split ({counts}).")
        return rows

    def rows_of(self, split: str) -> NDArray[np.int64]:
        """Row numbers of one split, int64; none where it has no items."""
        return self.splits.rows(split)

    def generator_masks(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Masks for a generator, uint8 (n, H, W): ignored pixels have the class of their nearest neighbour."""
        return fill_ignored(np.array(self.segmentations[rows]))

    @staticmethod
    def open(path: Path | str, recheck: bool = False) -> PreparedDataset:
        """Open a prepared folder.

        Its files are checked wholly if they changed since the last check, else in part.

        Args:
            path: the folder.
            recheck: check them wholly in any case.

        Raises:
            UserError: the folder is missing, unfinished, damaged or not a prepared one.
        """
        path = user_path(path)
        if not path.exists():
            if (path.parent / f"{path.name}.partial").exists():
                raise UserError(f"{path} is not finished: run the same `scgan prepare` again to resume it.")
            raise UserError(f"{path} does not exist: make it with `scgan prepare`.")
        file = path / "dataset.json"
        if not file.is_file():
            raise UserError(f"{path} has no dataset.json: it is not a prepared folder; make one with `scgan prepare`.")
        description, checksums, split_counts = _read_description(file)
        schema, count, size = description["schema"], sum(split_counts.values()), description["schema"].image_size
        require_intact(path, checksums, recheck)

        def array(name: str, dtype: type, *shape: int) -> NDArray[Any]:
            return _open_array(path / f"{name}.npy", dtype, (count, *shape))

        return PreparedDataset(
            path=path,
            names=_open_names(path, array("name_ends", np.int64)),
            splits=_open_splits(path / "split_rows.npy", array("split_rows", np.int64), split_counts),
            images=array("images", np.uint8, size, size, 3),
            segmentations=array("segmentations", np.uint8, size, size),
            attributes=array("attributes", np.float32, schema.attribute_count),
            landmarks=array("landmarks", np.float32, LANDMARK_COUNT, 2) if schema.landmarks else None,
            **description,
        )


def _open_same(path: Path, fingerprint: str) -> PreparedDataset:
    """Open the folder that another process has open.

    Raises:
        UserError: this machine does not see it, or sees other data there.
    """
    dataset = PreparedDataset.open(path)
    if dataset.fingerprint != fingerprint:
        raise UserError(f"{path} holds other data on another machine: give all of them the same files.")
    return dataset


def _read_description(file: Path) -> tuple[dict[str, Any], dict[str, Checksums], dict[str, int]]:
    """Fields of ``PreparedDataset`` that dataset.json holds, checksums of the other files, and sizes of the splits.

    Raises:
        UserError: it is damaged, or of another format.
    """
    try:
        values = read_json(file)
        if isinstance(values, dict) and values.get("format", FORMAT) != FORMAT:
            raise UserError(
                f"{file} has format {str(values['format'])[:20]}, this version of scgan reads {FORMAT}: "
                "prepare the data again with --overwrite."
            )
        values = unseal(values)
        fingerprint, source, schema_values = values["fingerprint"], values["source"], values["schema"]
        account = Account.from_json(values["account"])
        if not isinstance(source, dict) or not isinstance(fingerprint, str):
            raise TypeError("its source or fingerprint is of another type")
        splits = {split: int(values["splits"][split]) for split in SPLITS}
        checksums = read_checksums(file.parent, values["checksums"])
        if not checksums.keys() >= _ALWAYS_CHECKED:
            raise KeyError("checksums")
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        reason = error if isinstance(error, JsonError) else repr(error)[:200]
        raise _damaged(file, reason) from error
    description = {
        "schema": Schema.from_json(schema_values, str(file)),
        "fingerprint": fingerprint,
        "source": source,
        "account": account,
    }
    return description, checksums, splits


def _open_names(folder: Path, ends: NDArray[np.int64]) -> ItemNames:
    size = int(ends[-1]) if len(ends) else 0
    return ItemNames(_open_array(folder / "names.npy", np.uint8, (size,)), ends, folder)


def _open_splits(file: Path, rows: NDArray[np.int64], counts: dict[str, int]) -> ItemSplits:
    try:
        return ItemSplits(rows, counts)
    except ValueError as error:
        raise _damaged(file, error) from error


def _damaged(file: Path, reason: object) -> UserError:
    return UserError(f"{file} is damaged ({reason}): prepare the data again with --overwrite.")


def _open_array(file: Path, dtype: type, shape: tuple[int, ...]) -> NDArray[Any]:
    if 0 in shape:  # an empty file, of data without attributes, cannot be mapped
        return np.zeros(shape, dtype)
    try:
        array = np.lib.format.open_memmap(file, mode="r")
    except (OSError, ValueError) as error:
        raise UserError(f"{file} cannot be read ({error}): prepare the data again with --overwrite.") from error
    if array.shape != shape or array.dtype != dtype:
        raise UserError(
            f"{file} holds {array.dtype} {array.shape}, dataset.json asks for {np.dtype(dtype)} {shape}: "
            "prepare the data again with --overwrite."
        )
    return array


def fingerprint_of(digests: Iterable[bytes], schema: Schema, names: list[str], splits: list[str]) -> str:
    """Digest of everything in a prepared folder that training depends on (16 hexadecimal digits).

    Args:
        digests: SHA-256 of the file of each array that ``PreparedDataset`` holds.
        schema, names, splits: of the folder.
    """
    digest = hashlib.sha256(json.dumps([schema.to_json(), names, splits], sort_keys=True).encode())
    for part in digests:
        digest.update(part)
    return digest.hexdigest()[:16]
