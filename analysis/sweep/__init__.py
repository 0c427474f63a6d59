"""What a grid of runs on the same flows says: spectra and their derivatives by its parameters."""
