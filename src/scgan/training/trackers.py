"""Trackers of trainings besides TensorBoard: Weights & Biases and MLflow, by Lightning's loggers."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from scgan.utils.errors import UserError
from scgan.utils.files import atomic_file
from scgan.utils.json_files import JsonError, read_json
from scgan.utils.optional import require_packages
from scgan.utils.progress import say
from scgan.utils.text import shorten

TRACKER_FILE = "tracker.json"
"""File in the run folder with the identifier that each tracker gave the run, by which a resumed run continues there."""

PACKAGES = {
    "wandb": ("pytorch_lightning", "wandb"),
    "mlflow": ("pytorch_lightning", "mlflow"),
}
"""Packages of each tracker, which the extra of its name installs."""

_PROJECT = "scgan"


class Tracker(Protocol):
    """Place that numbers are written to while a training runs."""

    def write(self, step: int, values: dict[str, float]) -> None: ...

    def close(self) -> None: ...


def require_tracker(name: str) -> None:
    """Check that the packages of a tracker are installed.

    Raises:
        UserError: one is missing.
    """
    require_packages(f"--log.tracker {name}", name, *PACKAGES.get(name, ()))


class LightningTracker:
    """Tracker that one of Lightning's loggers writes to.

    A tracker that fails during the training is left with a sentence: the training is worth more.

    Args:
        name: one of ``PACKAGES``.
        folder: the run folder, whose name the run gets there.
        settings: of the training, by dotted name.

    Raises:
        UserError: the tracker cannot be opened, or ``tracker.json`` is damaged.
    """

    def __init__(self, name: str, folder: Path, settings: Mapping[str, Any]) -> None:
        self._name, self._folder = name, folder
        runs = _known_runs(folder)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of the libraries, about each other
                self._logger = _OPEN[name](folder, runs.get(name))
                self._logger.log_hyperparams(dict(settings))
                runs[name] = _identifier(self._logger)
        except Exception as error:
            raise UserError(
                f"the tracker {name} cannot be opened ({shorten(error)}): correct its own settings, or choose another "
                "--log.tracker (none for log.jsonl only)."
            ) from error
        with atomic_file(folder / TRACKER_FILE) as partial:
            partial.write_text(json.dumps(runs), encoding="utf-8")

    def write(self, step: int, values: dict[str, float]) -> None:
        """Write numbers of a step."""
        self._attempt(lambda logger: logger.log_metrics(values, step))

    def close(self) -> None:
        """Finish the run."""
        self._attempt(_finish)

    def _attempt(self, action: Callable[[Any], object]) -> None:
        if self._logger is None:
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                action(self._logger)
        except Exception as error:  # of any library, over any network
            self._logger = None
            say(f"the tracker {self._name} failed ({shorten(error)}): the training goes on with log.jsonl alone")


def _known_runs(folder: Path) -> dict[str, str]:
    file = folder / TRACKER_FILE
    if not file.exists():
        return {}
    try:
        values = read_json(file)
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise JsonError("no identifiers of runs")
    except JsonError as error:
        raise UserError(
            f"{file} is damaged ({error}): remove it, and the tracker begins a new run from here on."
        ) from error
    return values


def _open_wandb(folder: Path, run: str | None) -> Any:
    from pytorch_lightning.loggers import WandbLogger

    options = {"project": os.environ.get("WANDB_PROJECT", _PROJECT), "name": folder.name, "resume": "allow"}
    logger = WandbLogger(save_dir=str(folder), id=run or uuid4().hex, **options)
    logger.experiment.id  # noqa: B018 - opens it
    return logger


def _open_mlflow(folder: Path, run: str | None) -> Any:
    from pytorch_lightning.loggers import MLFlowLogger

    uri = os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{(folder / 'mlflow.db').absolute()}")
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", _PROJECT)
    return MLFlowLogger(experiment_name=name, run_name=folder.name, tracking_uri=uri, run_id=run)


def _identifier(logger: Any) -> str:
    """Identifier of the run in its tracker."""
    return str(logger.run_id if hasattr(logger, "run_id") else logger.version)


def _finish(logger: Any) -> None:
    finish = getattr(logger.experiment, "finish", None)
    logger.finalize("success")
    if callable(finish):  # wandb's run stays open otherwise
        finish()


_OPEN: dict[str, Callable[[Path, str | None], Any]] = {
    "wandb": _open_wandb,
    "mlflow": _open_mlflow,
}
