"""Run two of the same command on one output at about the same time.

    python tools/pair_commands.py               # 20 pairs of each kind
    python tools/pair_commands.py --count 8

One must end well with the result of an undisturbed run; the other one, too, or it says who works there.
Faults are printed, and exit with 1.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from disturbed_process import Ended
from trials import LONG, SHORT, Case, Workshop, digests, leftovers, main

KINDS = [case for case in (*LONG, *SHORT) if case.name not in ("models", "studio")]
PAIRS = 20


def pair(workshop: Workshop, case: Case, rng: random.Random, folder: Path) -> tuple[str, list[str]]:
    """Start a command twice, the second time after a random share of the first one's time."""
    workshop.reference(case)
    first = workshop.start(case.words, folder)
    share = rng.random() ** 2  # most often near to each other
    workshop.wait_for_share(first, case, share)
    both = [started.end() for started in (workshop.start(case.words, folder), first)]
    return f"second after {share:.0%} of the first one's work", check_pair(both, workshop, case, folder)


def check_pair(both: list[Ended], workshop: Workshop, case: Case, folder: Path) -> list[str]:
    """Check codes, words and the result."""
    faults = []
    if min(ended.code for ended in both) != 0:
        faults.append("none ended well")
    for ended in both:
        refused = "is being written by another command" in ended.text or "exists already" in ended.text
        if (ended.code != 0 and not (ended.code == 2 and refused)) or "Traceback" in ended.text:
            faults.append(f"exit code {ended.code}: {ended.text[-800:]}")
    if digests(folder, case) != workshop.reference(case).digests:
        faults.append("other results")
    if left := leftovers(folder):
        faults.append(f"left: {', '.join(left[:5])}")
    return faults


if __name__ == "__main__":
    sys.exit(main("pair", pair, KINDS, PAIRS * len(KINDS), __doc__ or ""))
