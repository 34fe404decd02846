"""Conversion of a data source into a prepared folder."""
