"""Running studio for the scripts that measure it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running_studio import Studio as RunningStudio
from studio_process import Studio


@pytest.fixture(scope="session")
def studio(tiny_model: Path) -> Iterator[Studio]:
    running = RunningStudio([tiny_model])
    running.start()
    yield Studio(running.port, running.models[0].id)
    running.stop()
