"""Model folders: content, search, reading and writing."""
