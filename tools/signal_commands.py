"""Stop commands by SIGINT, SIGTERM and SIGHUP at random moments, from their first line on.

    python tools/signal_commands.py               # 200 signals, all commands in turn
    python tools/signal_commands.py --count 16 --commands train studio

Half of the signals come before a random change of files, half at a random time. A stopped command must end with 130,
143 or 129 and a sentence, without a traceback; running it again must give the result of an undisturbed run and leave
nothing else. Faults are printed, and exit with 1.
"""

from __future__ import annotations

import random
import signal
import sys
import time
from pathlib import Path

from trials import LONG, SHORT, Case, Ended, Workshop, continued, parse_options, run_trials

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop(workshop: Workshop, case: Case, rng: random.Random, folder: Path) -> tuple[str, list[str]]:
    """Stop a command, check what it says, and let it run again."""
    reference = workshop.reference(case)
    number = rng.choice(SIGNALS)
    if rng.random() < 0.5 and reference.changes:
        change = rng.randint(1, reference.changes)
        counter = workshop.folder / "stopped.count"
        ended = workshop.start(case.words, folder, [str(counter), str(change), str(int(number))]).end(300)
        moment = f"{number.name} before change {change}"
    else:
        started = workshop.start(case.words, folder)
        started.wait_until_signals_are_handled()
        seconds, group = rng.random() * reference.seconds, number == signal.SIGINT and rng.random() < 0.5
        time.sleep(seconds)
        started.send(number, group)
        ended = started.end(300)
        moment = f"{number.name} after {seconds:.3f} s{', to all it started' if group else ''}"
    faults = check_words(ended, number)
    if case.name != "studio":
        faults += continued(workshop, case, folder)
    return moment, faults


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


def main() -> int:
    """Run the trials."""
    options, cases = parse_options(__doc__ or "", (*LONG, *SHORT), 200)
    table = run_trials("signal", stop, cases, Workshop(options.work, options.seed), options.count)
    return int(any(faults for _, faults in table.values()))


if __name__ == "__main__":
    sys.exit(main())
