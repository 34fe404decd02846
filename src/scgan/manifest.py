"""Pictures on disk, with a manifest from which each of them can be made again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from scgan.conditions import NamedConditions, save_mask
from scgan.outputs import written_folder
from scgan.progress import progress
from scgan.synthesizer import Synthesizer


def write_pictures(synthesizer: Synthesizer, conditions: NamedConditions, count: int, seed: int, out: Path) -> int:
    """Make ``count`` pictures for each condition; returns how many in all.

    ``out`` gets ``images/``, ``masks/`` (palette PNGs) and ``manifest.json``: for each picture its file, mask,
    attributes and seed, which ``Synthesizer.generate`` turns into the same picture again.
    """
    schema = synthesizer.schema
    entries: list[dict[str, Any]] = []
    with written_folder(out) as partial, progress("generate", len(conditions.names) * count) as advance:
        (partial / "images").mkdir()
        (partial / "masks").mkdir()
        for name, mask, label in zip(conditions.names, conditions.segmentations, conditions.attributes, strict=True):
            save_mask(partial / "masks" / f"{name}.png", mask, schema)
            seeds = range(seed + len(entries), seed + len(entries) + count)
            images = synthesizer.generate(np.repeat(mask[None], count, 0), label, seed=seeds.start)
            for image, own_seed in zip(images, seeds, strict=True):
                file = f"images/{name}-{own_seed}.png"
                Image.fromarray(image).save(partial / file)
                attributes = dict(zip(schema.attribute_names, map(float, label), strict=True))
                entries.append({"file": file, "mask": f"masks/{name}.png", "attributes": attributes, "seed": own_seed})
            advance(count, "")
        manifest = {
            "model": {"data_fingerprint": synthesizer.fingerprint, "step": synthesizer.model.step},
            "schema": schema.to_json(),
            "images": entries,
        }
        (partial / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return len(entries)
