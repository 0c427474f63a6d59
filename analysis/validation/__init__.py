"""A finished ensemble against theory: moments, scores, likelihood ratio, verdict."""
