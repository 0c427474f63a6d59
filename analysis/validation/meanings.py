"""What each test asks, in a sentence; docs/validation.md says more."""

MEANINGS = {
    "covariance, even l": "likelihood ratio of the covariance of the even degrees against theory",
    "covariance, odd l": "the same for the odd degrees",
    "covariance, even-odd": "whether even and odd degrees are uncorrelated, as theory says",
    "covariance, whole matrix": "the three above added up; decides for Gaussian skies with negligible shot noise",
    "C_l, largest |z|": "the degree whose C_l is farthest from theory, corrected for the number of degrees",
    "C_l, level": "whether all C_l together are too high or too low: finds a wrong sigma",
    "C_l, slope": "whether C_l fall too fast or too slowly with l: finds a wrong gamma",
    "covariance element, largest |z|": "the element <a_l a_l'> farthest from theory; for information",
    "power of the orders m, largest |z|": "whether the power is shared between the orders m as theory says",
    "mean-square sky, largest |z|": "the mean square of Delta f/f at 19 pitch angles (Eq. 16), with its beams",
    "mean of the multipoles": "whether the multipoles vanish in the mean, as they must",
    "kurtosis of the multipoles": "whether multipoles that are Gaussian by construction have a Gaussian's kurtosis",
    "power where theory expects none": "whether degrees and orders that theory leaves empty are empty in the run",
    "particles against quadrature": "whether particles in the same flows agree with quadrature up to their known shot noise",
}
