"""Monte Carlo of turbulent convection anisotropies of cosmic rays, held against the analytic theory."""

__version__ = "0.1.0"
