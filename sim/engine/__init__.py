"""One realisation from (configuration, seed, number): flows, transport, estimators and their kernels."""
