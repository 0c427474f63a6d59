"""`fluxtube validate`: compare a finished run with the analytic theory over its own band."""

STATUS = {"accepted": 0, "rejected": 1, "undecided": 3}

EPILOG = """\
exit status: 0 theory accepted, 1 theory rejected at the false-alarm rate, 2 bad input, 3 undecided (no test
rejects theory, and part of the run cannot be tested: the lines "open:" say what and why), 70 a fault of fluxtube

Errors are standard errors of the ensemble mean if theory holds. Tests: the likelihood ratio of
the whole covariance matrix (even degrees, odd degrees, even against odd), C_l degree by degree,
their level and their slope, the orders m, the mean-square sky over the pitch angle (Eq. 16), the
mean, the kurtosis, and particles against quadrature where the run holds both.
Those marked * share the false-alarm rate: theory is rejected where one of n falls below rate / n.
Where skies are not Gaussian (flow "modes", random field directions, shot noise) errors come from
the realisations' own scatter, and tests whose law is not known do not decide. The line "power:"
says which change of gamma and sigma the run could have rejected. docs/validation.md says more.
"""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.commands.pictures import FIGURES
    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "validate",
        help="compare a run with theory",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("run", metavar="RUN.h5", help="ensemble file written by `fluxtube run`")
    parser.add_argument(
        "--against",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="compare the run with another theory than its own, e.g. turbulence.gamma=1.6 (repeatable)",
    )
    parser.add_argument(
        "--false-alarm", metavar="RATE", type=float, default=1e-3, help="probability to reject a right theory [%(default)s]"
    )
    parser.add_argument("--l-max", metavar="L", type=int, help="largest degree to test [the run's last]")
    parser.add_argument("--figures", metavar="DIR", help="draw spectrum, correlation matrix and sky into a directory")
    add_names(parser, FIGURES)
    parser.add_argument("--json", action="store_true", help="print one JSON object in place of the tables")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.figures.describe import headline
    from fluxtube.analysis.validation.energies import energy_dict, energy_table
    from fluxtube.analysis.validation.table import validation_table
    from fluxtube.analysis.validation.validate import open_ensemble, validate
    from fluxtube.plain import as_json

    ensemble = open_ensemble(args.run)
    validation = validate(ensemble, args.against, args.false_alarm, args.l_max)
    if args.json:
        energies = {} if ensemble.momenta is None else {"energies": energy_dict(ensemble, validation.config)}
        print(as_json(validation.to_dict() | energies))
    else:
        print(headline(ensemble))
        if args.against:
            print(f"compared with the theory of {', '.join(args.against)}")
        print()
        if ensemble.momenta is not None:
            print("\n".join([*energy_table(ensemble, validation.config), ""]))
        print(validation_table(validation))
    if args.figures:
        _draw(ensemble, args.figures, validation, quiet=args.json)
    return STATUS[validation.verdict]


def _draw(ensemble, directory, validation, quiet: bool) -> None:
    """Figures of this validation, their paths printed."""
    from fluxtube.analysis.figures.write import write_figures
    from fluxtube.commands.pictures import quiet_fonts
    from fluxtube.files import written

    quiet_fonts()
    for path in written(write_figures(ensemble, directory, validation=validation)):
        if not quiet:
            print(path)
