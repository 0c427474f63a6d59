"""Multipoles of a flow of fixed waves on rings, drawn from their own covariance; and the flow given its multipoles."""

import math

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.sphere_multipoles import SphereMultipoles
from fluxtube.sim.engine.harmonics import normalised_legendre
from fluxtube.sim.engine.kernels.gaussian_sky import TILE, add_ring, gaussian_multipoles
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.sim.engine.streams import Purpose

WAVES_AT_ONCE = 2**14
SINGULAR = 1e-13  # eigenvalues of a correlation matrix below this, over the largest, are rounding


class RingMultipoles(SphereMultipoles):
    """a_lm of a `RingsFlow`: for each |m| and parity of l normals times a factor of the flow's covariance.

    C^m_ll' = sum over nodes in k and nu of the products of what a ring of unit amplitudes gives, in the closed form of
    `SphereMultipoles` (`kernels.multipoles`): the covariance of this sum of waves, whose nodes resolve it or do not.
    """

    def __init__(self, waves, l_max: int, free_path, dipole: float = 0.0):
        super().__init__(waves, l_max, free_path, dipole)
        flow = self.flow = waves.flow
        scale = waves.weigh_wave_vectors[:, 0]
        self.across, self.upward = waves.weigh_amplitudes[0, 0], waves.weigh_amplitudes[2, 0]
        sine = np.sqrt((1 - flow.nu) * (1 + flow.nu))
        along, ground = scale[2] * flow.nu, scale[0] * sine
        size = np.hypot(along, ground)
        self.lengths, self.cosines, self.sines = size, along / size, ground / size
        self.harmonics = _harmonics(self.cosines, self.sines, l_max)
        # Components of the weighed polarisations (along k, in its plane with B) along y and along theta of y.
        down = np.array([flow.nu * self.upward, -sine * self.upward])
        out = np.array([sine * self.across, flow.nu * self.across])
        self.outwards = out * self.sines + down * self.cosines
        self.polar = out * self.cosines - down * self.sines
        self.covariances = self._covariances()
        self.starts, self.factors, self.inverses = self._factors()
        flow.seen = self

    def radial(self, h: int) -> tuple[np.ndarray, np.ndarray]:
        """f_l and g_l with 4 pi and their sign at the wave numbers of one node in nu, (n_k, L) each."""
        law, y, l = self.free_path.law, self.flow.k * self.lengths[h], np.arange(self.l_max + 1)
        f = law.response(1.0).direct(y, self.l_max).T.copy()
        g = law.transverse_response(1.0).direct(y, self.l_max).T.copy()
        g[:, 0] = 0.0
        f[:, 1] -= 1 / 3
        g[:, 1] -= 1 / 3
        sign = 4 * np.pi * np.where(np.isin(l % 4, (1, 2)), 1.0, -1.0)
        return f * sign, g * sign

    def _covariances(self) -> np.ndarray:
        """C^m_ll' of the cosine (and of the sine) part, (l_max + 1, L, L); zero for odd l + l' and below |m|."""
        flow, size = self.flow, self.l_max + 1
        total = np.zeros((size, size, size))
        parts = [np.sqrt(flow.power * part)[:, None] for part in (1 - flow.beta, flow.beta / 2)]
        # For eps = 1 all y of one k have one length, but for rounding.
        new = np.flatnonzero(np.abs(np.diff(self.lengths)) > 1e-13 * self.lengths.max()) + 1
        for some in np.split(np.arange(flow.nu.size), new):
            f, g = self.radial(some[0])
            products = [((p * f).T @ (p * f), (p * f).T @ (p * g), (p * g).T @ (p * g)) for p in parts]
            if some.size == 1:
                self._add_node(total, some[0], products)
                continue
            for parity in range(2):
                of_parity = [[product[parity::2, parity::2] for product in part] for part in products]
                self._add_alike(total[:, parity::2, parity::2], some, parity, of_parity)
        total[1:] /= 2  # the mean of a cosine's square
        lower = np.tril(total)
        return lower + np.tril(total, -1).transpose(0, 2, 1)

    def _add_node(self, total: np.ndarray, h: int, products: list) -> None:
        """Add one node in nu, l' <= l."""
        along, mixed, across = (
            sum(x * y * product[i] for product, x, y in zip(products, one[:, h], other[:, h], strict=True))
            for i, (one, other) in enumerate(
                ((self.outwards, self.outwards), (self.outwards, self.polar), (self.polar, self.polar))
            )
        )
        weight, harmonics = self.flow.part[h], np.ascontiguousarray(self.harmonics[..., h])
        add_ring(*harmonics, weight * along, weight * mixed, weight * across, weight * self.across**2 * products[1][2], total)

    def _add_alike(self, total: np.ndarray, some: np.ndarray, parity: int, products: list) -> None:
        """Add nodes in nu that share their radial products to the covariances of degrees of one parity."""
        weights, outwards, polar = self.flow.part[some], self.outwards[:, some], self.polar[:, some]
        u, v, w = self.harmonics[:, :, parity::2, some]
        for m in range(len(total)):
            first = max(0, (m - parity + 1) // 2)
            a, b, c = u[m, first:], v[m, first:], w[m, first:]
            here = total[m, first:, first:]
            for (ff, fg, gg), along, over in zip(products, outwards, polar, strict=True):
                here += ((a * (weights * along**2)) @ a.T) * ff[first:, first:]
                here += ((b * (weights * over**2)) @ b.T) * gg[first:, first:]
                mixed = ((a * (weights * along * over)) @ b.T) * fg[first:, first:]
                here += mixed + mixed.T
            here += self.across**2 * ((c * weights) @ c.T) * products[1][2][first:, first:]

    def _factors(self) -> tuple[np.ndarray, np.ndarray, dict]:
        """T with T^T T = C of every |m| and parity, laid end to end; and the inverses of C."""
        l_max, starts, parts, inverses, end = self.l_max, np.zeros((self.l_max + 1, 2), np.int64), [], {}, 0
        for m in range(l_max + 1):
            for parity in range(2):
                lowest = m + (m + parity) % 2
                block = self.covariances[m, lowest::2, lowest::2]
                starts[m, parity] = end
                if not block.size:
                    continue
                size = np.sqrt(np.diag(block))
                over = np.divide(1.0, size, out=np.zeros_like(size), where=size > 0)
                power, vectors = np.linalg.eigh(block * over[:, None] * over)
                present = power > SINGULAR * power.max()
                root = np.sqrt(np.where(present, power, 0.0))
                # The symmetric root of the correlations: it changes smoothly with every parameter, as eigenvectors do not, so
                # that runs of one seed and near parameters have nearly the same skies.
                parts.append((size[:, None] * ((vectors * root) @ vectors.T)).T.ravel())
                inverse = vectors * np.divide(1.0, root, out=np.zeros_like(root), where=present)
                inverses[m, parity] = over[:, None] * (inverse @ inverse.T) * over
                end += block.size
        return starts, np.concatenate(parts), inverses

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles of consecutive realisations."""
        multipoles = self.drawn(first, count)
        multipoles[:, 0, 1] += self._diffuse(self.dipole)
        return Measurement(multipoles)

    def drawn(self, first: int, count: int) -> np.ndarray:
        """Multipoles without the diffuse dipole, (count, n_m, L)."""
        multipoles = blank((TILE * math.ceil(count / TILE), self.orders.size, self.l_max + 1))
        purpose = int(Purpose.RING_MULTIPOLES)
        gaussian_multipoles(first, purpose, self.flow.seed, self.starts, self.factors, multipoles)
        return multipoles[:count]

    def correct(self, realisation: int, wave_vectors: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> None:
        """Change freely drawn amplitudes (3, n) of all waves so that their multipoles are those of the realisation."""
        waves = self.waves
        weighed = (wave_vectors * waves.weigh_wave_vectors, cosine * waves.weigh_amplitudes, sine * waves.weigh_amplitudes)
        lacking = self.drawn(realisation, 1)[0]
        for start in range(0, cosine.shape[1], WAVES_AT_ONCE):
            lacking -= self.of_waves(*(part[None, :, start : start + WAVES_AT_ONCE].copy() for part in weighed))[0]
        solved = np.zeros_like(lacking)
        for row, order in enumerate(np.abs(self.orders)):
            for parity in range(2):
                lowest = order + (order + parity) % 2
                if lowest <= self.l_max:
                    solved[row, lowest::2] = self.inverses[order, parity] @ lacking[row, lowest::2]
        odd, even = np.zeros_like(solved), np.zeros_like(solved)
        odd[:, 1::2], even[:, 0::2] = solved[:, 1::2], solved[:, 0::2]
        for amplitude, part in ((cosine, odd), (sine, even)):
            amplitude += self._adjoint(part)

    def _adjoint(self, solved: np.ndarray) -> np.ndarray:
        """Covariance of all amplitudes with the multipoles, times one vector of multipoles: (3, n)."""
        flow, azimuth = self.flow, self.flow.azimuths
        value, slope, turned = self.harmonics
        orders = np.arange(self.l_max + 1)
        cosines, sines = np.cos(np.outer(orders, azimuth)), np.sin(np.outer(orders, azimuth))
        of_cosine = solved[np.maximum(2 * orders - 1, 0)]
        of_sine = np.where(orders[:, None] > 0, solved[2 * orders], 0.0)
        across, along = flow.variances()
        change = np.empty((3, flow.k.size, flow.nu.size, azimuth.size))
        for h, nu in enumerate(flow.nu):
            if h == 0 or self.lengths[h] != self.lengths[h - 1]:
                f, g = self.radial(h)
            seen = [f @ (u[:, :, h] * d).T for u, d in ((value, of_cosine), (value, of_sine))]
            seen += [g @ (u[:, :, h] * d).T for u, d in ((slope, of_cosine), (slope, of_sine))]
            seen += [g @ (turned[:, :, h] * d).T for d in (of_cosine, of_sine)]
            out = seen[0] @ cosines + seen[1] @ sines
            polar = seen[2] @ cosines + seen[3] @ sines
            around = self.across * across[:, h, None] * (seen[5] @ cosines - seen[4] @ sines)
            length = along[:, h, None] * (self.outwards[0, h] * out + self.polar[0, h] * polar)
            plane = across[:, h, None] * (self.outwards[1, h] * out + self.polar[1, h] * polar)
            rho = math.sqrt((1 - nu) * (1 + nu))
            ground = length * rho + plane * nu
            change[0, :, h] = ground * cosines[1] - around * sines[1] if self.l_max else 0.0
            change[1, :, h] = ground * sines[1] + around * cosines[1] if self.l_max else 0.0
            change[2, :, h] = length * nu - plane * rho
        return change.reshape(3, -1)


def _harmonics(cosines: np.ndarray, sines: np.ndarray, l_max: int) -> np.ndarray:
    """Lambda_lm, dLambda_lm/dtheta and m Lambda_lm/sin(theta), sqrt(2) times for m > 0: (3, orders, degrees, n).

    sin(theta) > 0 or every |m| of value is 0 and 1: at the pole the last two of m = 1 are the limits.
    """
    value = normalised_legendre(cosines, l_max)
    slope, turned = np.zeros_like(value), np.zeros_like(value)
    l = np.arange(l_max + 1)[:, None]
    pole = sines == 0.0
    sine = np.where(pole, 1.0, sines)
    slope[0, 1:] = np.sqrt(l * (l + 1.0))[1:] * value[1, 1:] if l_max else 0.0
    for m in range(1, l_max + 1):
        root = np.sqrt((2 * l[m + 1 :] + 1) / (2 * l[m + 1 :] - 1) * (l[m + 1 :] ** 2 - m * m))
        slope[m, m:] = l[m:] * cosines * value[m, m:]
        slope[m, m + 1 :] -= root * value[m, m:-1]
        slope[m] /= sine
        turned[m] = m * value[m] / sine
    if pole.any():  # Lambda_l1 -> -sqrt((2l+1) l (l+1)/(16 pi)) theta
        limit = -np.sqrt((2 * l + 1) * l * (l + 1.0) / (16 * np.pi))
        slope[1:, :, pole], turned[1:, :, pole] = 0.0, 0.0
        slope[1, :, pole] = turned[1, :, pole] = limit.T
    result = np.array([value, slope, turned])
    result[:, 1:] *= np.sqrt(2)
    return result
