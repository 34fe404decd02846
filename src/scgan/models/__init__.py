"""Model folders: what is in them, how they are found, read and written."""
