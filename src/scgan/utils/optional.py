"""Optional packages, which extras install."""

from __future__ import annotations

from importlib.util import find_spec

from scgan.utils.errors import UserError


def require_packages(task: str, extra: str, *modules: str) -> None:
    """Check, before any work is done, that optional packages are installed. Imports none of them.

    Args:
        task: subject of the message, like ``"writing .mp4"``.
        extra: name of the extra in ``pyproject.toml`` that installs the packages.
        modules: names by which the packages are imported.

    Raises:
        UserError: a package is missing.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise UserError(f"{task} needs {' and '.join(missing)}: pip install 'scgan[{extra}]'")
