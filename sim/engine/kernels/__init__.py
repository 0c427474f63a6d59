"""Compiled kernels: pure functions on numbers and arrays."""
