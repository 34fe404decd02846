"""The loop and what it needs; it never learns what a GAN is."""
