"""The report of a run: verdict, figures, tests, configuration, provenance, timings."""

from pathlib import Path

from fluxtube.analysis.figures import describe
from fluxtube.analysis.figures.correlation import correlation_figure
from fluxtube.analysis.figures.sky import sky_figure
from fluxtube.analysis.figures.spectrum import spectrum_figure
from fluxtube.analysis.report import html
from fluxtube.analysis.report.summary import summarise
from fluxtube.analysis.validation import table as words
from fluxtube.analysis.validation.meanings import MEANINGS
from fluxtube.analysis.validation.validate import Validation, open_ensemble, validate
from fluxtube.errors import InputError
from fluxtube.files import require_replaceable, write_whole

HEAD = b"<!DOCTYPE html>"  # of a page: nothing else is replaced by one


def build_report(path, against=(), false_alarm: float = 1e-3) -> str:
    """Self-contained HTML of a finished run.

    Parameters
    ----------
    path : path
        Ensemble file.
    against, false_alarm
        As in `fluxtube.analysis.validation.validate.validate`.

    Returns
    -------
    str
        One page: no script, nothing loaded from anywhere, all text of the file escaped.

    Raises
    ------
    InputError
        For a file that is no finished run.
    """
    ensemble, summary = open_ensemble(path), summarise(path)
    name = Path(path).name
    try:
        validation, reason = validate(ensemble, against, false_alarm), ""
    except InputError as error:
        if against:
            raise
        validation, reason = None, str(error)
    parts = [
        f"<h1>{html.text(name)}</h1>",
        f'<p class="soft">{html.text(describe.sampling(ensemble))}, l ≤ {max(ensemble.l)}</p>',
        f"<p>{html.text(describe.physics(ensemble.config))}</p>",
        _verdict(validation, reason),
        _contents(validation is not None),
    ]
    if validation is not None:
        parts += [_spectrum(ensemble, validation), _matrix(ensemble, validation), _tests(validation)]
    parts += [_skies(ensemble), _configuration(summary), _provenance(summary), _footer(summary)]
    return html.page(f"{name}: fluxtube", *parts)


def write_report(path, output, against=(), false_alarm: float = 1e-3) -> Path:
    """Write `build_report` to a file; InputError where that cannot be."""
    require_replaceable(Path(output), HEAD, HEAD, [path])  # before the work
    return write_whole(output, build_report(path, against, false_alarm), like=HEAD, inputs=[path])


def _verdict(validation: Validation | None, reason: str) -> str:
    if validation is None:
        return f'<p class="verdict">Not compared with theory: {html.text(reason)}</p>'
    word, look = {"accepted": ("accepted", "good"), "rejected": ("REJECTED", "bad"), "undecided": ("UNDECIDED", "soft")}[
        validation.verdict
    ]
    against = f" of {', '.join(validation.against)}" if validation.against else ""
    p_value = validation.combined_p_value
    combined = "no test can be made" if p_value is None else f"combined p-value {words.probability(p_value)}"
    reasons = "".join(f"<li>{html.text(reason)}</li>" for reason in validation.open_questions)
    return (
        f'<p class="verdict {look}">Theory{html.text(against)} {word} at a false-alarm rate of {validation.false_alarm:g}: '
        f"{combined}</p>" + (f"<p>Open:</p><ul>{reasons}</ul>" if reasons else "")
    )


def _contents(tested: bool) -> str:
    names = ["spectrum", "matrix", "tests"] if tested else []
    links = (f'<a href="#{name}">{name}</a>' for name in [*names, "skies", "configuration", "provenance"])
    return f"<nav>{' '.join(links)}</nav>"


def _spectrum(ensemble, validation: Validation) -> str:
    spectrum = validation.spectrum
    rows = [
        (l, f"{value:.4e}", f"{error:.1e}", f"{theory:.4e}", words.score(z).strip())
        for l, value, error, theory, z in zip(
            validation.moments.l, spectrum.value, spectrum.error, spectrum.theory, spectrum.z, strict=True
        )
    ]
    return html.section(
        "spectrum",
        "Angular power spectrum",
        html.picture(
            spectrum_figure(ensemble, validation),
            "Angular power spectrum of the run with its errors, theory, and residuals in standard errors",
            "Errors are standard errors of the ensemble's mean if theory holds; the band is where C_l of a single sky lies.",
        ),
        html.details(
            "All C_l as a table", html.table(("l", "C_l simulated", "error", "C_l theory", "z"), rows, numbers=range(5))
        ),
    )


def _matrix(ensemble, validation: Validation) -> str:
    return html.section(
        "matrix",
        "Correlation matrix",
        html.picture(
            correlation_figure(ensemble, validation),
            "Correlation of the multipoles: theory, simulation, and their difference in standard errors",
            "Left and middle share one normalisation; right: the difference of the covariances in standard errors.",
        ),
    )


def _tests(validation: Validation) -> str:
    rows = []
    for outcome in validation.outcomes:
        if outcome.p_value is None:
            rows.append(("", outcome.name, "", "", "", outcome.note))
            continue
        dof = "" if outcome.dof is None else outcome.dof
        mark = "*" if outcome.decides else ""
        rows.append(
            (mark, outcome.name, words.statistic(outcome.statistic), dof, words.probability(outcome.p_value), outcome.note)
        )
    note = "Tests marked * share the false-alarm rate (Bonferroni); a maximum's p-value is corrected for the numbers looked at."
    if validation.moments.sampled:
        note += " Shot noise is removed by the cross moments of two halves of the particles."
    note += f" {words.power_line(validation).capitalize()}."
    head = ("", "test", "statistic", "dof", "p-value", "")
    asked = [(outcome.name, MEANINGS[outcome.name]) for outcome in validation.outcomes]
    return html.section(
        "tests",
        "Tests",
        html.table(head, rows, numbers=(2, 3, 4)),
        f'<p class="soft">{html.text(note)}</p>',
        html.details("What each test asks", html.table(("test", "question"), asked)),
    )


def _skies(ensemble) -> str:
    try:
        figure = sky_figure(ensemble)
    except InputError as error:
        return html.section("skies", "Skies", f"<p>{html.text(error)}</p>")
    caption = "Delta f/f by arrival direction, Mollweide, longitude to the left; the run's own frame."
    return html.section(
        "skies", "Skies", html.picture(figure, "First simulated sky and mean-square sky of the ensemble", caption)
    )


def _configuration(summary: dict) -> str:
    return html.section(
        "configuration",
        "Configuration",
        f"<p>SHA-256 <code>{html.text(summary['configuration_hash'])}</code></p>",
        f"<pre>{html.text(summary['configuration_toml'].strip())}</pre>",
    )


def _provenance(summary: dict) -> str:
    rows = [(key.replace("_", " "), value) for key, value in summary["provenance"].items() if value != ""]
    seconds = [(key.replace("_", " "), f"{value:.4g}") for key, value in summary["timings"].items()]
    sets = [(item["name"], " x ".join(map(str, item["shape"])), item["meaning"]) for item in summary["datasets"]]
    return html.section(
        "provenance",
        "Provenance and timings",
        html.table(("what", "value"), rows),
        html.table(("part", "time [s]"), seconds, numbers=(1,)),
        html.details("Data sets of the file", html.table(("data set", "shape", "meaning"), sets)),
    )


def _footer(summary: dict) -> str:
    form = html.text(f"{summary['format']} {summary['format_version']}, {summary['bytes'] / 1e6:.1f} MB")
    version = html.text(summary["provenance"].get("version_fluxtube", ""))
    cite = (
        f"To cite: The fluxtube developers, fluxtube {version}, Monte Carlo of turbulent convection anisotropies of cosmic rays; "
        "and the paper of its theory: Zhang, Y. &amp; Liu, S. 2025, Convection Anisotropies of Cosmic Rays in Highly Magnetized "
        "Plasma. The configuration's hash above names the run."
    )
    return f"<footer><p>{form}.</p><p>{cite}</p></footer>"
