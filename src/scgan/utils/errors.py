"""The kinds of trouble that a person should read about; everything else is a bug and keeps its traceback."""


class UserError(ValueError):
    """Bad input or misuse. The message is one sentence: what is wrong, where, and what to do. The CLI exits with 2."""


class RunError(RuntimeError):
    """Something failed half-way through no fault of the user. The message is one sentence; the CLI exits with 1."""


class ItemError(Exception):
    """One item of a source cannot be used. The message is the reason that goes into ``skipped.csv``."""
