"""The data doctor: checks of a prepared folder."""
