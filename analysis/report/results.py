"""Parts of a report that show results: spectrum, correlation matrix, tests, energies, skies; what does not apply is left out."""

from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.energies import energies_figure
from fluxtube.analysis.figures.sky import sky_figure
from fluxtube.analysis.figures.spectrum import spectrum_figure
from fluxtube.analysis.report import html
from fluxtube.analysis.report.globe import globe
from fluxtube.analysis.validation import table as words
from fluxtube.analysis.validation.farthest import farthest_point
from fluxtube.analysis.validation.meanings import MEANINGS
from fluxtube.analysis.validation.validate import Validation
from fluxtube.errors import InputError


def spectrum(ensemble, validation: Validation) -> str:
    """C_l, with the point that lies farthest from theory explained, and all numbers."""
    scores, l = validation.spectrum, validation.moments.l
    rows = [
        (degree, f"{value:.4e}", f"{error:.1e}", f"{theory:.4e}", words.score(z).strip())
        for degree, value, error, theory, z in zip(l, scores.value, scores.error, scores.theory, scores.z, strict=True)
    ]
    caption = "Errors are standard errors of the ensemble's mean if theory holds; the band is where C_l of a single sky lies."
    farthest = farthest_point(scores, l)
    caption += f" {farthest}" if farthest is not None else ""
    return html.section(
        "spectrum",
        "Angular power spectrum",
        html.picture(
            lambda narrow: spectrum_figure(ensemble, validation, narrow=narrow, caption=False),
            "Angular power spectrum of the run with its errors, theory, and residuals in standard errors",
            caption,
        ),
        html.details(
            "All C_l as a table", html.table(("l", "C_l simulated", "error", "C_l theory", "z"), rows, numbers=range(5))
        ),
    )


def matrix(ensemble, validation: Validation) -> str:
    """The correlation matrix."""
    return html.section(
        "matrix",
        "Correlation matrix",
        html.picture(
            lambda narrow: correlation_figure(ensemble, validation, narrow=narrow),
            "Correlation of the multipoles: theory, simulation, and their difference in standard errors",
            "Theory and simulation share one normalisation; last, the difference of the covariances in standard errors.",
        ),
    )


def tests(validation: Validation) -> str:
    """Every test that was made, with what it asks; in a line those that were not, and why."""
    rows, missing = [], []
    for outcome in validation.outcomes:
        if outcome.p_value is None or outcome.statistic is None:
            missing.append(f"{outcome.name} ({outcome.note.removeprefix('not defined: ')})")
            continue
        dof = "" if outcome.dof is None else outcome.dof
        numbers = (words.statistic(outcome.statistic), dof, words.probability(outcome.p_value))
        name = f"{outcome.name} *" if outcome.decides else outcome.name
        rows.append(((name, MEANINGS[outcome.name]), *numbers, outcome.note))
    note = "Tests marked * share the false-alarm rate (Bonferroni); a maximum's p-value is corrected for the numbers looked at."
    if validation.moments.sampled:
        note += " Shot noise is removed by the cross moments of two halves of the particles."
    note += f" {words.power_line(validation).capitalize()}."
    parts = [html.table(("test", "statistic", "dof", "p-value", "note"), rows, numbers=(1, 2, 3), fold=True)] if rows else []
    parts += [f'<p class="soft">{html.text(note)}</p>'] if rows else []
    parts += [f'<p class="soft">Not made: {html.text("; ".join(missing))}.</p>'] if missing else []
    return html.section("tests", "Tests", *parts)


def energies(ensemble) -> str:
    """C_l of every energy."""
    return html.section(
        "energies",
        "Energies",
        html.picture(
            lambda narrow: energies_figure(ensemble, narrow=narrow),
            "C_l against energy, and the correlation of skies of different energy",
            "The same flows with particles of several energies: C_l, and how alike the skies are.",
        ),
    )


def skies(ensemble) -> str:
    """A sky and the mean-square sky, and a few skies that the reader can turn."""
    caption = "Delta f/f by arrival direction, Mollweide, longitude to the left."
    words = "First simulated sky and mean-square sky of the ensemble"
    try:
        still = html.picture(lambda narrow: sky_figure(ensemble, narrow=narrow), words, caption)
    except InputError as error:
        still = f"<p>{html.text(error)}</p>"
    return html.section("skies", "Skies", still, globe(ensemble))
