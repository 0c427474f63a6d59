"""The ensemble's sums: what is added up over realisations, exactly, and the moments that follow."""

from dataclasses import dataclass

import numpy as np

from fluxtube.sim.engine.blank import blank
from fluxtube.sim.engine.estimators import Measurement
from fluxtube.sim.engine.kernels.products import TILE, products_in_tiles
from fluxtube.sim.run.exact import LOWEST, ExactSum

LEAST_SQUARE = 1024 * 2.0**LOWEST  # a mean of squares below it has lost more than a thousandth to the sums' last bit


@dataclass(frozen=True)
class MultipoleMoments:
    """Moments of the multipoles over the ensemble; anisotropies over the unit anisotropy.

    Attributes
    ----------
    mean : (n_m, L)
        <a_lm>.
    second, noise, square : (n_m, L, L)
        <a_lm a_l'm> free of shot noise, the shot noise's own second moment, and <s_lm^2 s_l'm^2> of the full sample.
    power, power_error : (L,)
        Mean over realisations of sum_m a_lm^2 free of shot noise, and its standard error from the realisations' own scatter,
        in which orders that vary together are counted as they do; NaN for one realisation, and where the squares are so small
        that the sums cut them.
    power_covariance : (L, L)
        Covariance of the means `power`, from the same scatter.
    """

    mean: np.ndarray
    second: np.ndarray
    noise: np.ndarray
    square: np.ndarray
    power: np.ndarray
    power_error: np.ndarray
    power_covariance: np.ndarray


@dataclass(frozen=True)
class SkyMoments:
    """Moments of the particles' sky.

    Attributes
    ----------
    mean, mean_square : (npix,)
        Mean over the realisations that hit a pixel; mean product of the two halves over those that hit it in both, which
        shot noise does not bias. NaN where there was none.
    hits, realisations : (npix,)
        Particles, and realisations in which both halves hit the pixel.
    """

    mean: np.ndarray
    mean_square: np.ndarray
    hits: np.ndarray
    realisations: np.ndarray


class Accumulator:
    """Exact sums over realisations; merging is adding integers, so order and grouping leave no trace.

    Parameters
    ----------
    orders, degrees : int
        n_m and L.
    pixels : int
        npix of the particles' sky, 0 without one.
    momenta : int
        Momenta P that every flow is seen at.
    """

    def __init__(self, orders: int, degrees: int, pixels: int = 0, momenta: int = 1):
        self.count = 0
        square = (orders, degrees, degrees)
        self.sums = {
            "mean": ExactSum((orders, degrees)),
            "second": ExactSum(square),
            "noise": ExactSum(square),
            "square": ExactSum(square),
            "power_square": ExactSum((degrees,)),
            "power_products": ExactSum((degrees, degrees)),
        }
        if momenta > 1:
            self.sums["momenta"] = ExactSum((momenta, momenta, orders, degrees, degrees))
        self.pixels = pixels
        if pixels:
            for name in ("sky", "sky_product", "sky_hits", "sky_hit", "sky_hit_twice"):
                self.sums[name] = ExactSum((pixels,))

    def add(self, measurement: Measurement) -> None:
        """Add a block of realisations."""
        s = measurement.multipoles
        self.count += len(s)
        self.sums["mean"].add(s.sum(axis=0))
        second, square = _products(s)
        self.sums["second"].add(second)
        self.sums["square"].add(square)
        power = np.einsum("rml,rml->rl", s, s)
        if measurement.difference is not None:
            self.sums["noise"].add(_products(measurement.difference)[0])
            power -= np.einsum("rml,rml->rl", measurement.difference, measurement.difference)
        self.sums["power_square"].add(np.einsum("rl,rl->l", power, power))
        self.sums["power_products"].add(_products(power[:, None])[0][0])
        if measurement.momenta is not None:
            self.sums["momenta"].add(_cross_products(measurement.momenta))
            if measurement.momenta_difference is not None:  # s s' - d d' = (h1 h2' + h2 h1')/2: of independent halves
                self.sums["momenta"].add(-_cross_products(measurement.momenta_difference))
        if measurement.intensity is not None and measurement.hits is not None:
            self._add_sky(measurement.intensity, measurement.hits)

    def _add_sky(self, intensity: np.ndarray, hits: np.ndarray) -> None:
        both_halves = hits.sum(axis=1)
        hit, hit_twice = both_halves > 0, np.all(hits > 0, axis=1)
        mean = intensity.sum(axis=1) / np.maximum(both_halves, 1)
        product = np.prod(intensity / np.maximum(hits, 1), axis=1)
        self.sums["sky"].add(mean.sum(axis=0))
        self.sums["sky_product"].add(np.where(hit_twice, product, 0.0).sum(axis=0))
        self.sums["sky_hits"].add(both_halves.sum(axis=0))
        self.sums["sky_hit"].add(hit.sum(axis=0))
        self.sums["sky_hit_twice"].add(hit_twice.sum(axis=0))

    def limbs(self) -> list[np.ndarray]:
        """The integers behind the sums: adding those of two accumulators merges them."""
        for exact in self.sums.values():
            exact.carry()
        return [exact.limbs for exact in self.sums.values()]

    def moments(self) -> MultipoleMoments:
        """Moments of the multipoles."""
        mean, full, noise, square, power_square, products = (
            self.sums[name].value() / self.count
            for name in ("mean", "second", "noise", "square", "power_square", "power_products")
        )
        second = full - noise
        power = np.einsum("mll->l", second)
        error = np.full_like(power, np.nan)
        known = power_square > LEAST_SQUARE if self.count > 1 else np.zeros(power.shape, dtype=bool)
        error[known] = np.sqrt(np.maximum(power_square - power**2, 0)[known] / (self.count - 1))
        covariance = np.full_like(products, np.nan)
        both = np.logical_and.outer(known, known)
        covariance[both] = (products - np.outer(power, power))[both] / max(1, self.count - 1)
        return MultipoleMoments(mean, second, noise, square, power, error, covariance)

    def momenta(self) -> np.ndarray | None:
        """<a_lm(p) a_l'm(p')> between the momenta, (P, P, n_m, L, L), or None where there is one."""
        return self.sums["momenta"].value() / self.count if "momenta" in self.sums else None

    def sky_moments(self) -> SkyMoments:
        """Moments of the particles' sky."""
        total, product, hits, hit, hit_twice = (
            self.sums[name].value() for name in ("sky", "sky_product", "sky_hits", "sky_hit", "sky_hit_twice")
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            return SkyMoments(total / hit, product / hit_twice, hits.astype(np.int64), hit_twice.astype(np.int64))


def _products(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """sum_r x_rml x_rml' and sum_r x_rml^2 x_rml'^2, (n_m, L, L) each, tiles added in their order."""
    count, orders, degrees = x.shape
    tiles = blank((2, orders, -(-count // TILE), degrees, degrees))
    products_in_tiles(np.ascontiguousarray(x.transpose(1, 0, 2)), *tiles)
    return tuple(tiles.sum(axis=2))


def _cross_products(x: np.ndarray) -> np.ndarray:
    """sum_r x_rpml x_rqml', (P, P, n_m, L, L)."""
    last = x.transpose(1, 2, 3, 0)
    return last[:, None] @ last[None].swapaxes(-1, -2)
