"""Bound on every wait of the tests. It only ends a test that hangs: a slow or busy machine is no fault."""

MAX_SECONDS = 600
