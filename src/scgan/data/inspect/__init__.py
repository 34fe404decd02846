"""Inspection of prepared folders: statistics, checks, and a contact sheet."""
