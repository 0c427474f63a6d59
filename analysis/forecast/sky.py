"""The Gaussian law of skies that were observed with so many events: one sky, or one for each of several energies.

    S_pq = A C_pq(theta) A' + delta_pq N_p,      N_p = 4 pi f_sky/(events of energy p) in the units of A

A is the view, C_pp that of `analysis.inference`, and C_pq the covariance between mean free paths on one flow.
"""

from dataclasses import dataclass

import numpy as np

from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.forecast.parameters import point_of
from fluxtube.analysis.inference.data import SkyData, from_table
from fluxtube.analysis.inference.maps import PAD, from_map
from fluxtube.analysis.inference.modes import degrees_and_orders, orders, to_table
from fluxtube.analysis.inference.transport import Point, Transport
from fluxtube.errors import InputError
from fluxtube.theory.free_path import Fixed
from fluxtube.theory.scale_free_pair import ScaleFreePair


@dataclass(frozen=True)
class Observation:
    """A view of the sky with white noise N_l = 1.

    Attributes
    ----------
    data : SkyData
        Its values mean nothing.
    sky_fraction : float
        f_sky.
    description : str
    """

    data: SkyData
    sky_fraction: float
    description: str


def whole_sky(l_max: int, l_min: int = 2, rings_lost: bool = False) -> Observation:
    """The whole sphere; orders m = 0 in equatorial coordinates are lost where rings are normalised one by one."""
    size = len(degrees_and_orders(l_max)[0])
    lost = (0,) if rings_lost else ()
    data = from_table(to_table(np.ones(size), l_max), np.ones(size), l_min=l_min, l_max=l_max, lost=lost, description="whole sky")
    return Observation(data, 1.0, "the whole sky")


def part_of_sky(seen: np.ndarray, l_max: int, l_min: int = 2, rings_lost: bool = False, description="mask") -> Observation:
    """The pixels (npix,) that were observed, HEALPix RING, equatorial coordinates; leakage from beyond l_max is in it.

    Raises
    ------
    InputError
        Nothing was observed, or the pixels do not resolve the degrees.
    """
    seen = np.asarray(seen, dtype=bool)
    variance = np.where(seen, len(seen) / (4.0 * np.pi), np.inf)
    data = from_map(np.zeros(len(seen)), variance, l_max, l_min, rings_lost, description=description)
    return Observation(data, float(seen.mean()), description)


def resolution(l_max: int) -> int:
    """nside that resolves a view's edges for degrees up to l_max."""
    nside = 16
    while nside < 2 * (l_max + PAD):
        nside *= 2
    return nside


class ForecastSky:
    """S of a configuration as a function of its parameters and of the number of events.

    Parameters
    ----------
    config : Config
        Its spectrum is taken without its band, as the inference does.
    observation : Observation
    shares : sequence of float, optional
        Events of each energy or mean free path over those of the first.

    Raises
    ------
    InputError
        The inference knows nothing of its spectrum or its free paths.
    """

    def __init__(self, config, observation: Observation, shares=None):
        transport, law = config.transport, theory_of_config(config).law
        if not hasattr(law, "transverse_response"):
            raise InputError("a forecast knows free paths that do not depend on the pitch angle; leave that law out")
        self.point, self.observation = point_of(config), observation
        self.paths = np.array(transport.seen_paths, dtype=float)
        self.shares = np.ones(len(self.paths)) if shares is None else np.asarray(shares, dtype=float)
        if self.shares.shape != self.paths.shape or not (np.isfinite(self.shares).all() and (self.shares > 0).all()):
            raise InputError(f"{len(self.paths)} energies need as many shares of events, each above zero")
        self.scale = config.sigma_scale
        path = None if law == Fixed() else law
        physics = {
            "beta": config.turbulence.transverse_fraction, "spectral_slope": transport.spectral_slope, "speed": transport.speed,
        }  # fmt: skip
        self.transport = Transport("cross-field", observation.data.l_top, path=path, **physics)
        self._pairs = {
            (p, q): ScaleFreePair(observation.data.l_top, self.paths[q] / self.paths[p], path=path)
            for p in range(self.paths.size)
            for q in range(self.paths.size)
            if p != q and (self.paths[q], q) < (self.paths[p], p)
        }
        self._known: dict[Point, np.ndarray] = {}

    @property
    def size(self) -> int:
        """Number of data."""
        return self.paths.size * len(self.observation.data.values)

    def noise(self, events: float) -> np.ndarray:
        """Covariance of the noise of so many events of the first energy, (size, size)."""
        level = 4.0 * np.pi * self.observation.sky_fraction / (events * self.shares)
        return np.kron(np.diag(level), self.observation.data.noise)

    def signal(self, point: Point) -> np.ndarray:
        """A C A' of all energies, (size, size); kept for points that come again."""
        if point not in self._known:
            if len(self._known) > 256:
                self._known.clear()
            self._known[point] = self._signal(point)
        return self._known[point]

    def _signal(self, point: Point) -> np.ndarray:
        data, n = self.observation.data, len(self.observation.data.values)
        total = np.zeros((self.size, self.size))
        for p in range(self.paths.size):
            block = slice(p * n, (p + 1) * n)
            total[block, block] = data.fold(self.transport.covariance(self._at(point, p)))
        for (p, q), pair in self._pairs.items():
            by_order = pair(point.gamma, *self.transport.weights(point), self.transport.beta)
            unit = self.transport.factor * self._at(point, p).sigma ** 2
            part = unit * data.fold(_turned(by_order, self.transport.blocks(point.field)))
            rows, columns = slice(p * n, (p + 1) * n), slice(q * n, (q + 1) * n)
            total[rows, columns], total[columns, rows] = part, part.T
        return total

    def _at(self, point: Point, p: int) -> Point:
        """The point with sigma at the mean free path of an energy: sigma^2 ~ length^(gamma - 1)."""
        from dataclasses import replace

        return replace(point, sigma=point.sigma * (self.paths[p] / self.scale) ** ((point.gamma - 1.0) / 2.0))

    def covariance(self, point: Point, events: float) -> np.ndarray:
        """S, (size, size)."""
        return self.signal(point) + self.noise(events)


def _turned(by_order: np.ndarray, blocks: list[np.ndarray]) -> np.ndarray:
    """R C R' of a covariance between two skies, given order by order about the field; rows and columns need not be alike."""
    sizes = [len(block) for block in blocks]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    total = np.zeros((starts[-1], starts[-1]))
    for i, one in enumerate(blocks):
        for j in range(i % 2, len(blocks), 2):  # odd l - l' are zero
            common = min(sizes[i], sizes[j])
            level = by_order[np.abs(orders((common - 1) // 2)), i, j]
            total[starts[i] : starts[i + 1], starts[j] : starts[j + 1]] = (one[:, :common] * level) @ blocks[j][:, :common].T
    return total
