"""Photos for the tests of the detectors."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="module")
def photos(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """A neutral and a smiling face."""
    neutral, smiling = (sorted((shared_data / "london" / name).glob("*.jpg"))[0] for name in ("neutral", "smiling"))
    return np.asarray(Image.open(neutral).convert("RGB")), np.asarray(Image.open(smiling).convert("RGB"))
