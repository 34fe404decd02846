"""One file for each command: its arguments, and the call that does it."""
