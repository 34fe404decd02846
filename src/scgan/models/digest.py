"""Identity of a generator with its weights."""

from __future__ import annotations

import hashlib
import json

from scgan.models.folder import Model

_VERSION = 2  # to be raised when the ONNX graph of the same weights changes


def model_digest(model: Model) -> str:
    """Identify a generator with its weights, by 32 hexadecimal digits."""
    digest = hashlib.blake2b(digest_size=16)
    settings = model.config.generator.model_dump(exclude={"optimizer"})
    digest.update(json.dumps([_VERSION, model.config.method, settings, model.schema.to_json()]).encode())
    for name, value in sorted(model.networks.generator_weights().items()):
        digest.update(name.encode())
        digest.update(value.tobytes())
    return digest.hexdigest()
