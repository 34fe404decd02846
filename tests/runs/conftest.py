"""Fixtures of tiny trainings."""

from tiny_runs import *  # noqa: F403
