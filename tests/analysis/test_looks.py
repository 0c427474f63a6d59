"""One look a model in the figures of all commands; guide lines as steep as theory; formats, degrees, realisations, titles."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib.colors import to_hex

import fluxtube
from fluxtube.analysis.configured import theory_of_config
from fluxtube.analysis.figures import style
from fluxtube.analysis.figures.spectrum import spectrum_figure
from fluxtube.analysis.figures.write import save_figure
from fluxtube.cli import main

SMALL = """
[turbulence]
band = [1e-2, 1e2]
[transport]
model = "{model}"
{weights}
[sky]
l_max = 9
nside = 8
[sampling]
flow = "modes"
waves = 64
[ensemble]
realisations = 60
[output]
multipoles = 60
skies = 3
[check]
realisations = 0
"""
HALF = "displacement_perpendicular = 0.5\nconvection_perpendicular = 0.5"
DATA = "my data"
KINDS = {
    "parallel": ("parallel", "PD"),
    "isotropic": ("isotropic", "ID"),
    "cross-field": ("cross-field",),
    "simulation": ("simulation", "simulated"),
    "observation": (DATA,),
}
ENDS = {"$\\epsilon = 0$, $\\eta = 0$": "parallel", "$\\epsilon = 1$, $\\eta = 1$": "isotropic"}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of each transport."""
    folder = tmp_path_factory.mktemp("runs")
    for model in style.MODELS:
        (folder / "config.toml").write_text(SMALL.format(model=model, weights=HALF if model == "cross-field" else ""))
        assert main(["run", str(folder / "config.toml"), "-o", str(folder / f"{model}.h5"), "-q", "--threads", "1"]) == 0
    return {model: str(folder / f"{model}.h5") for model in style.MODELS}


def kind_of(label):
    """What a label in a legend speaks of: a model, simulation, observation; None for another thing."""
    if "$\\epsilon" in label:
        return ENDS.get(label, "cross-field")
    if "simulat" in label:
        return "simulation"
    return next((kind for kind, words in KINDS.items() if any(re.search(rf"\b{word}\b", label) for word in words)), None)


def colours(figures):
    """{kind: set of colours} of all that has a label, in all figures."""
    found = {}
    for figure in figures:
        for axes in figure.axes:
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
                handle = handle[0] if isinstance(handle, tuple) else handle
                colour = handle.get_color() if hasattr(handle, "get_color") else handle.get_facecolor()[0][:3]
                if kind_of(label):
                    found.setdefault(kind_of(label), set()).add(to_hex(colour).lower())
    return found


def wanted(kind):
    look = {"simulation": style.SIMULATION, "observation": style.OBSERVATION}.get(kind) or style.MODELS[kind]
    return {look.colour.lower()}


@pytest.fixture
def drawn(monkeypatch):
    """Figures that commands save, in place of files."""
    figures = []

    def keep(figure, path):
        figures.append(figure)
        return path

    for module in ("report.gallery", "figures.write"):  # in this order: the first takes its name from the second when imported
        monkeypatch.setattr(f"fluxtube.analysis.{module}.save_figure", keep)
    return figures


def test_one_colour_a_model_in_all_commands(runs, drawn, tmp_path, monkeypatch):
    """Every labelled line, point and band of plot, report, gallery, paper, observe, measure, fit, slope, infer and flow."""
    healpy = pytest.importorskip("healpy")
    spectrum = tmp_path / f"{DATA}.csv"
    spectrum.write_text("l,C_l\n" + "".join(f"{l},{3e-8 * (l / 2) ** -2.7}\n" for l in range(2, 15)))
    alm = np.zeros(healpy.Alm.getsize(12), dtype=complex)
    alm[4:40] = 1e-4 / np.arange(4, 40)
    healpy.write_map(str(tmp_path / f"{DATA}.fits"), healpy.alm2map(alm, 32, lmax=12), coord="C")
    monkeypatch.setattr("fluxtube.analysis.report.html.picture", lambda make, *_: drawn.extend(map(make, (False, True))) or "")
    out = ["-o", str(tmp_path / "out")]
    commands = {
        **{f"plot {model}": ["plot", run, *out] for model, run in runs.items()},
        "gallery": ["gallery", runs["cross-field"], "-n", "2", "-o", str(tmp_path / "gallery.png")],
        "report": ["report", runs["isotropic"], "-o", str(tmp_path / "page.html")],
        "paper": ["paper", "--spectrum", str(spectrum), *out],
        "observe": ["observe", "--l-max", "8", *out],
        "measure": ["measure", str(tmp_path / f"{DATA}.fits"), "--noise", "1e-12", "--l-max", "6", *out],
        "fit": ["fit", str(spectrum), "--steps", "60", *out],
        "slope": ["slope", *runs.values(), "--l-min", "4", "-o", str(tmp_path / "slope.svg")],
    }
    seen = {}
    for name, arguments in commands.items():
        drawn.clear()
        assert main(arguments) == 0, name
        seen[name] = colours(drawn)
    both = {"parallel", "isotropic"}
    for name, kinds in {
        "plot parallel": both | {"simulation"}, "plot isotropic": both | {"simulation"},
        "plot cross-field": {"isotropic", "cross-field", "simulation"}, "report": both | {"simulation"},
        "gallery": {"cross-field", "simulation"},
        "paper": both | {"observation"}, "observe": both, "measure": both | {"observation"}, "fit": both | {"observation"},
        "slope": set(style.MODELS),
    }.items():  # fmt: skip
        assert set(seen[name]) == kinds, name
        for kind in kinds:
            assert seen[name][kind] == wanted(kind), (name, kind)


def test_colours_of_an_inference():
    """Corner plot and flow of each model have its colour; theirs is read from contours and labelled lines."""
    from fluxtube.analysis.inference.figures import corner_figure, flow_figure

    rng = np.random.default_rng(1)
    s = np.linspace(-1, 1, 5)
    flow = SimpleNamespace(s=s, prior=1 + s**2, lower=s - 1, upper=s + 1, mean=s, realisations=[s, -s])
    for model in style.MODELS:
        chain = rng.normal(size=(3000, 6))
        corner = corner_figure(SimpleNamespace(names=("sigma", "gamma"), model=model, samples=lambda chain=chain: chain))
        histogram = corner.axes[0].patches[0]
        assert to_hex(histogram.get_edgecolor()).lower() == style.MODELS[model].colour.lower()
        assert colours([flow_figure(flow, model)]) == {model: wanted(model)}


def test_colour_test_can_fail():
    """A line in another model's colour is found."""
    figure = style.new_figure(3, 3)
    axes = figure.subplots()
    axes.plot([1, 2], color=style.BLUE, label="isotropic diffusion, theory")
    assert colours([figure])["isotropic"] != wanted("isotropic")
    assert len({look.colour for look in (*style.MODELS.values(), style.SIMULATION, *style.OBSERVATIONS)}) == 4 + len(
        style.OBSERVATIONS
    )


def test_corner_plot_has_one_meaning_of_a_dash(monkeypatch):
    """The only dashed lines are Kolmogorov's, at gamma = 5/3; axes end where samples do, whatever few lie far out."""
    from fluxtube.analysis.fit.figures import corner_figure

    rng = np.random.default_rng(2)
    sigma, gamma = np.append(rng.normal(45, 2, 3999), 230.0), rng.normal(1.7, 0.05, 4000)
    fit = SimpleNamespace(
        samples=SimpleNamespace(sigma=sigma, gamma=gamma), prior=SimpleNamespace(free_gamma=True),
        templates=SimpleNamespace(model="parallel"), spectrum=SimpleNamespace(l=np.arange(2, 9)),
    )  # fmt: skip
    figure = corner_figure(fit)
    dashed = [line for axes in figure.axes for line in axes.lines if line.get_linestyle() not in ("-", ":", "None")]
    assert len(dashed) == 2
    for line in dashed:
        assert 5 / 3 in (*line.get_xdata(), *line.get_ydata())
    assert figure.axes[0].get_xlim()[1] < 60


TABLE = [[0.5, 1.0], [10.0, 0.01], [3000.0, 1e-6]]
WIDE, SHORT = {"band": [1e-2, 3e3]}, {"band": [0.5, 300.0]}
SPECTRA = [
    WIDE, WIDE | {"spectrum": "slab"}, WIDE | {"spectrum": "von-karman", "outer_scale": "100 pc"},
    WIDE | {"spectrum": "goldreich-sridhar"}, SHORT | {"spectrum": "slab+2d"}, WIDE | {"spectrum": "stretched", "stretch": 3.0},
    SHORT | {"spectrum": "goldreich-sridhar-3d", "outer_scale": "20 pc"}, WIDE | {"spectrum": "table", "table": TABLE},
]  # fmt: skip
PARTICLES = [
    {}, {"free_path": "exponential"}, {"free_path": "erlang", "free_path_shape": 3}, {"density_response": "steady"},
    {"free_path_observed": "in-flight"},
]  # fmt: skip


def guide(spectrum, particles, model):
    """Slope that the figure's guide line has and says, or None without one; slope of theory over the last half octave."""
    config = fluxtube.configuration({"turbulence": spectrum, "transport": {"model": model, **particles}})
    theory = theory_of_config(config)
    last = 40 if spectrum["band"][1] < 1e3 else 120
    l = np.arange(last // 2, last + 1)
    C_l = theory.spectrum(last, int(l[0]))
    figure = style.new_figure(3, 3)
    axes = figure.subplots()
    from fluxtube.analysis.figures.spectrum import _slope

    _slope(axes, l, C_l, theory.steepness)
    true = np.polyfit(np.log(l), np.log(C_l), 1)[0]
    if not axes.lines:
        return None, true
    (line,) = axes.lines
    said = re.search(r"\^\{(-?[\d./]+)\}", line.get_label()).group(1)
    numerator, _, denominator = said.partition("/")
    drawn = np.polyfit(np.log(line.get_xdata()), np.log(line.get_ydata()), 1)[0]
    assert drawn == pytest.approx(float(numerator) / float(denominator or 1), abs=1e-6)
    return drawn, true


@pytest.mark.parametrize("spectrum", SPECTRA, ids=lambda keys: keys.get("spectrum", "power-law"))
def test_guide_lines_are_as_steep_as_theory(spectrum):
    """For every spectrum, free-path law and response that has one, to 0.12; tables and scale-dependent eddies have none."""
    along = spectrum.get("spectrum") in ("slab", "goldreich-sridhar")
    for model in ("parallel",) if along else ("parallel", "isotropic"):
        for particles in PARTICLES:
            drawn, true = guide(spectrum, particles, model)
            if spectrum.get("spectrum") in ("table", "goldreich-sridhar-3d"):
                assert drawn is None
            else:
                assert abs(drawn - true) < 0.12, (model, particles)


def test_guide_line_test_can_fail():
    """The slope of fixed paths is not that of exponential ones."""
    _, true = guide(WIDE, {"free_path": "exponential"}, "parallel")
    drawn, _ = guide(WIDE, {}, "parallel")
    assert abs(drawn - true) > 2


def test_free_paths_by_pitch_angle():
    """Title and comparison say it, and there is no guide line: C_l of h = |mu| falls by l^-3 at l = 100, not by l^-8/3."""
    law = {"pitch_angle_dependence": "power", "pitch_angle_exponent": 1.0}
    settings = {"turbulence": {"band": [1e-2, 30.0]}, "transport": law, "sky": {"l_max": 8, "nside": 4}}
    settings |= {"ensemble": {"realisations": 60}, "check": {"realisations": 0}}
    axes = spectrum_figure(fluxtube.simulate(settings, threads=1)).axes[0]
    labels = axes.get_legend_handles_labels()[1]
    assert "paths by pitch angle: power, $a = 1$" in axes.get_title()
    assert not any("inertial" in label for label in labels)
    assert "isotropic diffusion, one path for all directions, theory" in labels


def test_titles_and_narrow_figures(runs, tmp_path):
    """slope has the title that it is given; narrow figures are 4.2 inches wide, wide ones wider."""
    assert main(["slope", runs["parallel"], "--l-min", "3", "--title", "mine", "-o", str(tmp_path / "slope.svg")]) == 0
    assert ">mine<" in (tmp_path / "slope.svg").read_text()
    for options, widest in (([], 800), (["--narrow"], 4.2 * 72 + 1)):
        assert main(["plot", runs["parallel"], "--format", "svg", "-o", str(tmp_path), *options]) == 0
        texts = [(tmp_path / f"{name}.svg").read_text() for name in ("sky", "correlation")]
        widths = [float(re.search(r'width="([\d.]+)pt"', text).group(1)) for text in texts]
        assert max(widths) < widest
        assert options or min(widths) > 700


def test_titles_say_what_the_numbers_depend_on(runs):
    """Steady density, particles met in flight, free paths, weights, estimator."""
    from fluxtube.analysis.figures.describe import title

    transport = {"density_response": "steady", "free_path_observed": "in-flight", "free_path": "erlang", "free_path_shape": 2}
    settings = {"transport": transport, "sampling": {"estimator": "walks", "particles": 100}, "turbulence": {"band": [0.5, 20]}}
    words = title(SimpleNamespace(config=fluxtube.configuration(settings), realisations=5))
    for part in ("power-law", "erlang free paths", "$k = 2$", "in flight", "density responds", "by walks", "parallel diffusion"):
        assert part in words
    energies = {"energies": ["3 TeV", "10 TeV"], "reference_energy": "10 TeV", "energy_exponent": 0.5}
    several = SimpleNamespace(config=fluxtube.configuration({"transport": energies}), realisations=5)
    assert "parallel diffusion, 10 TeV, $N" in title(several)
    assert "TeV" not in title(several, all_energies=True)
    narrow = title(SimpleNamespace(config=fluxtube.configuration(settings), realisations=5), narrow=True)
    assert max(map(len, narrow.splitlines())) < 70 < max(map(len, words.splitlines()))
    assert narrow.replace("\n", " ") == words.replace("\n", " ")


def test_formats_are_the_same_in_all_commands(runs, tmp_path):
    """plot, observe and slope write what --format or the ending says, twice the same bytes; text in svg stays text."""
    out, magic = tmp_path / "out", {".svg": b"<?xml", ".pdf": b"%PDF", ".png": b"\x89PNG"}
    assert main(["plot", runs["parallel"], "--format", "svg, PDF,png", "--title", "A & <b> $x", "-o", str(out)]) == 0
    assert main(["observe", "--l-max", "5", "--format", "svg,png", "-o", str(out)]) == 0
    assert main(["slope", runs["parallel"], "--l-min", "3", "-o", str(out / "slope.svg")]) == 0
    pictures = [path for path in out.iterdir() if path.suffix != ".csv"]
    assert len(pictures) == 3 * 3 + 2 + 1
    assert all(path.read_bytes().startswith(magic[path.suffix]) for path in pictures)
    before = (out / "spectrum.svg").read_bytes()
    again = save_figure(spectrum_figure(runs["parallel"], heading="A & <b> $x"), out / "spectrum.svg")
    assert again.read_bytes() == before
    assert "multipole degree" in (out / "spectrum.svg").read_text()
    assert "A &amp; &lt;b&gt; $x" in (out / "spectrum.svg").read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["paper"], ["observe", "--l-max", "5"], ["measure", "map.fits", "-o", "out"], ["fit", "none.csv"],
        ["infer", "hawc-icecube-2019"], ["flow", "hawc-icecube-2019"],
    ],
)  # fmt: skip
def test_unknown_format_is_refused_before_the_work(arguments, capsys):
    """One line that names the formats."""
    assert main([*arguments, "--format", "gif"]) == 2
    message = capsys.readouterr().err
    assert message == "fluxtube: error: --format 'gif': known are png, pdf, svg, or several with commas\n"


def test_realisation_degrees_and_title(runs, tmp_path):
    """What is asked for is what is drawn and tabulated."""
    ensemble = fluxtube.load(runs["isotropic"])
    options = ["--realisation", "2", "--l-min", "3", "--l-max", "7", "--title", "mine"]
    assert main(["plot", runs["isotropic"], *options, "-o", str(tmp_path)]) == 0
    table = np.genfromtxt(tmp_path / "spectrum.csv", delimiter=",", names=True, skip_header=2)
    assert list(table["l"]) == [3, 4, 5, 6, 7]
    np.testing.assert_allclose(table["C_l"], ensemble.C_l[3:8], rtol=1e-9)
    sky = np.genfromtxt(tmp_path / "sky.csv", delimiter=",", names=True, skip_header=2)
    np.testing.assert_allclose(sky["realisation_2"], ensemble.samples_sky[2], rtol=1e-8, atol=1e-20)
    figure = ensemble.plot("spectrum", degrees=(3, 7), heading="mine")
    assert figure.axes[0].get_title() == "mine"
    points = next(line for line in figure.axes[0].lines if line.get_marker() == "o")
    assert list(points.get_xdata()) == [3, 4, 5, 6, 7]
    assert "of 5 points" in figure.get_supxlabel().replace("\n", " ")
    sky_2 = ensemble.plot("sky", realisation=2).axes[0]
    assert "realisation 2" in sky_2.get_title()
    shown = sky_2.images[0].get_array().compressed()
    assert set(np.round(shown, 6)) <= set(
        np.round(ensemble.samples_sky[2] / 10.0 ** np.floor(np.log10(np.max(np.abs(ensemble.samples_sky[2])))), 6)
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--format", "bmp"], "png, pdf, svg"),
        (["--format", ""], "format is empty"),
        (["--format", "png,,pdf"], "png, pdf, svg"),
        (["--realisation", "3"], "keeps the skies of 3"),
        (["--realisation", "-1"], "--realisation -1"),
        (["--realisation", "1.5"], "--realisation 1.5"),
        (["--l-min", "8", "--l-max", "4"], "above --l-max"),
        (["--l-max", "50"], "ends at l = 9"),
        (["--l-min", "10"], "ends at l = 9"),
        (["--l-min", "1"], "--l-min 1"),
        (["--l-min", "two"], "--l-min"),
    ],
)
def test_refused_in_one_line(runs, options, words, capsys, tmp_path):
    """Status 2, one line, nothing written."""
    assert main(["plot", runs["parallel"], *options, "-o", str(tmp_path / "out")]) == 2
    message = capsys.readouterr().err
    assert message.startswith("fluxtube: error: ")
    assert message.count("\n") == 1
    assert words in message
    assert not (tmp_path / "out").exists()


def test_spectrum_says_how_rare_its_farthest_point_is(runs):
    """The caption is in the figure, wide and narrow."""
    for narrow in (False, True):
        words = spectrum_figure(runs["parallel"], narrow=narrow).get_supxlabel().replace("\n", " ")
        assert re.fullmatch(
            r"Farthest from theory: l = \d, [+-]\d\.\d sigma\. By chance one of 8 points is at least .* such runs\.", words
        )
