"""Threads of the studio, one for each kind of work. The event loop itself computes nothing."""

from __future__ import annotations

from scgan.faces.detector import DetectorName
from scgan.studio.reading import FileReader
from scgan.studio.worker import Worker

_NAMES = ("models", "photos", "drawings", "videos", "inversions")
_MAX_WAITING = {"inversions": 8}  # each keeps a generator and features in memory


class Workers:
    """Separate threads, so that a photo or a video does not delay images, and an image does not delay a dragged point.

    Attributes:
        models: generates images and segments photos.
        photos: waits for the process that reads uploaded files and detects faces.
        drawings: draws masks of points, and writes masks and JSON files.
        videos: waits for the process that encodes a video, and puts edited photos together.
        inversions: refines the inputs that make photos again, step by step.
        files: the process that reads files.
    """

    models: Worker
    photos: Worker
    drawings: Worker
    videos: Worker
    inversions: Worker

    def __init__(self, detector: DetectorName = "auto") -> None:
        """``detector`` finds the landmarks in photos."""
        self.files = FileReader(detector=detector)

    def start(self) -> None:
        """Start the threads."""
        for name in _NAMES:
            setattr(self, name, Worker(name, _MAX_WAITING.get(name, 64)))

    def close(self) -> None:
        """End all jobs, and stop the threads."""
        self.files.close()
        for name in _NAMES:
            worker: Worker | None = getattr(self, name, None)
            if worker is not None:
                worker.close()
