"""Figures of a finished ensemble, each with its numbers as CSV."""
