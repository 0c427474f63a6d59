"""The flow given a sky, against flows that are drawn on a grid and convected by Eq. 1 itself."""

import json
from dataclasses import replace

import numpy as np
import pytest
from inference_skies import FIELD, observed
from scipy.special import sph_legendre_p_all

from fluxtube.analysis.inference.data import from_table
from fluxtube.analysis.inference.flow import conditional_flow, convected, flow_and_sky, flow_covariance, infer_flow
from fluxtube.analysis.inference.flow_response import flow_and_sky_of_law
from fluxtube.analysis.inference.likelihood import SkyLikelihood
from fluxtube.analysis.inference.modes import to_table, to_vector
from fluxtube.analysis.inference.posterior import Posterior
from fluxtube.analysis.inference.transport import Point
from fluxtube.analysis.observations.wigner import to_equatorial
from fluxtube.cli import main
from fluxtube.theory import Turbulence
from fluxtube.theory.free_path import Erlang, Fixed
from fluxtube.theory.kinetic import InFlight, Steady
from fluxtube.theory.panels import place
from fluxtube.theory.scale_free import ScaleFree

GAMMA, SIGMA, L_MAX = 5 / 3, 30.0, 24
S = np.linspace(-1, 1, 21)


def drawn_flows(count, seed, nodes=120):
    """Flows at the nodes of a Gauss-Legendre rule and at S, and their a_l0 towards arrival directions, l = 2 .. L_MAX."""
    mu, weight = np.polynomial.legendre.leggauss(nodes)
    everywhere = np.concatenate([mu, S[S != 0]])
    level, basis = np.linalg.eigh(SIGMA**2 * flow_covariance(everywhere, GAMMA))
    normal = np.random.default_rng(seed).standard_normal((count, len(everywhere)))
    flows = normal @ (basis * np.sqrt(np.clip(level, 0, None))).T
    sky = np.array([convected(lambda at, g=g: g[:nodes], mu) for g in flows])
    harmonics = sph_legendre_p_all(L_MAX, 0, np.arccos(mu))[0][2:, 0]
    at_s = np.insert(flows[:, nodes:], np.flatnonzero(S == 0)[0], 0.0, axis=1)
    return at_s, 2 * np.pi * (sky * weight) @ harmonics.T


def likelihood_of(multipoles, level, lost=(), l_max=L_MAX):
    """Parallel sky turned to equatorial coordinates, with white noise of a level in the likelihood."""
    table = np.zeros((l_max + 1, l_max + 1), dtype=complex)
    table[2:, 0] = multipoles[: l_max - 1]
    size = (l_max + 1) ** 2 - 4
    return SkyLikelihood(from_table(to_equatorial(table, FIELD), np.full(size, level), lost=lost), "parallel")


def test_covariances_of_drawn_flows():
    """<g b_l0> from 4000 drawn flows within 5 errors (rate 2e-4 for 483 numbers); s turned about is not."""
    flows, multipoles = drawn_flows(4000, 1)
    expected = -4.7 / 299792.458 * SIGMA**2 * flow_and_sky(S, GAMMA, 0, 0, L_MAX)
    measured = flows.T @ multipoles / len(flows)
    own = SIGMA**2 * np.diag(flow_covariance(S, GAMMA))
    power = np.mean(multipoles**2, axis=0)
    error = np.sqrt((own[:, None] * power + expected**2) / len(flows)) + 1e-30
    assert np.max(np.abs(measured - expected)[own > 0] / error[own > 0]) < 5
    assert np.max(np.abs(measured - expected[::-1])[own > 0] / error[own > 0]) > 10
    theory = (4.7 / 299792.458 * SIGMA) ** 2 * np.diag(ScaleFree(L_MAX)(GAMMA, 0, 0)[0])
    np.testing.assert_allclose(power[:9], theory[:9], rtol=5 * np.sqrt(2 / 4000))


@pytest.mark.parametrize("weights", [(0.0, 0.0), (0.4, 0.6), (0.05, 0.9), (1.0, 1.0)])
def test_flow_and_sky_are_jointly_positive(weights):
    """The joint covariance has no negative eigenvalue; with the sky's part of other weights it has."""
    s = S[S != 0]
    own, sky = flow_covariance(s, GAMMA), ScaleFree(30)(GAMMA, *weights)[0]
    cross = flow_and_sky(s, GAMMA, *weights, 30)
    joint = np.block([[own, cross], [cross.T, sky]])
    scale = np.sqrt(np.outer(np.diag(joint), np.diag(joint)))
    assert np.linalg.eigvalsh(joint / scale)[0] > 0
    wrong = np.block([[own, 1.6 * cross], [1.6 * cross.T, sky]])
    assert np.linalg.eigvalsh(wrong / scale)[0] < 0


LAWS = {"steady": Steady(Fixed()), "in flight": Steady(InFlight(Erlang(3)))}


def test_table_of_laws_is_the_closed_form_of_fixed_paths():
    """By the structure tensor and by waves; 1e-3 of the largest of each degree (the rule ends at x = 3000)."""
    for gamma, weights in ((GAMMA, (0.3, 0.6)), (1.3, (0.0, 0.7)), (2.3, (1.0, 0.4))):
        exact = flow_and_sky(S, gamma, *weights, 5)
        waves = flow_and_sky_of_law(Fixed(), S, gamma, *weights, 5, 2 / 3)
        largest = np.abs(exact).max(axis=0)
        assert np.max(np.abs(waves - exact) / largest) < 1e-3
        assert np.max(np.abs(flow_and_sky_of_law(LAWS["steady"], S, gamma, *weights, 5, 2 / 3) - exact) / largest) > 0.1


@pytest.mark.parametrize("name", LAWS)
def test_parallel_flow_and_sky_of_a_law(name):
    """One wave on the line after another: 4 pi sqrt((2l+1)/4 pi) Re{i^(l-1) int E K_l (e^(-i x s) - 1) dx}, to 2e-3."""
    flow = Turbulence.power_law(GAMMA, 1.0, 1.0, 2 / 3)
    x, weight = (part.ravel() for part in place(np.concatenate([[0.0], np.geomspace(1e-9, 1, 30), np.arange(1.5, 4000, 0.5)]), 8))
    kernel = LAWS[name].response(1.0).direct(x, 5)[2:]
    for s in (-0.8, 0.3, 1.0):
        waves = kernel @ (weight * flow.field_aligned_spectrum(x) * (np.exp(-1j * x * s) - 1))
        l = np.arange(2, 6)
        expected = 4 * np.pi * np.sqrt((2 * l + 1) / (4 * np.pi)) * 2 * (1j ** (l - 1) * waves).real
        ours = flow_and_sky_of_law(LAWS[name], np.array([s]), GAMMA, 0, 0, 5, 2 / 3)[0]
        np.testing.assert_allclose(ours, expected, rtol=2e-3, atol=2e-3 * np.abs(expected).max())


@pytest.mark.parametrize("name", LAWS)
def test_flow_and_sky_of_a_law_are_jointly_positive(name):
    """Covariance of both with the sky of the same law has no negative eigenvalue; with the sky of half its size it has."""
    s = S[S != 0]
    own, sky = flow_covariance(s, GAMMA), ScaleFree(5, path=LAWS[name])(GAMMA, 0.4, 0.6)[0]
    cross = flow_and_sky_of_law(LAWS[name], s, GAMMA, 0.4, 0.6, 5, 2 / 3)
    for size, sign in ((1.0, 1), (0.15, -1)):
        joint = np.block([[own, cross], [cross.T, size * sky]])
        scale = np.sqrt(np.outer(np.diag(joint), np.diag(joint)))
        assert sign * np.linalg.eigvalsh(joint / scale)[0] > 0


def test_a_sky_without_noise_gives_the_flow_back():
    """The mean flow, convected by Eq. 1, is the sky again: every a_l0 of l = 2 .. 24, to 1e-4 of the largest; its mirror is not.

    The flow is rough (H = 1/3) and the dipole is not used: more degrees bring the mean nearer to the truth.
    """
    nodes, weight = np.polynomial.legendre.leggauss(100)
    flows, multipoles = drawn_flows(6, 2)
    harmonics = sph_legendre_p_all(L_MAX, 0, np.arccos(nodes))[0][2:, 0]
    point, misses = Point(SIGMA, GAMMA, field=FIELD), {8: [], L_MAX: []}
    for flow, single in zip(flows, multipoles, strict=True):
        mean, _ = conditional_flow(likelihood_of(single, 1e-16), point, nodes)
        again = 2 * np.pi * harmonics @ (weight * convected(lambda at, g=mean: g, nodes))
        assert np.max(np.abs(again - single)) < 1e-4 * np.max(np.abs(single))
        mirrored = 2 * np.pi * harmonics @ (weight * convected(lambda at, g=mean: g[::-1], nodes))
        assert np.max(np.abs(mirrored - single)) > 0.1 * np.max(np.abs(single))
        for l_max, found in misses.items():
            found.append(np.std(flow - conditional_flow(likelihood_of(single, 1e-16, l_max=l_max), point, S)[0]))
    assert np.mean(misses[L_MAX]) < 0.85 * np.mean(misses[8])
    assert np.mean(misses[8]) < 0.7 * np.mean(np.std(flows, axis=1))


def test_band_covers_and_prior_comes_out():
    """68 % at s = +-0.5 and +-1 over 150 skies with noise, m = 0 lost: coverage within 4 errors; noise alone leaves the prior."""
    flows, multipoles = drawn_flows(150, 3)
    level, point = 3e-10, Point(SIGMA, GAMMA, field=FIELD)
    rng, chosen = np.random.default_rng(4), [0, 5, 15, 20]
    frame = likelihood_of(multipoles[0], level, lost=(0,), l_max=8)
    scores = []
    for flow, single in zip(flows, multipoles, strict=True):
        data = likelihood_of(single, level, lost=(0,), l_max=8).data
        frame.data = data.with_values(data.values + np.sqrt(level) * rng.standard_normal(len(data.values)))
        mean, covariance = conditional_flow(frame, point, S[chosen])
        scores.append((flow[chosen] - mean) / np.sqrt(np.diag(covariance)))
    scores = np.array(scores)
    # Four places of one sky count as one and a half: the error is that of 225.
    assert np.mean(np.abs(scores) < 0.9945) == pytest.approx(0.68, abs=4 * np.sqrt(0.68 * 0.32 / 225))
    assert np.mean(np.abs(scores) < 0.7 * 0.9945) < 0.68 - 4 * np.sqrt(0.68 * 0.32 / 225)  # a band 30 % too narrow is seen
    loud = replace(frame.data, noise=1e6 * np.eye(len(frame.data.values)))
    frame.data = loud
    mean, covariance = conditional_flow(frame, point, S)
    np.testing.assert_allclose(covariance, SIGMA**2 * flow_covariance(S, GAMMA), atol=1e-6 * SIGMA**2)
    assert np.max(np.abs(mean)) < 1e-3


def test_skies_agree_with_the_data():
    """Constrained skies: where noise is small they repeat the data, and m = 0, which was lost, has power of its own."""
    point = Point(SIGMA, GAMMA, 0.5, 0.6, FIELD)
    data = observed(6, 1e-13)
    likelihood = SkyLikelihood(data, "cross-field")
    data = data.with_values(likelihood.draw(point, np.random.default_rng(1)))
    posterior = Posterior("cross-field", (), point, 0.0, 0.0, 0.0, 0.0, [point], np.zeros(1), 1)
    flow = infer_flow(data, posterior, s=S, count=40)
    assert np.max(np.abs(flow.skies[:, data.response] - data.values)) < 6 * np.sqrt(1e-13)
    lost = np.setdiff1d(np.arange(flow.skies.shape[1]), data.response)
    spread = flow.skies[:, lost].std(axis=0)
    prior = np.sqrt(np.diag(likelihood.model.covariance(point)))[lost]
    assert np.all(spread > 0.2 * prior)
    assert np.all(spread < 1.5 * prior)
    assert np.all(flow.lower <= flow.upper)
    assert to_vector(to_table(flow.skies[0], 6), 6) == pytest.approx(flow.skies[0])


def test_legend_lies_beside_the_curves():
    """The legend of the flow's figure does not touch its axes. Negative control: a legend within them does."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from fluxtube.analysis.inference.figures import flow_figure
    from fluxtube.analysis.inference.flow import Flow

    s = np.linspace(-1, 1, 41)
    rows = np.random.default_rng(1).standard_normal((3, 41))
    figure = flow_figure(Flow(s, 0 * s, 0 * s - 1, 0 * s + 1, np.abs(s), rows, rows, rows[0]), "cross-field")
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (axes,), (legend,) = figure.axes, figure.legends
    box = axes.get_tightbbox()
    assert not legend.get_window_extent().overlaps(box)
    assert figure.bbox.containsx(legend.get_window_extent().x0)
    assert figure.bbox.containsx(legend.get_window_extent().x1)
    within = axes.legend(*axes.get_legend_handles_labels())
    canvas.draw()
    assert within.get_window_extent().overlaps(box)


def test_command(tmp_path, capsys):
    arguments = ["flow", "hawc-icecube-2019", "--l-max", "6", "--fix", "gamma=5/3", "--steps", "20", "--live", "20"]
    arguments += ["--model", "isotropic"]
    assert main([*arguments, "--flows", "8", "--json", "-o", str(tmp_path)]) == 0
    result = json.loads(capsys.readouterr().out)
    flow = result["flow_km_s"]
    assert len(flow["s"]) == len(flow["mean"]) == 41
    assert flow["mean"][20] == pytest.approx(0, abs=1e-6)
    assert all(low <= high for low, high in zip(flow["lower"], flow["upper"], strict=True))
    assert (tmp_path / "flow.png").stat().st_size > 10_000
    assert "SIMULATED" in (tmp_path / "sky-0.csv").read_text()
    assert main([*arguments, "--flows", "1"]) == 2
    assert "--flows 1" in capsys.readouterr().err
