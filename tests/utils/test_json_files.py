"""JSON files: bounds, digests, halves of characters."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.utils.json_files import JsonError, encodable, parse_json, read_json, require_encodable, seal, unseal


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not UTF-8 text at byte 0"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"9" * 10_000, "not JSON"),
        (b"[1, 2, 3, 4, 5]", "it has more than 12 bytes"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(JsonError, match=reason):
        read_json(tmp_path / "file", 12 if content.startswith(b"[1") else 2**20)
    with pytest.raises(JsonError, match="Is a directory"):
        read_json(tmp_path)


def test_a_seal_breaks_with_any_value() -> None:
    values = {"b": [1, 2.5, None], "a": {"c": "text"}}
    sealed = seal(values)
    assert unseal(sealed) == values
    for changed in ({**sealed, "b": [1, 2.5]}, {**sealed, "a": {}}, {**sealed, "d": 1}, {**sealed, "digest": "0" * 16}):
        with pytest.raises(JsonError, match="changed since it was written"):
            unseal(changed)
    with pytest.raises(JsonError, match="no digest"):
        unseal(values)
    assert unseal(values, required=False) == values
    for other in ([], None, 3, "text"):
        with pytest.raises(JsonError, match="not an object"):
            unseal(other, required=False)


def test_halves_of_characters() -> None:
    values = parse_json('{"a": ["\\ud800", "\\ud83d\\ude00"]}')
    with pytest.raises(JsonError, match="half a character"):
        require_encodable(values)
    written = encodable(values)
    require_encodable(written)
    assert written == {"a": ["\\ud800", "😀"]}
