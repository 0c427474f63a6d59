"""Options of all commands that draw: the format, the range of degrees, the title."""

DEFAULT = "png"
FIGURES = "spectrum.* correlation.* sky.* energies.* spectrum.csv correlation.csv sky.csv energies.csv"  # of a run
PRINT = "pdf,png"  # of figures that are meant for a paper


def add_format(parser, default: str = DEFAULT, with_output: bool = False) -> None:
    """Declare --format; `with_output` where nothing is drawn without -o."""
    parser.add_argument(
        "--format", metavar="NAME", help=f"of the figures: png, pdf, svg, or several with commas [{default}]"
    )
    parser.set_defaults(usual_format=default, drawn_with_output=with_output)


def formats_of(args) -> tuple[str, ...]:
    """The formats that --format names, each once; InputError for one that is not known."""
    from fluxtube.analysis.figures.write import FORMATS
    from fluxtube.errors import InputError

    text = args.usual_format if args.format is None else args.format
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",")))
    for name in names:
        if name not in FORMATS:
            raise InputError(f"--format {text[:60]!r}: known are {', '.join(FORMATS)}, or several with commas")
    if args.format is not None and args.drawn_with_output and not args.output:
        raise InputError(f"--format {text}: figures are drawn with -o alone; add -o, or leave --format out")
    return names


def add_degrees(parser) -> None:
    """Declare --l-min and --l-max of what is drawn."""
    parser.add_argument("--l-min", metavar="N", help="first degree to draw [2]")
    parser.add_argument("--l-max", metavar="N", help="last degree to draw [the run's last]")


def degrees_of(args, last: int) -> tuple[int, int] | None:
    """First and last degree; None where neither is given. `last` is the run's."""
    from fluxtube.commands.numbers import count
    from fluxtube.errors import InputError

    if args.l_min is None and args.l_max is None:
        return None
    first = 2 if args.l_min is None else count(args.l_min, "--l-min", 2)
    to = last if args.l_max is None else count(args.l_max, "--l-max", 2)
    if first > last:
        raise InputError(f"--l-min {first}: the run ends at l = {last}")
    if first > to:
        raise InputError(f"--l-min {first} is above --l-max {to}: no degree is left to draw")
    if to > last:
        raise InputError(f"--l-max {to}: the run ends at l = {last}")
    return first, to


def add_title(parser) -> None:
    """Declare --title."""
    parser.add_argument("--title", metavar="TEXT", help="title of the figures [what they show]")


def quiet_fonts() -> None:
    """Keep a library for fonts from wondering about the time stamps of matplotlib's."""
    import logging

    logging.getLogger("fontTools").setLevel(logging.ERROR)
