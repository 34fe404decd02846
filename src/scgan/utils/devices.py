"""Default device, precision, number of processes and threads. Imports torch only where it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from pathlib import Path

from scgan.utils.errors import UserError
from scgan.utils.text import counted

CPU = "cpu"
"""Device on which everything can compute."""

THREADS = "OMP_NUM_THREADS"
"""Variable of the environment by which people choose torch's number of threads."""

_CONTROL_GROUPS = Path("/sys/fs/cgroup")


def processors_of_affinity() -> int:
    """Number of processors on which the system lets this process run."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def usable_processors() -> int:
    """Number of processors that this process may use: those of its affinity, at most the CPU quota of its container."""
    return within_quota(processors_of_affinity(), cpu_quota(_CONTROL_GROUPS))


def within_quota(processors: int, quota: float | None) -> int:
    """Whole processors of a quota, at least 1 and at most ``processors``; None stands for no quota."""
    return processors if quota is None else max(1, min(processors, int(quota)))


def cpu_quota(folder: Path) -> float | None:
    """Processors that a container may use at a time, by its control group; None without a limit.

    Args:
        folder: where the control groups (version 2, or 1) are mounted.
    """
    try:
        if (folder / "cpu.max").is_file():
            quota, period = (folder / "cpu.max").read_text(encoding="ascii").split()
        else:
            quota, period = (
                (folder / "cpu" / f"cpu.cfs_{name}_us").read_text(encoding="ascii").strip()
                for name in ("quota", "period")
            )
        return float(quota) / float(period) if float(quota) > 0 else None
    except (OSError, ValueError, ZeroDivisionError):  # no control groups, or "max"
        return None


def limit_threads(environment: MutableMapping[str, str]) -> None:
    """Let torch, imported later, use no more threads than the CPU quota allows, unless the user chose a number.

    torch knows the processors, but not the quota: threads beyond it stop all others for most of the time.
    """
    if usable_processors() < processors_of_affinity():
        environment.setdefault(THREADS, str(usable_processors()))


def thread_count() -> int:
    """Number of threads for an engine: PyTorch's, or what PyTorch would take."""
    torch = sys.modules.get("torch")
    if torch is not None:
        return int(torch.get_num_threads())
    chosen = os.environ.get(THREADS, "")
    return int(chosen) if chosen.isdecimal() and int(chosen) else processors_of_affinity()


def other_load() -> float:
    """Number of processors that other programs use: the load of the last minute, or of this moment if that is less."""
    try:
        running = int(Path("/proc/loadavg").read_text(encoding="ascii").split()[3].partition("/")[0])
        return min(os.getloadavg()[0], max(0, running - 1))
    except (OSError, ValueError, IndexError, AttributeError):  # not on every system
        return 0.0


def busy_note(load: float, processors: int, threads: int) -> str | None:
    """Sentence for a training whose threads do not all have a free processor; None if they have.

    The load does not change the number of threads, because the results of a training depend on it.

    Args:
        load: number of processors that other programs use.
        processors: number of processors.
        threads: number of threads of the training.
    """
    if threads < 2 or processors - load > threads - 1:
        return None
    return (
        f"the machine is busy (load {load:.1f} on {counted(processors, 'processor')}): {threads} threads may be many "
        f"times slower than one; to use one, put {THREADS}=1 before the command"
    )


def device_of(accelerator: str) -> str:
    """Name the device on which Fabric computes for an accelerator ("auto", "cpu", "cuda", …): "cuda" or "cpu"."""
    import torch

    return "cuda" if accelerator in ("auto", "cuda", "gpu") and torch.cuda.is_available() else "cpu"


def usable_device(name: str) -> str:
    """Complete the name of a device: ``"cpu"``, or ``"cuda:0"`` for ``"cuda"``.

    Raises:
        UserError: there is no such device.
    """
    if name == CPU:  # needs no torch
        return name
    import torch

    try:
        return str(torch.empty(0, device=name).device)
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was compiled for the device
        raise UserError(f"device {name!r} cannot be used here ({str(error).splitlines()[0]}).") from error


def fastest_precision(accelerator: str) -> str:
    """Choose bfloat16 where the hardware multiplies it, else float32: emulated bfloat16 is slower.

    Args:
        accelerator: "auto", "cpu", "cuda", …, as Fabric takes it.

    Returns:
        "bf16-mixed" or "32-true".
    """
    import torch

    if device_of(accelerator) == "cuda":
        fast = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        fast = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return "bf16-mixed" if fast else "32-true"
