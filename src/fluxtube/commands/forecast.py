"""`fluxtube forecast`: how well a number of events would measure the transport."""

EPILOG = """\
CONFIG is a configuration as of `fluxtube run`: its turbulence, transport, energies and field are the truth. The law of
skies is that of `fluxtube infer` (a power law without end), with the shot noise of the events, N_l = 4 pi/events on the
whole sky. Printed are the errors of sigma, gamma, displacement_perpendicular, convection_perpendicular and the field's
direction by their Fisher matrix, and the expected ln of the likelihood ratio against rival values.

  fluxtube forecast configs/forecast.toml
  fluxtube forecast configs/forecast.toml --view icecube --lost-orders 0 --events 1e10,1e11,1e12 -o forecast
  fluxtube forecast configs/forecast.toml --against gamma=3/2 --against displacement_perpendicular=1
  fluxtube forecast configs/forecast.toml --set 'transport.energies=["10 TeV", "100 TeV"]' --shares 1,0.03

docs/forecast.md says what is computed, and how it was tested.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import add_format
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "forecast",
        help="events that a measurement takes",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("config", metavar="CONFIG", help="configuration, a TOML file")
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="sets", help="set a key; repeatable")
    parser.add_argument("--events", metavar="N,N,...", help="numbers of events [1e8 to 1e14]")
    parser.add_argument("--shares", metavar="X,X,...", help="events of each energy over those of the first [1 each]")
    parser.add_argument(
        "--view",
        metavar="NAME",
        help="hawc, icecube, both, full, or declinations SOUTH:NORTH [deg; full], as --view=-90:-25; events are those in it",
    )
    parser.add_argument("--mask", metavar="FITS", help="view by a HEALPix map: pixels above zero are observed")
    parser.add_argument(
        "--lost-orders", metavar="M", type=int, nargs="*", default=[],
        help="orders m that the data do not hold: 0, the mean along each ring of declination, for ground arrays",
    )  # fmt: skip
    parser.add_argument("--l-min", metavar="N", default="2", help="first degree [%(default)s]")
    parser.add_argument("--l-max", metavar="N", default="10", help="last degree [%(default)s]")
    parser.add_argument("--known", metavar="NAME,NAME", help="parameters that are known: sigma, gamma, ..., field [none]")
    parser.add_argument(
        "--against", metavar="NAME=VALUE[,NAME=VALUE]", action="append",
        help="rival values; repeatable [gamma=3/2 and displacement_perpendicular=1]",
    )  # fmt: skip
    parser.add_argument("--log-odds", metavar="X", default="5", help="expected ln of the ratio that decides [%(default)s]")
    parser.add_argument("-o", "--output", metavar="DIR", help="write forecast.csv and a figure there")
    add_names(parser, "forecast.* forecast.csv")
    add_format(parser, with_output=True)
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the text")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.forecast.forecast import EVENTS, forecast
    from fluxtube.analysis.forecast.report import forecast_dict, forecast_text, write_forecast
    from fluxtube.commands.numbers import count, number
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.errors import InputError
    from fluxtube.files import written
    from fluxtube.plain import as_json
    from fluxtube.sim.config import load_config

    formats = formats_of(args)
    config = load_config(args.config, args.sets)
    l_min, l_max = count(args.l_min, "--l-min", 2, 40), count(args.l_max, "--l-max", 2, 40)
    if l_min > l_max:
        raise InputError(f"--l-min {l_min} is above --l-max {l_max}")
    events = _numbers(args.events, "--events") or list(EVENTS)
    if not all(1 <= value <= 1e20 for value in events):
        raise InputError(f"--events {args.events}: each must lie between 1 and 1e20")
    odds = number(args.log_odds, "--log-odds")
    if odds <= 0:
        raise InputError(f"--log-odds {odds:g}: it must be above zero; 5 is 150 to 1")
    observation, remarks = _observation(args, l_max, l_min)
    found = forecast(
        config, observation, _free(args.known or ""), events, _numbers(args.shares, "--shares"),
        _rivals(args.against), odds,
    )  # fmt: skip
    found.notes.extend(remarks)
    print(as_json(forecast_dict(found)) if args.json else forecast_text(found))
    if args.output:
        quiet_fonts()
        for path in written(write_forecast(found, args.output, formats)):
            if not args.json:
                print(path)
    return 0


def _numbers(text: str | None, name: str) -> list[float] | None:
    from fluxtube.commands.numbers import number

    return None if text is None else [number(part, name) for part in text.split(",")]


def _free(known: str) -> tuple[str, ...]:
    """Parameters that are not known."""
    from fluxtube.analysis.forecast.parameters import FREEABLE
    from fluxtube.errors import InputError

    names = [name.strip() for name in known.split(",") if name.strip()]
    for name in names:
        if name not in FREEABLE:
            raise InputError(f"--known {name}: it must be one of {', '.join(FREEABLE)}")
    free = tuple(name for name in FREEABLE if name not in names)
    if not free:
        raise InputError("all parameters are known: leave one of them out of --known")
    return free


def _rivals(texts: list[str] | None) -> list[dict[str, float]] | None:
    """Rival values of "gamma=3/2,sigma=20"."""
    from fluxtube.analysis.forecast.parameters import ENDS, FREEABLE
    from fluxtube.commands.numbers import number
    from fluxtube.errors import InputError

    if texts is None:
        return None
    rivals = []
    for text in texts:
        changes = {}
        for part in text.split(","):
            name, equals, value = part.partition("=")
            name = name.strip()
            if not equals or name not in FREEABLE[:4]:
                raise InputError(f"--against {part}: it must be NAME=VALUE with one of {', '.join(FREEABLE[:4])}")
            if name in changes:
                raise InputError(f"--against {text}: {name} is given twice")
            changes[name] = number(value, f"--against {name}")
            low, high = ENDS.get(name, (1e-6, 2e5))
            if not low <= changes[name] <= high:
                raise InputError(f"--against {part}: {name} must lie between {low:g} and {high:g}")
        rivals.append(changes)
    return rivals


def _observation(args, l_max: int, l_min: int):
    """The view of the options, and what must be said of it."""
    import numpy as np
    from ducc0.healpix import Healpix_Base

    from fluxtube.analysis.forecast.sky import part_of_sky, resolution, whole_sky
    from fluxtube.analysis.observer.field_of_view import named_view
    from fluxtube.errors import InputError

    if set(args.lost_orders) - {0}:
        raise InputError(f"--lost-orders {' '.join(map(str, args.lost_orders))}: only 0, the mean along each ring, can be lost")
    lost = 0 in args.lost_orders
    if args.mask and args.view:
        raise InputError("--view and --mask are two views; give one of them")
    if args.mask:
        from fluxtube.analysis.observations.healpix_map import read_mask

        mask = read_mask(args.mask)
        if mask.frame != "equatorial":
            raise InputError(f"--mask {args.mask} is in {mask.frame} coordinates; turn it to equatorial ones")
        return part_of_sky(mask.seen, l_max, l_min, lost, str(args.mask)), mask.remarks
    view = named_view(args.view or "full")
    if view.sky_fraction == 1.0:
        return whole_sky(l_max, l_min, lost), []
    base = Healpix_Base(resolution(l_max), "RING")
    declination = 90.0 - np.rad2deg(base.pix2ang(np.arange(base.npix()))[:, 0])
    return part_of_sky(view.sees(declination), l_max, l_min, lost, f"declinations of {view.name}"), []
