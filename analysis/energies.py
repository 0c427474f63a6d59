"""C_l at several energies and the correlation between skies of different energy: theory of a configuration."""

from itertools import combinations_with_replacement

import numpy as np

from fluxtube.analysis.configured import theory_of_config


def expected_between(config, l_max: int, l_min: int = 2) -> np.ndarray:
    """C_l(p, p') = sum_m <a_lm(p) a_lm(p')>/(2l + 1) of one flow seen with the configuration's mean free paths.

    Parameters
    ----------
    config : fluxtube.sim.config.Config
    l_max, l_min : int

    Returns
    -------
    (P, P, n) array
        Of Delta f/f [1], in the order of `config.transport.seen_paths`.

    Raises
    ------
    InputError
        No theory is known.
    """
    theory, paths = theory_of_config(config), config.transport.seen_paths
    result = np.empty((len(paths), len(paths), l_max - l_min + 1))
    for p, q in combinations_with_replacement(range(len(paths)), 2):
        result[p, q] = result[q, p] = theory.model.spectrum(
            theory.turbulence, paths[p], l_max, l_min=l_min, law=theory.law, other_path=paths[q],
            spectral_slope=theory.spectral_slope, speed=theory.speed,
        )  # fmt: skip
    return result


def correlation(between: np.ndarray) -> np.ndarray:
    """r_l(p, p') = C_l(p, p')/sqrt(C_l(p) C_l(p')), (P, P, n); NaN where a C_l is not above zero."""
    own = np.einsum("ppl->pl", between)
    scale = np.sqrt(np.where(own > 0, own, np.nan))
    return between / (scale[:, None] * scale[None])


def names(config) -> list[str]:
    """What the skies are called: "10 TeV", or "3 pc"."""
    transport = config.transport
    if transport.energies:
        return [f"{energy:g} TeV" for energy in transport.seen_energies]
    return [f"{path:.4g} pc" for path in transport.seen_paths]
