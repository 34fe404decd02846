"""Models by name: those that come with scgan, folders, and repositories of the Hugging Face Hub. No torch here.

A model that comes with scgan is a model folder beside this file, written by ``scgan export``.
"""

from __future__ import annotations

import re
from pathlib import Path

from scgan.models.description import FILE
from scgan.utils.errors import UserError
from scgan.utils.files import user_path
from scgan.utils.progress import say
from scgan.utils.text import did_you_mean, join_names

FOLDER = Path(__file__).parent / "shipped"

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def shipped_models() -> dict[str, Path]:
    """The models that come with scgan, by name."""
    return {file.parent.name: file.parent for file in sorted(FOLDER.glob(f"*/{FILE}"))}


def find_model(name: Path | str) -> Path:
    """Model folder or run folder of that name.

    Args:
        name: a folder with a model in it; else the name of one that comes with scgan; else ``owner/name`` of a
            repository of the Hugging Face Hub, which is fetched.

    Raises:
        UserError: there is no such model.
    """
    path, shipped = user_path(name), shipped_models()
    if any((path / file).is_file() for file in (FILE, f"model/{FILE}", "config.yaml")):
        return path
    if str(name) in shipped:
        if path.exists():
            say(f"{path} holds no model: using the shipped model of that name.")
        return shipped[str(name)]
    if path.exists():
        return path  # reading it says what is missing
    if _REPOSITORY.fullmatch(str(name)):
        from scgan.models.hub import download

        return download(str(name))
    raise UserError(
        f"{name} does not exist: "
        + did_you_mean(
            str(name),
            shipped,
            "give a model folder or the folder of a training run, the name of a model that comes with scgan "
            f"({join_names(shipped)}), or owner/name of one on the Hugging Face Hub.",
        )
    )
