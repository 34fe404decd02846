"""Training runs: the run folder, the training itself, and the start from another model."""
