"""Errors that a person should read about; every other exception is a bug and keeps its traceback."""


class UserError(Exception):
    """Bad input or misuse. The message is one sentence: what is wrong, where, and what to do. The CLI exits with 2."""


class RunError(RuntimeError):
    """Failure during the work, not by misuse. The message is one sentence; the CLI exits with 1."""


class ItemError(Exception):
    """One item of a source cannot be used. The message is the reason that goes into ``skipped.csv``."""
