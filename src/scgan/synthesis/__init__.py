"""Labelled synthetic data: masks are varied, pictures made from them, and kept where graders see what was asked for."""
