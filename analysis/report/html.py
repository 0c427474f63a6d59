"""Pieces of HTML; every text that comes in is escaped."""

import base64
import html
import io

from fluxtube.analysis.figures import style
from fluxtube.files import MARK

# Nothing is loaded and no script runs but the one that is named by its digest, whatever a file's text may hold.
NARROW = "(max-width: 44rem)"  # of the screen; the same as in the style sheet
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

CSS = """
:root { color-scheme: light; --ink: #1a1a1a; --soft: #5c5c5c; --line: #d9d9d9; --tint: #f4f6f8; --good: #00654a; --bad: #a63c00; }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.2rem; max-width: 62rem; color: var(--ink); background: #fff;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .2rem 0 .4rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
p { margin: .5rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
.verdict { margin: 1rem 0; padding: .7rem 1rem; border-left: 5px solid; background: var(--tint); font-weight: 600; }
.good { color: var(--good); border-color: var(--good); } .bad { color: var(--bad); border-color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; overflow-wrap: normal; }
th, td { padding: .28rem .8rem .28rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } figcaption { color: var(--soft); font-size: .9rem; max-width: 46rem; }
td:last-child { overflow-wrap: anywhere; min-width: 9rem; }
@media (min-width: 44rem) { .fold td small { min-width: 19rem; } }
td small { display: block; color: var(--soft); font-size: .85rem; max-width: 26rem; }
img { display: block; width: 42rem; max-width: 100%; height: auto; }
img.wide { width: 100%; }
.globe { display: flex; flex-wrap: wrap; gap: 1.2rem; align-items: center; }
.globe > canvas { width: 22rem; max-width: calc(100% - 3rem); aspect-ratio: 1; touch-action: none; cursor: grab; }
.globe select { font: inherit; margin-right: .8rem; } .globe label { white-space: nowrap; }
.skies { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .6rem; }
.skies img { width: 100%; }
.bar { display: flex; gap: .5rem; align-items: center; } .bar canvas { width: 9rem; height: .9rem; }
.value { min-height: 3em; max-width: 22rem; font-variant-numeric: tabular-nums; }
pre { background: var(--tint); padding: .8rem; font-size: .82rem; line-height: 1.45; overflow-x: auto; white-space: pre; }
summary { cursor: pointer; padding: .5rem 0; } nav a { margin-right: 1rem; color: #005a8c; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media (max-width: 44rem) {
  body { padding: .8rem; } img, img.wide { width: 100%; } pre { white-space: pre-wrap; }
  nav a { display: inline-block; padding: .2rem 0; }
  th, td { padding-right: .5rem; } td:last-child { min-width: 0; } .fold thead { display: none; }
  .fold, .fold tbody, .fold tr, .fold td { display: block; }
  .fold tr { padding: .5rem 0; border-bottom: 1px solid var(--line); }
  .fold td, .fold td.number { border: 0; padding: .1rem 0; text-align: left; white-space: normal; }
  .fold td:empty { display: none; }
  .fold td:first-child { font-weight: 600; } .fold @media (min-width: 44rem) { .fold td small { min-width: 19rem; } }
td small { font-weight: 400; }
  .fold td:not(:first-child)::before { content: attr(data-head) ": "; color: var(--soft); }
}
@media print { body { max-width: none; } details > * { display: block; } }
"""


def text(value) -> str:
    """A value as escaped text."""
    return html.escape(str(value), quote=True)


def table(head, rows, numbers=(), fold: bool = False) -> str:
    """Table of rows of cells; a pair in a cell is a text with a smaller one below.

    Parameters
    ----------
    head : sequence of str
    rows : sequence of sequences
    numbers : columns that are set right
    fold : bool
        On a narrow screen each row becomes a block with its heads beside the cells; else the table scrolls by itself there.
    """

    def cell(value, column):
        mark = ' class="number"' if column in numbers else ""
        content = f"{text(value[0])}<small>{text(value[1])}</small>" if isinstance(value, tuple) else text(value)
        return f'<td{mark} data-head="{text(head[column])}">{content}</td>'

    top = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    body = "".join(f"<tr>{''.join(cell(value, n) for n, value in enumerate(row))}</tr>" for row in rows)
    look = ' class="fold"' if fold else ""
    return f'<div class="scroll"><table{look}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def picture(make, description: str, caption: str) -> str:
    """A matplotlib figure inside the page, drawn twice: `make(False)` for wide screens, `make(True)` for narrow ones."""
    wide, narrow = make(False), make(True)
    width, height = (round(150 * inches) for inches in wide.get_size_inches())
    look = ' class="wide"' if width > 1.6 * height else ""
    return (
        f'<figure><picture><source media="{NARROW}" srcset="{_data(narrow, 190)}">'
        f'<img{look} src="{_data(wide, 150)}" alt="{text(description)}" width="{width}" height="{height}"></picture>'
        f"<figcaption>{text(caption)}</figcaption></figure>"
    )


def still(figure, description: str) -> str:
    """A figure that is the same on all screens."""
    width, height = (round(150 * inches) for inches in figure.get_size_inches())
    return f'<img src="{_data(figure, 150)}" alt="{text(description)}" width="{width}" height="{height}">'


def _data(figure, dpi: int) -> str:
    """A figure as an address that holds it: WebP without loss, a third of the size of PNG."""
    buffer = io.BytesIO()
    with style.style():
        figure.savefig(buffer, format="webp", dpi=dpi, pil_kwargs={"lossless": True, "method": 4})
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def section(identity: str, title: str, *parts: str) -> str:
    """Section with a heading that the contents link to."""
    return f'<section id="{text(identity)}"><h2>{text(title)}</h2>{"".join(parts)}</section>'


def details(summary: str, *parts: str) -> str:
    """Parts that open on demand."""
    return f"<details><summary>{text(summary)}</summary>{''.join(parts)}</details>"


def page(title: str, *parts: str, script: str = "") -> str:
    """The whole page; `script` is the digest of the only script that may run."""
    policy = f"{POLICY}; script-src '{script}'" if script else POLICY
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="generator" content="{MARK}">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{CSS}</style></head>\n<body>{''.join(parts)}</body></html>\n"
    )
