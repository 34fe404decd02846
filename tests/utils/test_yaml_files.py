"""YAML within bounds."""

from __future__ import annotations

import pytest
import yaml

from scgan.utils.yaml_files import MAX_YAML_BYTES, YamlError, parse_yaml


def test_types_and_text() -> None:
    assert parse_yaml("a: [1, null]\nb: {c: true}") == {"a": [1, None], "b": {"c": True}}
    assert parse_yaml("a: [1, null]", yaml.BaseLoader) == {"a": ["1", "null"]}
    assert parse_yaml("") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &a [1]\nb: *a", r"line 2 has an alias, \*a: write the value itself"),
        ("[" * 100_000, "line 1 is nested too deeply"),
        ("a: [", "expected the node content"),
        ("a: !!python/object:os.system 1", "could not determine a constructor"),
        ("a: 2000-99-99", "month must be in"),
        ("#" * (MAX_YAML_BYTES + 1), "it has more than 1,048,576 characters"),
        ("a: *none", "an alias"),
    ],
)
def test_texts_that_cannot_be_read(text: str, reason: str) -> None:
    with pytest.raises(YamlError, match=reason):
        parse_yaml(text)
