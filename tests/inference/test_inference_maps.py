"""A map as data: couplings against the observer's kernels, the same sky as map and as table, what must be refused."""

import ducc0
import numpy as np
import pytest
from inference_skies import FIELD, masked_map

from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.maps import from_map
from fluxtube.analysis.inference.modes import degrees_and_orders, to_table
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observer.coupling import view_kernels
from fluxtube.analysis.observer.field_of_view import FieldOfView
from fluxtube.errors import InputError

L_MAX = 6


def test_couplings_of_a_band():
    """A'A, the information on the multipoles, is the kernel of the band over N_l for a fine map; pixels at the edge cost 2 %."""
    level, north = 5e-9, 40.0
    data = masked_map(level, L_MAX, north, nside=64)
    l, m = degrees_and_orders(L_MAX)
    kernels = view_kernels(FieldOfView(((-90.0, north),)), L_MAX)
    kernel = kernels[np.abs(m)[:, None], l[:, None], l] * (m[:, None] == m)
    inside = np.arange(len(l))
    whole = kernels[1:, 1:, 1:]  # l = 1 has an infinite variance here: take it out of the kernel
    for order in range(1, L_MAX + 1):
        rows = np.abs(m) == order
        if order == 1:
            share = np.outer(whole[0, 0, 1:], whole[0, 0, 1:]) / whole[0, 0, 0]
            for side in (1, -1):
                kernel[np.ix_(inside[m == side], inside[m == side])] -= share
        else:
            assert rows.any()
    measured = level * (data.response.T @ data.response)[: len(l), : len(l)]
    assert np.max(np.abs(measured - kernel)) < 0.02
    assert np.max(np.abs(measured[m == 0])) < 1e-9
    assert np.max(np.abs(measured - np.eye(len(l)))) > 0.2


def test_map_and_table_of_one_sky_agree():
    """The whole sphere, white noise: ln L of the map is that of its multipoles, up to a constant; a table with m = 0 is not."""
    rng = np.random.default_rng(7)
    nside, level = 32, 1e-9
    base = ducc0.healpix.Healpix_Base(nside, "RING")
    size = (L_MAX + 1) ** 2 - 4
    table = SkyLikelihood(from_table(to_table(np.ones(size), L_MAX), np.full(size, level)), "cross-field")
    truth = Point(30.0, 5 / 3, 0.4, 0.6, FIELD)
    vector = table.draw(truth, rng)
    alm = to_table(vector, L_MAX)
    alm[1] = [1e-3, 1e-3 + 2e-3j, *[0] * (L_MAX - 1)]  # a dipole of any size
    l, m = np.tril_indices(L_MAX + 1)
    order = np.lexsort((l, m))
    sky = ducc0.sht.synthesis(alm=alm[l[order], m[order]][None], lmax=L_MAX, spin=0, **base.sht_info())[0]
    data = from_map(sky, np.full(base.npix(), level * base.npix() / (4 * np.pi)), L_MAX, rings_lost=True, pad=0)
    by_map = SkyLikelihood(data, "cross-field")
    by_table = SkyLikelihood(from_table(alm, np.full(size, level), lost=(0,)), "cross-field")
    with_rings = SkyLikelihood(from_table(alm, np.full(size, level)), "cross-field")
    points = [truth, Point(20.0, 1.9, 0.2, 0.9, (100.0, -40.0)), Point(50.0, 1.4, 0.8, 0.1, FIELD)]
    values = [np.diff([likelihood(point) for point in points]) for likelihood in (by_map, by_table, with_rings)]
    assert values[0] == pytest.approx(values[1], rel=2e-3)  # HEALPix's pixels are no exact quadrature
    assert values[0] != pytest.approx(values[2], rel=2e-2)


def test_refusals():
    with pytest.raises(InputError, match="nothing is left"):
        masked_map(north=-91)
    with pytest.raises(InputError, match="beyond a map of nside 2"):
        masked_map(nside=2)
    with pytest.raises(InputError, match="noise of a pixel"):
        masked_map(level=0.0)
    with pytest.raises(InputError, match="not a HEALPix map"):
        from_map(np.zeros(100), np.ones(100), 2)
