"""Numbers of the paper (Table 1) and its poster, printed next to the results. Does not import torch."""

from __future__ import annotations

from typing import NamedTuple


class PaperResults(NamedTuple):
    """Results on a data set.

    Attributes:
        images: seen in 20 epochs of its training split.
        numbers: by title of a variant, then of a metric. Mask accuracy (the paper's pixel accuracy) as in Table 1 where
            that has the method, else as on the poster; mean IoU and FID as on the poster, which has IoU in percent.
    """

    images: int
    numbers: dict[str, dict[str, float]]


PAPER = {
    "celeba": PaperResults(
        20 * 162_770,
        {
            "CycleGAN": {"mask accuracy": 0.9292},
            "Pix2Pix": {"mask accuracy": 0.9805, "mean IoU": 0.7871, "FID": 20.4},
            "SPADE": {"mask accuracy": 0.9782, "mean IoU": 0.7476, "FID": 18.5},
            "SCGAN": {"mask accuracy": 0.9895, "mean IoU": 0.7911, "FID": 10.2},
            "floor": {"mask accuracy": 0.9204},
            "ceiling": {"mask accuracy": 0.9928},
        },
    ),
    "deepfashion": PaperResults(
        20 * 70_000,
        {
            "CycleGAN": {"mask accuracy": 0.8221, "mean IoU": 0.6326, "FID": 30.1},
            "Pix2Pix": {"mask accuracy": 0.8291, "mean IoU": 0.6541, "FID": 24.4},
            "SPADE": {"mask accuracy": 0.8310, "mean IoU": 0.7580, "FID": 20.2},
            "SCGAN": {"mask accuracy": 0.8323, "mean IoU": 0.7720, "FID": 19.8},
            "floor": {"mask accuracy": 0.8027},
            "ceiling": {"mask accuracy": 0.8341},
        },
    ),
}
