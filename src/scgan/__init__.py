"""scgan: images a person can steer.

``scgan.load(path).generate(segmentation, attributes, latent)`` makes images; everything else is a command or a module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scgan.errors import UserError

if TYPE_CHECKING:
    from scgan.synthesizer import Synthesizer, load

__all__ = ["Synthesizer", "UserError", "load"]


def __getattr__(name: str) -> Any:
    # torch takes seconds to import, so it waits until it is needed.
    if name in ("Synthesizer", "load"):
        from scgan import synthesizer

        return getattr(synthesizer, name)
    raise AttributeError(f"module 'scgan' has no attribute {name!r}")
