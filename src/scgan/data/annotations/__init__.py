"""Annotations of labelling tools: outlines of regions, read from their files and painted as masks."""
