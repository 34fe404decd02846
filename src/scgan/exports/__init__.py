"""Export of models for other users."""
