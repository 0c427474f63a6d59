"""The likelihood of a whole sky against independent densities, and its frame, noise and projections against direct routes."""

import ducc0
import numpy as np
import pytest
from inference_skies import FIELD, observed
from scipy import stats

from fluxtube.analysis.fit.templates import Templates
from fluxtube.analysis.inference import noise
from fluxtube.analysis.inference.data import from_table, project_out
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.modes import degrees_and_orders, rotation, to_table, to_vector, turn_covariance
from fluxtube.analysis.inference.sky_input import View, read_sky
from fluxtube.analysis.inference.transport import Point, Transport, gradient_shape, make
from fluxtube.analysis.observations.wigner import to_equatorial
from fluxtube.errors import InputError
from fluxtube.theory import Turbulence, isotropic, parallel
from fluxtube.theory.constants import C_KM_S

L_MAX = 7
SIZE = (L_MAX + 1) ** 2 - 4


def block_matrix(blocks):
    sizes = np.concatenate([[0], np.cumsum([len(block) for block in blocks])])
    whole = np.zeros((sizes[-1], sizes[-1]))
    for block, start, stop in zip(blocks, sizes, sizes[1:], strict=False):
        whole[start:stop, start:stop] = block
    return whole


def test_frame():
    """R of a vector is the rotation of its table, and the blocks turn a covariance as the whole matrix does."""
    rng = np.random.default_rng(1)
    vector = rng.standard_normal(SIZE)
    np.testing.assert_allclose(to_vector(to_table(vector, L_MAX), L_MAX), vector, rtol=1e-14)
    blocks = rotation(L_MAX, FIELD)
    whole = block_matrix(blocks)
    turned = to_table(whole @ vector, L_MAX)
    np.testing.assert_allclose(turned, to_equatorial(to_table(vector, L_MAX), FIELD), atol=1e-13)
    assert np.abs(turned - to_equatorial(to_table(vector, L_MAX), FIELD[::-1])).max() > 0.1
    by_order = Transport("cross-field", L_MAX).about_field(Point(30, 5 / 3, 0.4, 0.6))
    l, m = degrees_and_orders(L_MAX)
    about = by_order[np.abs(m)[:, None], (l - 2)[:, None], l - 2] * (m[:, None] == m)
    np.testing.assert_allclose(turn_covariance(by_order, blocks), whole @ about @ whole.T, atol=1e-12 * about.max())


def test_isotropic_is_the_chi_squared_likelihood():
    """(1, 1) without noise: differences of ln L in sigma and gamma are those of C_l ~ chi^2 with 2l + 1 degrees."""
    rng = np.random.default_rng(2)
    truth = isotropic.angular_power_spectrum(Turbulence.power_law(5 / 3, 25.0, 1.0), 1.0, L_MAX)
    l, _ = degrees_and_orders(L_MAX)
    vector = rng.standard_normal(SIZE) * np.sqrt(truth[l - 2])
    C_l = np.array([np.mean(vector[l == degree] ** 2) for degree in range(2, L_MAX + 1)])
    likelihood = SkyLikelihood(from_table(to_table(vector, L_MAX), np.zeros(SIZE)), "isotropic")
    points = [(25.0, 5 / 3), (31.0, 1.4), (18.0, 2.1)]
    ours, theirs = [], []
    for sigma, gamma in points:
        ours.append(likelihood(Point(sigma, gamma, field=FIELD)))
        expected = isotropic.angular_power_spectrum(Turbulence.power_law(gamma, sigma, 1.0), 1.0, L_MAX)
        dof = 2 * np.arange(2, L_MAX + 1) + 1
        theirs.append(np.sum(stats.chi2(dof, scale=expected / dof).logpdf(C_l)))
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), rtol=1e-9)
    general = SkyLikelihood(from_table(to_table(vector, L_MAX), np.zeros(SIZE)), "cross-field")
    assert general(Point(25.0, 5 / 3, 1.0, 1.0, FIELD)) == pytest.approx(ours[0], rel=1e-12)


def test_parallel_without_noise_knows_the_signs():
    """(0, 0), noise 1e-9 of the sky: differences of ln L are those of a Gaussian a_l0 about the field; not so for B elsewhere."""
    rng = np.random.default_rng(3)
    flow = Turbulence.power_law(5 / 3, 40.0, 1.0)
    covariance = (4.7 / C_KM_S) ** 2 * parallel.multipole_covariance(flow, 1.0, L_MAX)
    single = rng.multivariate_normal(np.zeros(L_MAX - 1), covariance)
    table = np.zeros((L_MAX + 1, L_MAX + 1), dtype=complex)
    table[2:, 0] = single
    likelihood = SkyLikelihood(from_table(to_equatorial(table, FIELD), np.full(SIZE, 1e-9 * covariance[-1, -1])), "parallel")
    ours, theirs = [], []
    templates = Templates("parallel", np.arange(2, L_MAX + 1))
    for sigma, gamma in [(40.0, 5 / 3), (55.0, 1.4), (30.0, 2.0)]:
        ours.append(likelihood(Point(sigma, gamma, field=FIELD)))
        theirs.append(stats.multivariate_normal(np.zeros(L_MAX - 1), sigma**2 * templates.covariance(gamma)).logpdf(single))
    np.testing.assert_allclose(np.diff(ours), np.diff(theirs), rtol=0, atol=1e-5)  # the templates hold 1e-6
    assert likelihood(Point(40.0, 5 / 3, field=(FIELD[0] + 10, FIELD[1]))) < ours[0] - 1000


@pytest.mark.parametrize("scale", [1.0, 1e-4])
def test_errors_of_a_table_add_to_the_noise(tmp_path, scale):
    """a_l0, sqrt(2) Re and sqrt(2) Im are normal with C_l + N_l + (1 or 2) error^2: by scipy, number by number."""
    rng = np.random.default_rng(6)
    flow = Turbulence.power_law(5 / 3, 25.0, 1.0)
    C_l = isotropic.angular_power_spectrum(flow, 1.0, 4)
    level, rows, expected, blind = 3e-10, ["l,m,re,im,re_error,im_error"], 0.0, 0.0
    for l in range(2, 5):
        for m in range(l + 1):
            factor = 1.0 if m == 0 else 2.0
            re, im = rng.normal(0.0, np.sqrt(C_l[l - 2] / factor), 2) * [1, m > 0]
            errors = rng.uniform(1e-5, 6e-5, 2) * [1, m > 0]
            rows.append(f"{l},{m}," + ",".join(f"{x / scale:.17g}" for x in (re, im, *errors)))
            for x, error in [(re, errors[0]), (im, errors[1])][: 1 + (m > 0)]:
                own = C_l[l - 2] + level
                expected += stats.norm(0, np.sqrt(own + factor * error**2)).logpdf(np.sqrt(factor) * x)
                blind += stats.norm(0, np.sqrt(own)).logpdf(np.sqrt(factor) * x)
    path = tmp_path / "alm.csv"
    path.write_text("\n".join(rows))
    view = View(l_max=4, noise=level, scale=scale)
    found = SkyLikelihood(read_sky(path, view), "isotropic")(Point(25.0, 5 / 3, field=FIELD))
    assert found == pytest.approx(expected, abs=1e-6)  # the templates hold 1e-6
    assert abs(found - blind) > 0.1
    without = SkyLikelihood(read_sky(path, View(l_max=4, noise=level, scale=scale, errors=False)), "isotropic")
    assert without(Point(25.0, 5 / 3, field=FIELD)) == pytest.approx(blind, abs=1e-6)


def test_lost_modes_are_infinite_variances():
    """Projection = the limit of a very large prior variance, up to a constant that no parameter enters."""
    rng = np.random.default_rng(4)
    response, values = rng.standard_normal((9, 12)), rng.standard_normal(9)
    base, unwanted = rng.standard_normal((9, 9)), rng.standard_normal((9, 3))
    kept = project_out(values, response, base @ base.T, np.column_stack([unwanted, unwanted[:, 0]]))
    assert len(kept[0]) == 6
    ours, limit = [], []
    for scale in (0.5, 3.0):
        signal = scale * np.eye(12)
        ours.append(stats.multivariate_normal(np.zeros(6), kept[1] @ signal @ kept[1].T + kept[2]).logpdf(kept[0]))
        wide = response @ signal @ response.T + base @ base.T + 1e9 * unwanted @ unwanted.T
        limit.append(stats.multivariate_normal(np.zeros(9), wide, allow_singular=False).logpdf(values))
    assert np.diff(ours) == pytest.approx(np.diff(limit), rel=1e-5)


def test_noise_by_declination():
    """The same level everywhere is white; two levels against 400 simulated noise maps, within 5 errors."""
    flat = noise.by_declination(4, [(-90, -20, 2e-10), (-20, 90, 2e-10)])
    np.testing.assert_allclose(flat, 2e-10 * np.eye(21), atol=1e-22)
    bands = [(-90, -20, 1.0), (-20, 90, 4.0)]
    matrix = noise.by_declination(4, bands)
    base = ducc0.healpix.Healpix_Base(32, "RING")
    rng = np.random.default_rng(5)
    theta = base.pix2ang(np.arange(base.npix()))[:, 0]
    level = np.where(90 - np.rad2deg(theta) < -20, 1.0, 4.0)
    pixel = np.sqrt(level * base.npix() / (4 * np.pi))
    geometry = base.sht_info()
    l, m = np.tril_indices(5)
    order = np.lexsort((l, m))
    draws = []
    for _ in range(400):
        values = (rng.standard_normal(base.npix()) * pixel)[None]
        alm = ducc0.sht.adjoint_synthesis(map=values, lmax=4, spin=0, **geometry)[0] * 4 * np.pi / base.npix()
        table = np.zeros((5, 5), dtype=complex)
        table[l[order], m[order]] = alm
        draws.append(to_vector(table, 4))
    measured = np.cov(np.array(draws).T, bias=True)
    error = np.sqrt((np.outer(np.diag(matrix), np.diag(matrix)) + matrix**2) / 400)
    assert np.max(np.abs(measured - matrix) / error) < 5  # 231 elements: false alarm 1.3e-4
    assert np.max(np.abs(measured - np.mean(level) * np.eye(21)) / error) > 5


def test_errors_of_a_table(tmp_path):
    """sqrt(2) Re a has twice the variance of Re a; correlations go to both real orders of m."""
    (tmp_path / "sky.csv").write_text("l,m,re,im,re_error,im_error\n2,1,1,2,0.1,0.2\n3,1,1,1,0.3,0.3\n2,0,1,0,0.4,0\n")
    (tmp_path / "cov.csv").write_text("m,l,l2,covariance\n1,2,2,0.02\n1,2,3,0.005\n")
    variance = noise.errors_of_table(tmp_path / "sky.csv", 3)
    l, m = degrees_and_orders(3)
    at = {(a, b): i for i, (a, b) in enumerate(zip(l, m, strict=True))}
    assert [variance[at[key]] for key in ((2, 1), (2, -1), (2, 0))] == pytest.approx([0.02, 0.08, 0.16])
    matrix = noise.correlated_errors(tmp_path / "cov.csv", 3, np.nan_to_num(variance))
    assert matrix[at[2, 1], at[3, 1]] == matrix[at[3, -1], at[2, -1]] == pytest.approx(0.01)
    assert matrix[at[2, -1], at[2, -1]] == pytest.approx(0.04)
    assert matrix[at[3, 1], at[3, 1]] == pytest.approx(0.18)


def test_errors_in_rows_of_negative_orders(tmp_path):
    """a_l-m = (-1)^m a_lm^*: the error of a row of -m is that of m, and two rows of one multipole cannot differ."""
    head = "l,m,re,im,re_error,im_error\n"
    (tmp_path / "plus.csv").write_text(head + "2,1,1,2,0.1,0.2\n2,2,1,1,0.3,0.4\n2,0,1,0,0.4,0\n")
    (tmp_path / "minus.csv").write_text(head + "2,-1,-1,2,0.1,0.2\n2,-2,1,-1,0.3,0.4\n2,0,1,0,0.4,0\n")
    plus, minus = (noise.errors_of_table(tmp_path / f"{name}.csv", 2) for name in ("plus", "minus"))
    assert np.array_equal(minus, plus)
    assert np.all(plus > 0)
    (tmp_path / "both.csv").write_text(head + "2,1,1,2,0.1,0.2\n2,-1,-1,2,0.1,0.3\n")
    with pytest.raises(InputError, match="m = -1: im_error of m and of -m differ"):
        noise.errors_of_table(tmp_path / "both.csv", 2)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("1,2,3,0.005\n1,3,2,0.006\n", "m = 1, l = 3, l2 = 2: this covariance is given twice"),
        ("3,2,3,0.005\n", "m = 3, l = 2, l2 = 3: the order goes from 0"),
        ("-1,2,3,0.005\n", "m = -1, l = 2, l2 = 3: the order goes from 0"),
        ("1,2,2.5,0.005\n", "l2 must be a whole number"),
    ],
)
def test_a_covariance_of_no_pair_is_refused(tmp_path, rows, words):
    (tmp_path / "cov.csv").write_text(f"m,l,l2,covariance\n{rows}")
    with pytest.raises(InputError, match=words):
        noise.correlated_errors(tmp_path / "cov.csv", 3, np.ones(12))


def test_gradient_sum_rule():
    """sum (2l+1) C_l = 9 C_1 (Ahlers 2014), the tail beyond L being 18/(L + 2)."""
    l = np.arange(1, 100001)
    assert np.sum((2 * l + 1) * gradient_shape(l)) + 18 / (l[-1] + 2) == pytest.approx(9, rel=1e-12)
    rival = make("gradient", 4)
    assert np.diag(rival.covariance(Point(2.0)))[5] / 4 == pytest.approx(gradient_shape(3.0) / gradient_shape(2.0))


def test_refusals():
    with pytest.raises(InputError, match="nothing is left"):
        from_table(np.full((5, 5), np.nan + 0j), np.ones(21))
    with pytest.raises(InputError, match="beyond the table"):
        from_table(np.ones((5, 5)), np.ones(21), l_max=9)
    with pytest.raises(InputError, match="without variance"):
        SkyLikelihood(observed(level=0.0), "parallel")(Point(30.0, field=FIELD))
    with pytest.raises(InputError, match="model 'convective'"):
        make("convective", 5)
    with pytest.raises(InputError, match="without gap"):
        noise.by_declination(4, [(-90, 0, 1.0), (10, 90, 1.0)])
