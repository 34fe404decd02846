"""Comparison of methods and ablations, trained and evaluated under equal conditions."""
