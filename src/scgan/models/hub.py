"""Models from the Hugging Face Hub, by ``owner/name``. Nothing in a repository is executed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scgan.models.description import FILE, read_description, require_intact_files
from scgan.utils.errors import UserError
from scgan.utils.optional import require_packages
from scgan.utils.progress import say

# Other files of a repository are not downloaded.
_FILES = ["README.md", FILE, "*.safetensors", "examples.npz", "grader/*", "attribute-grader/*", "encoder/*"]


def download(name: str) -> Path:
    """Folder of a repository's files in the local cache, updated if the Hub answers.

    Raises:
        UserError: huggingface_hub is not installed; there is no such repository; it holds no model of scgan; the Hub
            does not answer and the cache does not hold it.
    """
    require_packages(f"{name} is no folder here; loading it from the Hugging Face Hub", "hub", "huggingface_hub")
    import huggingface_hub
    from huggingface_hub import errors

    reachable = False
    try:
        # One request without the library's own retries, which take half a minute offline.
        huggingface_hub.get_hf_file_metadata(huggingface_hub.hf_hub_url(name, FILE))
        reachable = True
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise UserError(
            f"{name} is neither a folder here nor a repository of the Hugging Face Hub that you may read."
        ) from error
    except errors.EntryNotFoundError as error:
        raise UserError(f"{name} on the Hugging Face Hub has no {FILE}: it is not a model of scgan.") from error
    except Exception as error:  # errors of the network, whose types differ between versions of the library
        reason = _first_line(error)

    def fetch(files: list[str], force: bool = False) -> Path:
        folder: Any = huggingface_hub.snapshot_download(
            name, allow_patterns=files, local_files_only=not reachable, force_download=force
        )
        return Path(folder)

    try:
        # The description before any weights: those of other repositories may be of any size.
        _fetch_intact(fetch, [FILE], read_description, reachable)
        folder = _fetch_intact(
            fetch, _FILES, lambda folder: require_intact_files(folder, read_description(folder)), reachable
        )
    except UserError as error:
        raise UserError(f"{name} on the Hugging Face Hub is not a model of scgan: {error}") from error
    except Exception as error:
        if reachable:
            raise UserError(f"{name} cannot be fetched from the Hugging Face Hub ({_first_line(error)}).") from error
        raise UserError(
            f"{name} is no folder here, and the Hugging Face Hub does not answer ({reason}); the cache does not hold "
            "it either."
        ) from error
    if not reachable:
        say(f"the Hugging Face Hub does not answer ({reason}): {name} is taken from the cache.")
    return folder


def _fetch_intact(
    fetch: Callable[..., Path], files: list[str], check: Callable[[Path], object], reachable: bool
) -> Path:
    """Folder of files from the cache; those that are damaged there are downloaded again, once."""
    folder = fetch(files)
    try:
        check(folder)
    except UserError:
        if not reachable:
            raise
        folder = fetch(files, force=True)
        check(folder)
    return folder


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
