"""scgan: image synthesis from a segmentation mask, attributes and a latent.

``scgan.load(path).generate(segmentation, attributes, latent)`` generates images.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scgan.utils.errors import UserError

if TYPE_CHECKING:
    from scgan.inference.synthesizer import Synthesizer, load

__all__ = ["Synthesizer", "UserError", "load"]


def __getattr__(name: str) -> Any:
    # torch takes seconds to import, so it waits until it is needed.
    if name in ("Synthesizer", "load"):
        from scgan.inference import synthesizer

        return getattr(synthesizer, name)
    raise AttributeError(f"module 'scgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
