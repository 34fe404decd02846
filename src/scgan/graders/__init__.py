"""Graders: networks that judge, trained on real images of the training split and never shown to a generator.

A generator is optimized for the segmentor it is trained against, which therefore cannot judge it. A grader has another
architecture and sees noisy, flipped, shifted images.
"""
