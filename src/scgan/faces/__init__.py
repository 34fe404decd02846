"""Geometry of faces: 68 landmarks, their detection, pose and expression, and masks drawn from them."""
