"""Training loop and its parts; independent of the methods."""
