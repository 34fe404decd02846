"""Kill commands at random moments, run them again, and compare the results with those of undisturbed runs.

    python tools/kill_commands.py               # 200 kills of train, prepare, synthesize, compare
    python tools/kill_commands.py --count 8

Half of the kills come before a random change of files, half after a random share of the
command's work. Some reach all processes of the command,
some only the first. The same command continues after a stop; faults are printed, and exit with 1.
"""

from __future__ import annotations

import random
import signal
import sys
from pathlib import Path

from trials import LATE, LONG, Case, Workshop, continued, main


def kill(workshop: Workshop, case: Case, rng: random.Random, folder: Path) -> tuple[str, list[str]]:
    """Kill a command once or twice, then let it end."""
    reference = workshop.reference(case)
    moments = []
    for _ in range(rng.choice((1, 1, 1, 2))):
        exists = (folder / case.output).exists()
        words = case.resume if exists else case.words
        if words is None:
            break
        if rng.random() < 0.5:
            change = rng.randint(1, reference.changes)
            counter = folder.with_suffix(".count")
            ended = workshop.start(words, folder, [str(counter), str(change), str(int(signal.SIGKILL))]).end()
            counter.unlink(missing_ok=True)
            moments.append(f"before change {change}{'' if ended.code < 0 else f' {LATE}'}")
            continue
        started = workshop.start(words, folder)
        share, group = rng.random(), rng.random() < 0.5
        workshop.wait_for_share(started, case, share)
        in_time = started.send(signal.SIGKILL, group)
        started.end()
        words_of_group = ", with all it started" if group else ""
        moments.append(f"after {share:.0%} of its work{words_of_group}{'' if in_time else f' {LATE}'}")
    return "; ".join(moments), continued(workshop, case, folder)


if __name__ == "__main__":
    sys.exit(main("kill", kill, LONG, 200, __doc__ or ""))
