"""Editing of photos: a project holds a photo's inversion; edits change its mask and attributes."""
