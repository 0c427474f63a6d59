"""Real spherical harmonics: orders, and their coefficients from complex ones and from values on the sphere.

Y_l0 as usual; Y_lm = sqrt(2) Re Y_l|m| for m > 0 and sqrt(2) Im Y_l|m| for m < 0, with the Condon-Shortley phase in the
complex Y_lm as in HEALPix. They are orthonormal, a_lm = int f Y_lm dOmega, and C_l = sum_m a_lm^2/(2l + 1).
"""

import ducc0
import numpy as np


def real_orders(l_max: int) -> np.ndarray:
    """Orders 0, 1, -1, 2, -2, ..., l_max, -l_max, (2 l_max + 1,)."""
    m = np.arange(1, l_max + 1)
    return np.concatenate([[0], np.column_stack([m, -m]).ravel()])


def real_from_complex(alm: np.ndarray, l_max: int) -> np.ndarray:
    """Real coefficients (2 l_max + 1, l_max + 1) of a real function from complex ones in HEALPix order; zero for l < |m|."""
    real = np.zeros((2 * l_max + 1, l_max + 1))
    start = 0
    for m in range(l_max + 1):
        part = alm[start : start + l_max + 1 - m]
        start += l_max + 1 - m
        if m == 0:
            real[0] = part.real
        else:
            real[2 * m - 1, m:] = np.sqrt(2) * part.real
            real[2 * m, m:] = -np.sqrt(2) * part.imag
    return real


def complex_from_real(real: np.ndarray, l_max: int) -> np.ndarray:
    """Complex coefficients in HEALPix order from real ones of n_m = 1 (m = 0) or 2 l_max + 1 orders."""
    parts = [real[0].astype(complex)]
    for m in range(1, l_max + 1):
        pair = real[2 * m - 1 : 2 * m + 1, m:] if len(real) > 1 else np.zeros((2, l_max + 1 - m))
        parts.append((pair[0] - 1j * pair[1]) / np.sqrt(2))
    return np.concatenate(parts)


def normalised_legendre(cosines: np.ndarray, l_max: int) -> np.ndarray:
    """Lambda_lm with Y_lm = Lambda_lm(cos theta) e^(i m phi), (l_max + 1 orders, l_max + 1 degrees, n).

    Upward recurrence in l from Lambda_mm (Abramowitz & Stegun 1964, 8.5.3, normalised).
    """
    z = np.asarray(cosines, dtype=float)
    sine = np.sqrt((1 - z) * (1 + z))
    table = np.zeros((l_max + 1, l_max + 1, z.size))
    sectoral = np.full(z.size, np.sqrt(1 / (4 * np.pi)))
    for m in range(l_max + 1):
        if m:
            sectoral = -np.sqrt((2 * m + 1) / (2 * m)) * sine * sectoral
        table[m, m] = sectoral
        for l in range(m + 1, l_max + 1):
            rise = np.sqrt((4 * l * l - 1) / (l * l - m * m))
            before = np.sqrt(((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1)) * table[m, l - 2] if l > m + 1 else 0.0
            table[m, l] = rise * (z * table[m, l - 1] - before)
    return table


class SphericalGrid:
    """Gauss-Legendre rings times equal steps in azimuth, closed under p -> -p.

    Parameters
    ----------
    degree : int
        Degree up to which the function on the grid, times a harmonic, is integrated exactly.
    l_max : int
        Degree of the coefficients asked for.

    Attributes
    ----------
    half : (3, n)
        Directions of the rings with z > 0; their opposites are the other half.
    """

    def __init__(self, degree: int, l_max: int):
        self.l_max = l_max
        self.rings = 2 * (max(degree // 2 + 1, l_max + 1) // 2 + 1)
        self.columns = 2 * ducc0.fft.good_size(max(degree + 2, 2 * l_max + 2) // 2)
        theta = ducc0.misc.GL_thetas(self.rings)[: self.rings // 2, None]
        phi = 2 * np.pi / self.columns * np.arange(self.columns)
        z = np.broadcast_to(np.cos(theta), (self.rings // 2, self.columns))
        self.half = np.array([(np.sin(theta) * np.cos(phi)).ravel(), (np.sin(theta) * np.sin(phi)).ravel(), z.ravel()])

    def transform(self, ahead: np.ndarray, opposite: np.ndarray) -> np.ndarray:
        """Real coefficients (2 l_max + 1, l_max + 1) of a function given at `half` and at its opposite directions, (n,) each."""
        grid = self._rings(ahead, opposite)[None]
        alm = ducc0.sht.analysis_2d(map=grid, spin=0, lmax=self.l_max, geometry="GL", nthreads=1)
        return real_from_complex(alm[0], self.l_max)

    def squared_harmonics(self, ahead: np.ndarray, opposite: np.ndarray, l_max: int) -> np.ndarray:
        """int f Y_lm^2 dOmega with real Y_lm, (2 l_max + 1, l_max + 1), of a function as in `transform`.

        Y_lm^2 = Lambda_lm^2 (1 +- cos 2 m phi) for m > 0 and m < 0.
        """
        weight = ducc0.misc.GL_weights(self.rings, self.columns)
        waves = np.fft.rfft(self._rings(ahead, opposite), axis=1).real * weight[:, None]
        squares = normalised_legendre(np.cos(ducc0.misc.GL_thetas(self.rings)), l_max) ** 2
        mean = squares @ waves[:, 0]
        out = np.empty((2 * l_max + 1, l_max + 1))
        out[0] = mean[0]
        for m in range(1, l_max + 1):
            double = squares[m] @ waves[:, 2 * m]
            out[2 * m - 1], out[2 * m] = mean[m] + double, mean[m] - double
        return out

    def _rings(self, ahead: np.ndarray, opposite: np.ndarray) -> np.ndarray:
        """All rings from north to south, (rings, columns)."""
        north = ahead.reshape(-1, self.columns)
        south = np.roll(opposite.reshape(-1, self.columns), self.columns // 2, axis=1)[::-1]
        return np.concatenate([north, south])
