"""Multipoles and skies from particles followed backward through many scatterings: they find the isotropic part of f."""

import copy
import math
from typing import Any

import ducc0
import numpy as np

from fluxtube.errors import InputError
from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators.table import increment_table
from fluxtube.sim.engine.harmonics import real_from_complex, real_orders
from fluxtube.sim.engine.kernels.free_path import TABULATED
from fluxtube.sim.engine.kernels.gaussian import fill_uniform_pairs
from fluxtube.sim.engine.kernels.interpolation import interpolate_cells, interpolation_cells
from fluxtube.sim.engine.kernels.single import fill_free_paths
from fluxtube.sim.engine.kernels.sphere_walks import sphere_walk_tails
from fluxtube.sim.engine.kernels.walks import cells_needed, exact_walks, walk_tails
from fluxtube.sim.engine.measurement import Measurement
from fluxtube.sim.engine.sky import zonal_harmonics
from fluxtube.sim.engine.streams import Purpose, key
from fluxtube.theory.constants import C_KM_S
from fluxtube.theory.free_path import Fixed

LEFT = 0.01  # of the slowest wave's isotropic part, when walks end
GROUP = 16  # particles that share a walk: the least noise for the time, for degrees of about 2 to 6
ACCURACY = 1e-10  # of the transform from scattered directions, relative


def scatterings_needed(x: float, law) -> int:
    """Scatterings after which |<j_0(x t)>|^n = LEFT: some 28/(<t^2> x^2) at small x.

    After n scatterings R has become R (1 - <j_0>^n): what is left is known.

    Examples
    --------
    >>> from fluxtube.theory.free_path import Erlang
    >>> scatterings_needed(0.2, Fixed()), scatterings_needed(0.2, Erlang(1))
    (690, 352)
    """
    zero = math.sin(x) / x if law == Fixed() else float(law.velocity_response(1.0).direct(np.array([x]), 0)[0, 0])
    return max(4, math.ceil(math.log(LEFT) / math.log(min(max(abs(zero), 1e-3), 1 - 1e-12))))


class WalkEstimator:
    """Delta f/f = (dln f/dln p)/v < sum_i u(s_i).(n_(i-1) - n_i) > - u(0).n_0 over walks, to first order; see `kernels.walks`.

    Nothing here knows R or K_l. With `reduction`, GROUP particles of different directions share the walk after their first
    scattering, each walk is averaged with its mirror image, and the first path, whose mean is known, is replaced by that mean:
    none of the three changes an expectation value.

    Parameters
    ----------
    seen : estimator
        Exact mean of the first path, without density response.
    flow, mean_free_path
        Of a flow along the field; None with `waves`.
    waves : transport.Waves
        Of a vector flow, else None.
    l_max, nside, unit, free_path, dipole, particles, rotation, seed
        As in `ParticleEstimator`; free_path with density response.
    scatterings : int
        Followed after the first.
    reduction : bool
    exact : (speed, slope) or None
        Speed of the particles [km/s] and dlnf/dlnp: transform momenta exactly, along the field and without reduction.
    """

    def __init__(
        self, seen, flow, mean_free_path, waves, l_max, nside, unit, free_path, dipole, particles, rotation, seed, scatterings,
        reduction=True, exact=None,
    ):  # fmt: skip
        self.seen, self.flow, self.mean_free_path, self.waves = seen, flow, mean_free_path, waves
        self.l_max, self.nside = l_max, nside
        self.unit, self.free_path, self.dipole, self.seed = unit, free_path, dipole, key(seed)
        self.rotation, self.scatterings, self.reduction, self.exact = rotation, scatterings, reduction, exact
        if exact and (reduction or waves is not None):
            raise InputError("walks with exact momenta are followed along the field and without reduction of the variance")
        self.group = GROUP if reduction else 1
        self.particles = max(2 * self.group, particles // (2 * self.group) * (2 * self.group))
        self.orders = np.array([0]) if waves is None else real_orders(l_max)
        self.pixels = ducc0.healpix.Healpix_Base(nside, "RING")
        shape, ends = free_path.stages, free_path.ends
        if shape == TABULATED:
            self.whole, square, longest = (shape, ends.reach, ends.cumulative), ends.law.moments[2], ends.reach
        else:
            self.whole = shape, math.inf, np.zeros(1)
            square = (shape + 1.0) / shape if shape else 1.0
            longest = 1.0 if shape == 0 else max(free_path.reach, 25.0 / math.sqrt(shape))
        self.reach = cells_needed(scatterings, square, longest)

    def rehearse(self) -> None:
        """Compile what `measure` needs, with a few particles and scatterings."""
        few = copy.copy(self)
        few.particles, few.scatterings = 2 * self.group, 2
        few.measure(0, 1)

    def measure(self, first: int, count: int) -> Measurement:
        """Multipoles and skies of consecutive realisations."""
        halves = blank((count, 2, self.orders.size, self.l_max + 1))
        intensity, hits = blank((2, count, 2, 12 * self.nside**2))
        known = self.seen.measure(first, count).multipoles if self.reduction else np.zeros((count, 1, 1))
        drawn = self.waves.draw(first, count) if self.waves is not None else None
        for r in range(count):
            directions, path = self._observed(first + r)
            if drawn is None:
                table = increment_table(self.flow, self.mean_free_path, first + r, 1, self.reach)[0]
                seen, tail = self._along(first + r, directions[:, 2], path, interpolation_cells(table))
            else:
                seen, tail = self._across(first + r, directions, path, *(part[r] for part in drawn))
            seen = seen + self.dipole * directions[:, 2] * path
            value = tail if self.reduction else seen + tail
            half = value.size // 2
            for h, part in enumerate((slice(0, half), slice(half, None))):
                halves[r, h] = known[r] + self._multipoles(directions[part], value[part])
                self._deposit(directions[part], (seen + tail)[part], intensity[r, h], hits[r, h])
        return Measurement(halves.mean(axis=1), (halves[:, 0] - halves[:, 1]) / 2, intensity, hits)

    def _observed(self, realisation: int) -> tuple[np.ndarray, np.ndarray]:
        """Arrival directions, (particles, 3), and the path that each particle has behind it; a group fills the sphere evenly."""
        height, turns, path = blank((3, self.particles))
        fill_uniform_pairs(height, turns, realisation, int(Purpose.PARTICLES), self.seed)
        height = 2 * (np.arange(self.particles) % self.group + height) / self.group - 1
        law = self.free_path
        fill_free_paths(0, realisation, int(Purpose.FREE_PATHS), self.seed, law.shape, law.reach, law.cumulative, path)
        rho = np.sqrt((1 - height) * (1 + height))
        return np.column_stack([rho * np.cos(2 * np.pi * turns), rho * np.sin(2 * np.pi * turns), height]), path

    def _streams(self, realisation: int) -> tuple[Any, ...]:
        return realisation, int(Purpose.WALK_DIRECTIONS), int(Purpose.WALK_PATHS), self.seed, 0

    def _along(self, realisation, mu, path, cells):
        """First path and tail of each particle in a flow along the field, in the unit anisotropy."""
        start = (mu * path).reshape(-1, self.group)
        if self.exact:
            speed, slope = self.exact
            value = blank(mu.shape)
            exact_walks(
                *self._streams(realisation), cells, self.reach, mu, path, self.scatterings, *self.whole,
                1 / C_KM_S, speed / C_KM_S, slope, value,
            )  # fmt: skip
            return np.zeros(mu.shape), value / (slope * self.unit / speed)
        tail = blank(start.shape)
        walk_tails(*self._streams(realisation), cells, self.reach, start, self.reduction, self.scatterings, *self.whole, tail)
        seen = mu * interpolate_cells(cells, np.clip(start.ravel() / self.reach, -1, 1))
        return seen / self.unit, tail.ravel() / self.unit

    def _across(self, realisation, directions, path, wave_vectors, cosine, sine):
        """The same in a vector flow."""
        start = (path[:, None] * directions).reshape(-1, self.group, 3)
        tail = blank(start.shape[:2])
        sphere_walk_tails(
            *self._streams(realisation), wave_vectors, cosine, sine, start, self.reduction, self.scatterings, *self.whole, tail
        )
        phase, even, odd = (
            np.einsum("pi,in->pn", one, other)
            for one, other in ((start.reshape(-1, 3), wave_vectors), (directions, cosine), (directions, sine))
        )
        seen = (even * (np.cos(phase) - 1) + odd * np.sin(phase)).sum(axis=1)
        return seen, tail.ravel()

    def _multipoles(self, directions, value) -> np.ndarray:
        """4 pi times the mean of Y_lm v, (n_m, L)."""
        scale = 4 * np.pi / value.size
        if self.orders.size == 1:
            return scale * (zonal_harmonics(directions[:, 2], self.l_max) * value[:, None]).sum(axis=0)[None]
        where = np.column_stack([np.arccos(directions[:, 2]), np.arctan2(directions[:, 1], directions[:, 0]) % (2 * np.pi)])
        alm = ducc0.sht.adjoint_synthesis_general(
            map=value[None], spin=0, lmax=self.l_max, loc=where, epsilon=ACCURACY, nthreads=1
        )
        return scale * real_from_complex(alm[0], self.l_max)

    def _deposit(self, directions, value, intensity, hits) -> None:
        """Pixel sums and counts of one half."""
        pixel = self.pixels.vec2pix(directions @ self.rotation.T, nthreads=1)
        intensity[...] = np.bincount(pixel, value, minlength=intensity.size)
        hits[...] = np.bincount(pixel, minlength=hits.size)
