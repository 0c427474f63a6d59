"""What each test asks, in one plain sentence; docs/validation.md says more."""

from fluxtube.analysis.validation.energies import NAME as BETWEEN_ENERGIES

MEANINGS = {
    "covariance, even l": "Do variances and correlations of the multipoles of even degree agree with theory? (Likelihood ratio.)",
    "covariance, odd l": "Do variances and correlations of the multipoles of odd degree agree with theory? (Likelihood ratio.)",
    "covariance, even-odd": "Are even and odd degrees uncorrelated, as theory says?",
    "covariance, whole matrix": "Does the whole covariance of the multipoles agree with theory? (All three of the above.)",
    "C_l, largest |z|": "Is the C_l that is farthest from theory farther than chance puts one of that many degrees?",
    "C_l, level": "Are all C_l together too high or too low? (Finds a wrong sigma.)",
    "C_l, slope": "Do the C_l fall too fast or too slowly with l? (Finds a wrong gamma.)",
    "covariance element, largest |z|": "Which element <a_l a_l'> is farthest from theory? (For information.)",
    "power of the orders m, largest |z|": "Is the power of each degree shared between its orders m as theory says?",
    "mean-square sky, largest |z|": "Does the mean square of Delta f/f agree with theory at 19 pitch angles? (Eq. 16.)",
    "mean of the multipoles": "Do the multipoles vanish in the mean over realisations, as they must?",
    "kurtosis of the multipoles": "Do multipoles that are Gaussian by construction have the kurtosis of a Gaussian?",
    "power where theory expects none": "Are the degrees and orders that theory leaves empty empty in the run?",
    "particles against quadrature": "Do particles in the same flows agree with quadrature, up to their known shot noise?",
    BETWEEN_ENERGIES: "Do the skies of different energies vary together as theory says, at the degree that agrees least?",
}
