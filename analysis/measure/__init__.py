"""From a map to its angular power spectrum: any mask or weights, ring means, dipole and noise, with exact mean and covariance."""
