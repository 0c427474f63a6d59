"""Pieces of HTML; every text that comes in is escaped."""

import base64
import html
import io

from fluxtube.analysis.figures import style

# Nothing is loaded and no script runs, whatever a file's text may hold.
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
img { display: block; width: 42rem; max-width: 100%; height: auto; }
img.wide { width: 100%; min-width: 40rem; }
pre { background: var(--tint); padding: .8rem; font-size: .82rem; line-height: 1.45; overflow-x: auto; white-space: pre; }
summary { cursor: pointer; padding: .5rem 0; } nav a { margin-right: 1rem; color: #005a8c; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media print { body { max-width: none; } details > * { display: block; } }
"""


def text(value) -> str:
    """A value as escaped text."""
    return html.escape(str(value), quote=True)


def table(head, rows, numbers=()) -> str:
    """Table that scrolls by itself where the page is narrow; columns whose index is in `numbers` are set right."""

    def cells(row):
        marks = (' class="number"' if column in numbers else "" for column in range(len(row)))
        return "".join(f"<td{mark}>{text(cell)}</td>" for mark, cell in zip(marks, row, strict=True))

    top = "".join(f'<th scope="col">{text(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{cells(row)}</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'


def picture(figure, description: str, caption: str) -> str:
    """A matplotlib figure inside the page."""
    buffer = io.BytesIO()
    with style.style():
        figure.savefig(buffer, format="png", dpi=150)
    data = base64.b64encode(buffer.getvalue()).decode()
    width, height = (round(150 * inches) for inches in figure.get_size_inches())
    # On a narrow screen a figure of several panels scrolls by itself: shrunk to the page it could not be read.
    look = ' class="wide"' if width > 1.6 * height else ""
    return (
        f'<figure><div class="scroll"><img{look} src="data:image/png;base64,{data}" alt="{text(description)}" '
        f'width="{width}" height="{height}"></div><figcaption>{text(caption)}</figcaption></figure>'
    )


def section(identity: str, title: str, *parts: str) -> str:
    """Section with a heading that the contents link to."""
    return f'<section id="{text(identity)}"><h2>{text(title)}</h2>{"".join(parts)}</section>'


def details(summary: str, *parts: str) -> str:
    """Parts that open on demand."""
    return f"<details><summary>{text(summary)}</summary>{''.join(parts)}</details>"


def page(title: str, *parts: str) -> str:
    """The whole page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{CSS}</style></head>\n<body>{''.join(parts)}</body></html>\n"
    )
