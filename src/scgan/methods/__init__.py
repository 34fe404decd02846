"""The methods, one file each, readable beside its paper."""

from scgan.methods.scgan import SCGAN

METHODS = {"scgan": SCGAN}
