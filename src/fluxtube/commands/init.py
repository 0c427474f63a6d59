"""`fluxtube init`: a commented configuration to start from."""

import argparse
from importlib import resources
from pathlib import Path

from fluxtube.errors import InputError

NAMES = {
    "quickstart": ("quickstart", "20,000 skies of parallel diffusion: seconds"),
    "paper": ("paper_fig3", "parallel diffusion as in Fig. 3 of Zhang & Liu (2025)"),
    "isotropic": ("paper_fig3_isotropic", "isotropic diffusion, the comparison of Fig. 3"),
    "cluster": ("cluster", "two million skies, for MPI and SLURM"),
    "observed-sky": ("observed_sky", "transport partly across the field, as the sky of HAWC and IceCube asks for"),
}

DESCRIPTION = """\
Write a commented configuration to start from.

  fluxtube init                            quickstart.toml
  fluxtube init cluster                    cluster.toml
  fluxtube init isotropic -o mine.toml     under another name
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    listed = "\n".join(f"  {name:13}{what}" for name, (_, what) in NAMES.items())
    parser = subparsers.add_parser(
        "init",
        help="write a configuration to start from",
        description=f"{DESCRIPTION}\nConfigurations:\n{listed}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", metavar="NAME", nargs="?", default="quickstart", choices=NAMES, help="which one [quickstart]")
    parser.add_argument("-o", "--output", metavar="FILE", help="file to write [NAME.toml]")
    parser.add_argument("--force", action="store_true", help="replace an existing file")


def main(args) -> int:
    """Write it."""
    from fluxtube.files import kind_of, replace_file
    from fluxtube.streams import printable

    source = resources.files("fluxtube") / "configs" / f"{NAMES[args.name][0]}.toml"
    path = Path(args.output or f"{args.name}.toml")
    if path.suffix != ".toml":
        raise InputError(f"-o {str(path)!r}: name a configuration, a file that ends in .toml")
    if path.is_file():
        with path.open("rb") as file:
            kind = kind_of(file.read(64))
        if kind:
            raise InputError(f"{str(path)!r} exists already and is {kind} file; give another name, or delete it first")
    if path.exists() and not args.force:
        raise InputError(f"{str(path)!r} exists already; give another name with -o, or --force to replace it")
    named = printable(str(path)).replace("\n", "\\n")  # it stands in a comment, which a line end would leave
    text = source.read_text(encoding="utf-8").replace(f"configs/{NAMES[args.name][0]}.toml", named)
    try:
        replace_file(path, text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise InputError(f"cannot write {str(path)!r}: {error.strerror or error}; choose another place with -o") from None
    print(f"{path}: {NAMES[args.name][1]}")
    print(f"next: fluxtube run {path} -o {path.stem}.h5")
    return 0
