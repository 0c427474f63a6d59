"""What a ground array sees of a convective sky: a band of declination, normalised band by band, and its pseudo-spectrum."""
