"""Synthetic data: images of varied masks, kept where graders find the requested mask and attributes."""
