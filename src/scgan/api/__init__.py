"""Python functions with the names of the commands."""
