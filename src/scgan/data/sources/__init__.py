"""Data sets that can be prepared, one file each."""
