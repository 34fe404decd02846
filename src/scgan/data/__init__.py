"""From any source to the one prepared format, and what is wrong with it."""
