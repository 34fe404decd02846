"""Networks that judge generated images, trained on real images only."""
