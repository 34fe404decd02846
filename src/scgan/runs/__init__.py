"""Training runs: the run folder, the training itself, and warm starts."""
