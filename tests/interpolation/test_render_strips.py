"""Images of paths: broadcasting, layout of images and masks, drift along a strip."""

import numpy as np
import pytest

from scgan.interpolation import layout, render
from scgan.interpolation.measures import drift


class Model:
    """Model whose image shows its inputs: the mask in red, the attributes in green, the latent in blue."""

    def generate(self, segmentation: np.ndarray, attributes: np.ndarray, latent: np.ndarray) -> np.ndarray:
        green, blue = (np.broadcast_to(values[:, :1, None], segmentation.shape) for values in (attributes, latent))
        return np.stack([segmentation, green, blue], axis=-1).astype(np.uint8)


def test_render_broadcasts_leading_axes() -> None:
    masks = np.arange(3, dtype=np.uint8)[:, None, None].repeat(4, 1).repeat(4, 2)  # (3, 4, 4)
    latents = np.array([[10.0], [20.0]])
    images = render(Model(), masks, np.array([5.0]), latents[:, None])  # type: ignore[arg-type]
    assert images.shape == (2, 3, 4, 4, 3)
    for row in range(2):
        for column in range(3):
            assert (images[row, column] == (column, 5, 10 * row + 10)).all()


def test_render_makes_many(capfd: pytest.CaptureFixture[str]) -> None:
    images = render(Model(), np.zeros((2, 2), int), np.zeros(1), np.arange(40.0)[:, None])  # type: ignore[arg-type]
    assert images[:, 0, 0, 2].tolist() == list(range(40))
    assert "generate: 40/40" in capfd.readouterr().err


def cells(rows: int, columns: int, first: int = 0) -> np.ndarray:
    """Each of one grey value, counted row by row."""
    values = first + np.arange(rows * columns, dtype=np.uint8).reshape(rows, columns)
    return np.broadcast_to(values[..., None, None, None], (rows, columns, 8, 8, 3))


def values(sheet: np.ndarray) -> list[list[int]]:
    """The grey value of each image of a sheet."""
    return sheet[4::10, 4::10, 0].tolist()


class TestSheet:
    def test_alone(self) -> None:
        assert values(layout.sheet(cells(2, 3))) == [[0, 1, 2], [3, 4, 5]]

    def test_shared_masks_stand_above(self) -> None:
        assert values(layout.sheet(cells(2, 3), cells(1, 3, 100))) == [[100, 101, 102], [0, 1, 2], [3, 4, 5]]

    def test_masks_of_rows_stand_to_the_left(self) -> None:
        assert values(layout.sheet(cells(2, 3), cells(2, 1, 100))) == [[100, 0, 1, 2], [101, 3, 4, 5]]

    def test_one_mask_stands_to_the_left_of_every_row(self) -> None:
        assert values(layout.sheet(cells(2, 2), cells(1, 1, 100))) == [[100, 0, 1], [100, 2, 3]]

    def test_a_grid_of_masks_stands_to_the_left(self) -> None:
        assert values(layout.sheet(cells(2, 2), cells(2, 2, 100))) == [[100, 101, 0, 1], [102, 103, 2, 3]]


class TestFrames:
    def test_columns_become_frames(self) -> None:
        assert [values(frame) for frame in layout.frames(cells(2, 3))] == [[[0, 3]], [[1, 4]], [[2, 5]]]

    def test_a_shared_mask_stands_to_the_left(self) -> None:
        frames = layout.frames(cells(2, 2), cells(1, 2, 100))
        assert [values(frame) for frame in frames] == [[[100, 0, 2]], [[101, 1, 3]]]
        assert values(layout.frames(cells(1, 2), cells(1, 1, 100))[1]) == [[100, 1]]

    def test_masks_of_rows_stand_above(self) -> None:
        frames = layout.frames(cells(2, 2), cells(2, 1, 100))
        assert [values(frame) for frame in frames] == [[[100, 101], [0, 2]], [[100, 101], [1, 3]]]


class TestDrift:
    def test_by_hand(self) -> None:
        images = np.zeros((3, 16, 16, 3), np.uint8)
        masks = np.zeros((3, 16, 16), np.uint8)
        masks[:, 4:12, 4:12] = 1
        images[1:, 4:12, 4:12] = 255  # changes of the foreground are no drift
        images[2, :2] = 51  # 0.2 in 2 of 16 rows, in one of the two frames that are compared with the middle one
        measured = drift(images, masks)
        assert measured.background == pytest.approx(0.1 * 32 / (256 - 64))
        assert measured.border == pytest.approx(0.1 * 32 / (256 - 144))
        steps = np.array([64 / 256, 0.2 * 32 / 256])
        assert measured.step == pytest.approx(steps.max() / steps.mean())

    def test_a_strip_that_stands_still(self) -> None:
        measured = drift(np.full((4, 8, 8, 3), 7, np.uint8), np.ones((4, 8, 8), int))
        assert np.isnan(measured).all()
