"""Notes in the metadata of edited photos."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scgan.editing.notes import edit_note, save_with_note


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_note_can_be_read(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"edited{suffix}"
    save_with_note(file, np.full((8, 8, 3), 90, np.uint8), edit_note("größer"))
    with Image.open(file) as image:
        assert image.size == (8, 8)
        texts = image.info if suffix == ".png" else image.getexif()
        description, software = ("Description", "Software") if suffix == ".png" else (0x010E, 0x0131)
        assert texts[software] == "scgan"
        assert texts[description].startswith("Edited by scgan: parts of this photo were generated")
        assert "gr\\xf6\\xdfer" in texts[description]
    assert b"compositeWithTrainedAlgorithmicMedia" in file.read_bytes()
