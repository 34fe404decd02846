"""Entry point of ``scgan`` and ``python -m scgan``. Handles signals before anything that takes time is imported."""

import sys

from scgan.utils.interrupts import exit_on_signals, stop_with_parent
from scgan.utils.streams import open_standard_streams

open_standard_streams()
exit_on_signals()
stop_with_parent()


def main() -> int:
    """Run the command line; returns the exit code."""
    from scgan.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
