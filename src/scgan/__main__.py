"""Entry point of ``scgan`` and ``python -m scgan``. Handles signals before anything that takes time is imported."""

import sys

from scgan.utils.interrupts import exit_on_signals, stop_with_parent

exit_on_signals()
stop_with_parent()


def main() -> int:
    """Run the command line; returns the exit code."""
    from scgan.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
