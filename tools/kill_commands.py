"""Kill commands at random moments, run them again, and compare the results with those of undisturbed runs.

    python tools/kill_commands.py               # 200 kills of train, prepare, synthesize, compare
    python tools/kill_commands.py --count 8

Half of the kills come before a random change of files, half at a random time. Some reach all processes of the command,
some only the first. The same command continues after a stop; faults are printed, and exit with 1.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from pathlib import Path

from trials import LONG, Case, Workshop, continued, parse_options, run_trials


def kill(workshop: Workshop, case: Case, rng: random.Random, folder: Path) -> tuple[str, list[str]]:
    """Kill a command one to three times, then let it end."""
    reference = workshop.reference(case)
    moments = []
    for _ in range(rng.choice((1, 1, 2, 3))):
        exists = (folder / case.output).exists()
        words = case.resume if exists else case.words
        if words is None:
            break
        if rng.random() < 0.5:
            change = rng.randint(1, reference.changes)
            counter = workshop.folder / "killed.count"
            workshop.start(words, folder, [str(counter), str(change), str(int(signal.SIGKILL))]).end()
            moments.append(f"before change {change}")
            continue
        started = workshop.start(words, folder)
        started.wait_until_signals_are_handled()
        seconds, group = rng.random() * reference.seconds, rng.random() < 0.5
        time.sleep(seconds)
        started.send(signal.SIGKILL, group)
        started.end()
        moments.append(f"after {seconds:.3f} s{', with all it started' if group else ''}")
    return "; ".join(moments), continued(workshop, case, folder)


def main() -> int:
    """Run the trials."""
    options, cases = parse_options(__doc__ or "", LONG, 200)
    table = run_trials("kill", kill, cases, Workshop(options.work, options.seed), options.count)
    return int(any(faults for _, faults in table.values()))


if __name__ == "__main__":
    sys.exit(main())
