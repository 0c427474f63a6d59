"""The documentation site: the pages of this folder, the interface from docstrings, the notebooks executed (`make docs`)."""

import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "src"))

import fluxtube  # noqa: E402

project = "fluxtube"
author = "The fluxtube developers"
copyright = f"2026, {author}"
release = version = fluxtube.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "images"]
html_theme = "furo"
html_title = f"fluxtube {release}"

autosummary_generate = True
autodoc_typehints = "none"  # shapes and units stand in the text
autodoc_member_order = "bysource"
autodoc_mock_imports = ["mpi4py"]
napoleon_google_docstring = False
napoleon_use_ivar = True  # attributes as a list: no second entry beside that of a dataclass's field
napoleon_use_rtype = False

myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing"]  # links from pages to files of the repository, which the site does not hold
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "notebooks")
nb_execution_timeout = 300
nb_execution_raise_on_error = True

# The notebooks live beside the code that they show; the site takes copies.
GALLERY = HERE / "gallery"
GALLERY.mkdir(exist_ok=True)
for notebook in (ROOT / "examples").glob("*.ipynb"):
    shutil.copyfile(notebook, GALLERY / notebook.name)


SECTION = re.compile(r"-{3,}\s*$")


def plain_text(app, what, name, obj, options, lines):
    """Docstrings are plain text with formulas: give |x|, a_ and * no meaning, and set indented formulas as they stand."""
    out, formula, sections = [], False, False
    for i, line in enumerate(lines):
        following = lines[i + 1] if i + 1 < len(lines) else ""
        if SECTION.match(following):
            sections = True
        if not sections and line.startswith("    ") and (i == 0 or not lines[i - 1].strip()) and not formula:
            out += ["::", ""]
            formula = True
        if formula and line.strip() and not line.startswith("    "):
            formula = False
        if not formula and not line.lstrip().startswith((">>>", "...")) and not SECTION.match(line):
            line = "".join(part if part.startswith("`") else escaped(part) for part in re.split(r"(`+[^`]*`+)", line))
        out.append(line)
    lines[:] = out


def escaped(text):
    """Text without markup."""
    return re.sub(r"(?<=\w)_(?!\w)", r"\\_", re.sub(r"([|*])", r"\\\1", text))


def setup(app):
    """Before napoleon reads the sections."""
    app.connect("autodoc-process-docstring", plain_text, priority=400)
