"""A trained model as a function: conditions in, images out."""
