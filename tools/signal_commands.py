"""Stop commands by SIGINT, SIGTERM and SIGHUP at random moments, from their first line on.

    python tools/signal_commands.py               # 200 signals, all commands in turn
    python tools/signal_commands.py --count 32 --commands train studio

Half of the signals come before a random change of files, a quarter after a random share of the work of a process that
has imported everything, a quarter after a share of the work of a new process, which is mostly imports. A stopped
command must end with 130, 143 or 129 and a sentence, without a traceback; running it again must give the result of an
undisturbed run and leave nothing else. Faults are printed, and exit with 1.
"""

from __future__ import annotations

import random
import signal
import sys
from pathlib import Path

from disturbed_process import Ended
from trials import LATE, LONG, SHORT, Case, Workshop, continued, main

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop(workshop: Workshop, case: Case, rng: random.Random, folder: Path) -> tuple[str, list[str]]:
    """Stop a command, check what it says, and let it run again."""
    reference = workshop.reference(case)
    number = rng.choice(SIGNALS)
    if rng.random() < 0.5 and reference.changes:
        change = rng.randint(1, reference.changes)
        counter = folder.with_suffix(".count")
        ended = workshop.start(case.words, folder, [str(counter), str(change), str(int(number))]).end()
        counter.unlink(missing_ok=True)
        in_time, moment = ended.code != 0, f"{number.name} before change {change}"
    else:
        share, cold, group = rng.random(), rng.random() < 0.5, number == signal.SIGINT and rng.random() < 0.5
        workshop.reference(case, cold)
        started = workshop.start(case.words, folder, cold=cold)
        workshop.wait_for_share(started, case, share, cold)
        is_sent = started.send(number, group)
        ended = started.end()
        in_time = is_sent and ended.code != 0
        start, words_of_group = "a cold" if cold else "a warm", ", to all it started" if group else ""
        moment = f"{number.name} after {share:.0%} of the work of {start} start{words_of_group}"
    faults = check_words(ended, number)
    if case.name != "studio":
        faults += continued(workshop, case, folder)
    return moment if in_time else f"{moment} {LATE}", faults


def check_words(ended: Ended, number: int) -> list[str]:
    """Check exit code and words; a command that had ended before the signal has neither."""
    faults = []
    if ended.code not in (128 + number, 0):
        faults.append(f"exit code {ended.code}, not {128 + number}: {ended.text[-600:]}")
    if ended.code == 128 + number and "stopped" not in ended.text:
        faults.append(f"no sentence: {ended.text[-600:]}")
    for word in ("Traceback", "Exception ignored", "resource_tracker"):
        if word in ended.text:
            faults.append(f"{word}: {ended.text[-1500:]}")
            break
    return faults


if __name__ == "__main__":
    sys.exit(main("signal", stop, (*LONG, *SHORT), 200, __doc__ or ""))
