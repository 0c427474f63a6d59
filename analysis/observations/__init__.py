"""Observed skies: tables of multipoles, HEALPix maps, published numbers, and the profile over the pitch angle (Eq. 17)."""
