"""The diffuse anisotropy of a configuration where free paths depend on the pitch angle: multipoles that are known, not random.

lambda mu h(mu) (B/B).grad ln f has every odd degree. Theory's covariance is about that mean; `about_mean` brings a run's moments
there.
"""

from dataclasses import replace

import numpy as np

from fluxtube.errors import InputError
from fluxtube.theory.pitch_angle_law import diffuse_multipoles


def mean_multipoles(config, l_max: int) -> np.ndarray | None:
    """a_l0 of Delta f/f about the field, l = 0 to l_max, (l_max + 1,); None where there are none beyond the dipole."""
    transport = config.transport
    dependence = transport.pitch_angle_dependence_choice.build()
    if dependence is None or not transport.density_gradient:
        return None
    return transport.mean_free_path * transport.density_gradient * diffuse_multipoles(dependence, l_max)


def about_mean(moments, config):
    """Moments about the diffuse anisotropy of a configuration: a - d for a.

    Fourth moments would need third ones, which a file does not hold: they are left out.

    Parameters
    ----------
    moments : fluxtube.analysis.validation.moments.Moments
    config : fluxtube.sim.config.Config
        Of the theory.

    Raises
    ------
    InputError
        The moments' errors would need fourth moments, or second ones between energies.
    """
    whole = mean_multipoles(config, int(moments.l[-1]))
    if whole is None or moments.turned or not whole[moments.l].any():
        return moments
    if not moments.wishart or len(config.transport.seen_paths) > 1:
        raise InputError(
            "transport.density_gradient with paths that depend on the pitch angle has a mean sky beyond the dipole, and a run of "
            "particles, of a flow that is not Gaussian or of several energies does not hold the moments about it; leave the "
            'gradient out, or use sampling.estimator = "quadrature" and one energy'
        )
    d, mean = whole[moments.l], moments.mean[0]
    signal, samples, shifted = moments.signal.copy(), moments.samples.copy(), moments.mean.copy()
    signal[0] += np.outer(d, d) - np.outer(d, mean) - np.outer(mean, d)
    samples[:, 0] -= d
    shifted[0] -= d
    return replace(moments, mean=shifted, signal=signal, samples=samples, least_square=np.inf)
