"""YAML of unknown origin, read within bounds."""

from __future__ import annotations

from typing import Any

import yaml

MAX_YAML_BYTES = 2**20
_MAX_DEPTH = 32


class YamlError(ValueError):
    """A text cannot be read as YAML. The message is the reason, for a sentence that names the file."""


def parse_yaml(text: str, loader: type[yaml.BaseLoader] | type[yaml.SafeLoader] = yaml.SafeLoader) -> Any:
    """Parse YAML without aliases: a few lines of nested ones stand for more values than fit into memory.

    Args:
        text: the document.
        loader: type of the values, text only or plain types.

    Raises:
        YamlError: it is larger than ``MAX_YAML_BYTES``, not YAML, has an alias, or is nested too deeply.
    """
    if len(text) > MAX_YAML_BYTES:
        raise YamlError(f"it has more than {MAX_YAML_BYTES:,} characters")
    depth = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.AliasEvent):
                name = (event.anchor or "")[:40]
                raise YamlError(f"line {line} has an alias, *{name}: write the value itself")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _MAX_DEPTH:
                raise YamlError(f"line {line} is nested too deeply")
        return yaml.load(text, Loader=loader)
    except (yaml.YAMLError, OverflowError) as error:
        raise YamlError(" ".join(str(error).split())) from error
    except YamlError:
        raise
    except ValueError as error:  # a date like 2000-99-99, a number of too many digits
        raise YamlError(str(error)[:100]) from error
