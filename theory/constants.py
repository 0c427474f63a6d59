"""Numbers shared by the theory."""

#: Speed of light [km/s], exact (SI).
C_KM_S = 299792.458

#: dlnf/dlnp of TeV cosmic rays, where no other is given: intensity ~ E^-2.7.
SPECTRAL_SLOPE = -4.7

#: Named transverse fractions beta of Eq. (6): where the flow's energy sits with respect to the wave vector.
TRANSVERSE_FRACTIONS = {"acoustic": 0.0, "equipartition": 2.0 / 3.0, "incompressible": 1.0}
