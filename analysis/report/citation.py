"""How to cite: what CITATION.cff says, which is no part of an installed package."""

from typing import Any

from fluxtube import __version__
from fluxtube.analysis.report import html

SOFTWARE = {
    "authors": "The fluxtube developers",
    "title": "fluxtube: Monte Carlo of turbulent convection anisotropies of cosmic rays",
}
PAPER: dict[str, Any] = {
    "authors": (("Zhang", "Yiran"), ("Liu", "Siming")),
    "title": "Convection Anisotropies of Cosmic Rays in Highly Magnetized Plasma",
    "year": 2025,
}


def bibtex(version: str) -> str:
    """Entries for the program, of the version that made the run, and for the paper of its theory."""
    authors = " and ".join(f"{family}, {given}" for family, given in PAPER["authors"])
    return (
        f"@software{{fluxtube,\n  author = {{{{{SOFTWARE['authors']}}}}},\n  title = {{{SOFTWARE['title']}}},\n"
        f"  version = {{{version}}}\n}}\n"
        f"@article{{ZhangLiu2025,\n  author = {{{authors}}},\n  title = {{{PAPER['title']}}},\n  year = {{{PAPER['year']}}}\n}}"
    )


def citation(version: str, configuration_hash: str) -> str:
    """The section of a report: two references, the run's own name, and the same for BibTeX."""
    version = version or __version__
    paper = " & ".join(f"{family}, {given[0]}." for family, given in PAPER["authors"])
    return html.section(
        "citation",
        "How to cite",
        "<ul>"
        f"<li>{html.text(SOFTWARE['authors'])}, <cite>{html.text(SOFTWARE['title'])}</cite>, version {html.text(version)}</li>"
        f"<li>{html.text(paper)} {PAPER['year']}, <cite>{html.text(PAPER['title'])}</cite>: the theory</li></ul>",
        f"<p>The configuration's hash names this run: <code>{html.text(configuration_hash[:16])}</code>.</p>",
        html.details("For BibTeX", f"<pre>{html.text(bibtex(version))}</pre>"),
    )
