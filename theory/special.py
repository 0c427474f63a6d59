"""Functions of scipy.special, which is imported when the first of them is called: a run of the quickstart needs none."""

import importlib
from collections.abc import Callable


def _late(name: str) -> Callable:
    def call(*arguments, **options):
        return getattr(importlib.import_module("scipy.special"), name)(*arguments, **options)

    call.__name__ = name
    call.__doc__ = f"scipy.special.{name}."
    return call


beta, exp1, gamma, gammainccinv, gammaincinv, gammaincc, gammaln, gammasgn = map(
    _late, ("beta", "exp1", "gamma", "gammainccinv", "gammaincinv", "gammaincc", "gammaln", "gammasgn")
)
hyp2f1, rgamma, roots_jacobi, sici, sph_legendre_p_all = map(
    _late, ("hyp2f1", "rgamma", "roots_jacobi", "sici", "sph_legendre_p_all")
)
