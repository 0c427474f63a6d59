"""sigma, gamma and the model from an observed spectrum: likelihoods, posterior, evidence, calibration."""
