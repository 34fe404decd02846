"""Inversion: from a photo to the latent, and to a small correction of the weights, that make it again."""
