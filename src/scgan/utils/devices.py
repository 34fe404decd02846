"""Default device and precision."""

from __future__ import annotations

import torch


def device_of(accelerator: str) -> str:
    """Name the device on which Fabric computes for an accelerator ("auto", "cpu", "cuda", …): "cuda" or "cpu"."""
    return "cuda" if accelerator in ("auto", "cuda", "gpu") and torch.cuda.is_available() else "cpu"


def fastest_precision(accelerator: str) -> str:
    """Choose bfloat16 where the hardware multiplies it, else float32: emulated bfloat16 is slower.

    Args:
        accelerator: "auto", "cpu", "cuda", …, as Fabric takes it.

    Returns:
        "bf16-mixed" or "32-true".
    """
    on_gpu = device_of(accelerator) == "cuda"
    fast = torch.cuda.is_bf16_supported(including_emulation=False) if on_gpu else torch.cpu._is_amx_tile_supported()
    return "bf16-mixed" if fast else "32-true"
