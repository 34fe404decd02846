"""JSON files of unknown origin: read within bounds, and sealed by a digest of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from scgan.utils.errors import is_system_fault
from scgan.utils.special_files import require_regular

MAX_JSON_BYTES = 2**28
"""Size of the largest JSON file that is read: names and splits of some millions of items."""

_SEAL = "digest"


class JsonError(ValueError):
    """A file cannot be read as JSON. The message is the reason, for a sentence that names the file."""


def read_json(file: Path, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """Read a JSON file in UTF-8.

    Raises:
        OSError: permissions or limits forbid reading it.
        JsonError: it cannot be read otherwise, is larger than ``max_bytes``, not UTF-8, not JSON, or nested too deeply.
    """
    try:
        require_regular(file)
        with file.open("rb") as stream:
            content = stream.read(max_bytes + 1)
    except OSError as error:
        if is_system_fault(error):
            raise
        raise JsonError(error.strerror or str(error)) from error
    if len(content) > max_bytes:
        raise JsonError(f"it has more than {max_bytes:,} bytes")
    return parse_json(content)


def parse_json(content: bytes | str) -> Any:
    """Parse JSON, UTF-8 where it is bytes.

    Raises:
        JsonError: it is not UTF-8, not JSON, or nested too deeply.
    """
    try:
        return json.loads(content if isinstance(content, str) else content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise JsonError(f"not UTF-8 text at byte {error.start}") from error
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except ValueError as error:  # a number of too many digits has no type of its own
        raise JsonError(f"not JSON: {error}") from error


def seal(values: Mapping[str, Any]) -> dict[str, Any]:
    """Add the digest of JSON values, as JSON values, by which ``unseal`` notices a change."""
    plain: dict[str, Any] = json.loads(json.dumps(values))
    return {**plain, _SEAL: _digest(plain)}


def unseal(values: Any, required: bool = True) -> dict[str, Any]:
    """Check and remove the digest that ``seal`` added.

    Args:
        values: from JSON.
        required: refuse values without a digest; else they are returned as they are.

    Raises:
        JsonError: they are no mapping, have no digest, or were changed since they were sealed.
    """
    if not isinstance(values, dict):
        raise JsonError("not an object")
    if _SEAL not in values:
        if required:
            raise JsonError(f"no {_SEAL}")
        return values
    plain = {name: value for name, value in values.items() if name != _SEAL}
    if values[_SEAL] != _digest(plain):
        raise JsonError("changed since it was written")
    return plain


def encodable(values: Any) -> Any:
    """JSON values with halves of characters (lone surrogates, of undecodable names of files) written as ``\\udcff``."""
    if isinstance(values, str):
        return values.encode("utf-8", "backslashreplace").decode()
    if isinstance(values, dict):
        return {encodable(name): encodable(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [encodable(value) for value in values]
    return values


def require_encodable(values: Any) -> None:
    """Check that all text can be written as UTF-8, so that outputs about these values can be.

    Raises:
        JsonError: a text holds a half of a character (a lone surrogate).
    """
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise JsonError("a text in it holds half a character") from error


def _digest(values: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def file_digest(file: Path) -> str:
    """SHA-256 of a file, 64 hexadecimal digits."""
    require_regular(file)
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
