"""Networks that are larger than the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from scgan.config import Config
from scgan.data.prepared import PreparedDataset
from scgan.recipes import with_settings
from scgan.runs.memory import require_memory
from scgan.schema import Schema
from scgan.utils.errors import UserError


@pytest.fixture
def schema(toy_data: Path) -> Schema:
    return PreparedDataset.open(toy_data).schema


def test_networks_that_the_machine_cannot_hold_are_refused(tiny: Config, schema: Schema) -> None:
    config = with_settings(tiny, {"method": "pix2pix", "generator.width": 1024})
    require_memory(config, schema, 2**40)
    with pytest.raises(UserError, match=r"weights, whose training takes \d+ GB of memory at least, and there are 1 GB"):
        require_memory(config, schema, 2**30)


def test_usual_networks_and_machines_that_say_nothing_are_accepted(tiny: Config, schema: Schema) -> None:
    require_memory(tiny, schema, 1)
    require_memory(with_settings(tiny, {"method": "pix2pix", "generator.width": 1024}), schema, 0)
