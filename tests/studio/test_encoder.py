"""Videos encoded in another process."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from scgan.studio.encoder import encode_video
from scgan.utils.errors import UserError

FRAMES = np.zeros((3, 32, 32, 3), np.uint8)
FRAMES[1], FRAMES[2] = 120, 250


def test_frames_are_enlarged_and_played_back_and_forth() -> None:
    with Image.open(BytesIO(encode_video(FRAMES, "gif", 10, back_and_forth=True))) as video:
        assert (video.format, video.size, getattr(video, "n_frames", 0)) == ("GIF", (256, 256), 4)
        video.seek(2)
        assert np.asarray(video.convert("L")).mean() > 240


def test_failure_of_the_process_is_one_sentence() -> None:
    with pytest.raises(UserError, match=r"could not be encoded \(.*gif or"):
        encode_video(FRAMES, "avi", 10, back_and_forth=False)
