"""Graders: networks that judge, trained on real images of the training split and never shown to a generator.

A generator learns to please the segmentor it is trained against, so that one may not judge it. A grader has another
architecture and sees noisy, flipped, shifted images.
"""
