"""The studio: a page on which a person paints, drags and chooses, and the HTTP API behind it."""
