"""Models made ready to be passed on."""
