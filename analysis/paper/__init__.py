"""The figures of Zhang & Liu (2025), drawn from theory with simulated ensembles and observations on top."""
