"""`fluxtube gallery`: many single skies on one page."""

EPILOG = """\
Each sky is one realisation, in Mollweide projection, all with one scale of colours in units of 1e-4;
its number and C_2, C_3, C_4 stand above it. Below are the spectra of all as thin lines, with theory's
mean and the interval of 68 % of single skies. A configuration needs no run before; of a run the
multipoles that it kept are drawn, and others are computed anew, with the same bits.

The ending of the output says what is made: a picture (png, pdf, svg), a page that reads on any screen
(html), or a movie of the skies one after the other (gif). The C_l of all skies are written beside it.

  fluxtube gallery quickstart.toml
  fluxtube gallery run.h5 -n 12 --first 100 --l-min 2 --l-max 20 -o skies.html
  fluxtube gallery quickstart.toml --set transport.model=isotropic --set sampling.flow=modes -o skies.gif
"""
MOST = 200


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import add_title

    parser = subparsers.add_parser(
        "gallery",
        help="draw many single skies on one page",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="RUN.h5|CONFIG", help="ensemble file, or TOML configuration")
    parser.add_argument("-n", "--skies", metavar="N", default="24", help=f"how many skies, 1 to {MOST} [%(default)s]")
    parser.add_argument("--first", metavar="N", default="0", help="first realisation, counted from 0 [%(default)s]")
    parser.add_argument(
        "--l-min", metavar="N", default="0", help="first degree of the skies; 2 leaves the dipole out [%(default)s]"
    )
    parser.add_argument("--l-max", metavar="N", help="last degree of skies and spectra [sky.l_max]")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="sets", help="replace a key (repeatable)")
    add_title(parser)
    parser.add_argument("-o", "--output", metavar="FILE", default="gallery.png", help="png, pdf, svg, html or gif [%(default)s]")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from pathlib import Path

    from fluxtube.analysis.figures.gallery import Gallery
    from fluxtube.analysis.report.gallery import check_place, write_gallery
    from fluxtube.commands.numbers import count
    from fluxtube.commands.pictures import quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.files import written

    quiet_fonts()
    skies, first = count(args.skies, "-n", 1, MOST), count(args.first, "--first", 0, 2**53 - MOST)
    low = count(args.l_min, "--l-min", 0)
    high = None if args.l_max is None else count(args.l_max, "--l-max", 2)
    if args.title is not None and Path(args.output).suffix.lower() == ".gif":
        raise InputError("a movie has no title: leave --title out, or write a picture or a page")
    config, kept = _source(Path(args.source), args.sets)
    check_place(args.output, [args.source])
    last = config.sky.l_max if high is None else high
    if last > config.sky.l_max:
        raise InputError(f"--l-max {last}: the skies end at sky.l_max = {config.sky.l_max}; --set sky.l_max={last}")
    if low > last:
        raise InputError(f"--l-min {low}: the skies end at l = {last}")
    if last < 2:
        raise InputError(f"sky.l_max = {last}: a gallery needs l = 2 at least; --set sky.l_max=20")
    numbers, m, multipoles = _multipoles(config, kept, first, skies)
    gallery = Gallery(config, numbers, multipoles, m, (low, last))
    for path in written(write_gallery(gallery, args.output, args.title, [args.source])):
        print(path)
    return 0


def _source(path, sets):
    """Configuration, and the ensemble that holds skies of it already or None."""
    from fluxtube.errors import InputError
    from fluxtube.files import is_hdf5
    from fluxtube.sim.config import load_config
    from fluxtube.sim.store.reader import read_ensemble

    if not (path.is_file() and is_hdf5(path)):
        return load_config(path, sets), None
    if sets:
        raise InputError(
            "--set belongs to a configuration: a run has its own; write it out with fluxtube info, or leave --set out"
        )
    ensemble = read_ensemble(path)
    return ensemble.config, ensemble


def _multipoles(config, kept, first: int, skies: int):
    """Numbers, orders and multipoles (k, n_m, L) of realisations: those that the file kept, others computed anew."""
    import numpy as np

    from fluxtube.realisation import Realisation

    numbers = np.arange(first, first + skies)
    have = 0 if kept is None else len(kept.samples_multipoles)
    made, m = [], None if kept is None else kept.m
    for number in numbers:
        if number < have:
            made.append(np.asarray(kept.samples_multipoles[number]))
            continue
        realisation = Realisation(config, int(number))
        made.append(realisation.multipoles())
        m = realisation.engine.orders if m is None else m
    return numbers, np.asarray(m), np.array(made)
