"""Metrics, graders' use, and reports."""
