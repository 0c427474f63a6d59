"""The report of a run: verdict, results, configuration, provenance, timings, how to cite."""

from pathlib import Path

from fluxtube.analysis.figures import describe
from fluxtube.analysis.report import html, results
from fluxtube.analysis.report.citation import citation
from fluxtube.analysis.report.globe import script_hash
from fluxtube.analysis.report.summary import summarise
from fluxtube.analysis.validation import table as words
from fluxtube.analysis.validation.validate import Validation, open_ensemble, require_rate, validate
from fluxtube.errors import InputError
from fluxtube.files import MARK, require_replaceable, write_whole

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
        One page: nothing loaded from anywhere, all text of the file escaped; one script, which turns a sky, and no other runs.

    Raises
    ------
    InputError
        For a file that is no finished run.
    """
    require_rate(false_alarm)
    ensemble, summary = open_ensemble(path), summarise(path)
    name = Path(path).name
    try:
        validation, reason = validate(ensemble, against, false_alarm), ""
    except InputError as error:
        if against:
            raise
        validation, reason = None, str(error)
    sections = {}
    if validation is not None:
        sections["spectrum"] = results.spectrum(ensemble, validation)
        sections["matrix"] = results.matrix(ensemble, validation)
        sections["tests"] = results.tests(validation)
        if ensemble.momenta is not None:
            sections["energies"] = results.energies(ensemble)
    sections["skies"] = results.skies(ensemble)
    sections["configuration"] = _configuration(summary)
    sections["provenance"] = _provenance(summary)
    sections["citation"] = citation(summary["provenance"].get("version_fluxtube", ""), summary["configuration_hash"])
    parts = [
        f"<h1>{html.text(name)}</h1>",
        f'<p class="soft">{html.text(describe.sampling(ensemble))}, l ≤ {max(ensemble.l)}</p>',
        f"<p>{html.text(describe.physics(ensemble.config))}</p>",
        _verdict(validation, reason),
        _contents(sections),
        *sections.values(),
        _footer(summary),
    ]
    return html.page(f"{name}: fluxtube", *parts, script=script_hash())


def write_report(path, output, against=(), false_alarm: float = 1e-3) -> Path:
    """Write `build_report` to a file; InputError where that cannot be."""
    require_replaceable(Path(output), HEAD, HEAD, [path], MARK.encode())  # before the work
    return write_whole(output, build_report(path, against, false_alarm), like=HEAD, inputs=[path], mark=MARK.encode())


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


def _contents(names) -> str:
    links = (f'<a href="#{name}">{name}</a>' for name in names)
    return f"<nav>{' '.join(links)}</nav>"


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
        html.table(("what", "value"), rows, fold=True),
        html.table(("part", "time [s]"), seconds, numbers=(1,)) if seconds else "",
        html.details("Data sets of the file", html.table(("data set", "shape", "meaning"), sets, fold=True)),
    )


def _footer(summary: dict) -> str:
    form = html.text(f"{summary['format']} {summary['format_version']}, {summary['bytes'] / 1e6:.1f} MB")
    return f"<footer><p>{form}.</p></footer>"
