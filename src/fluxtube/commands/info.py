"""`fluxtube info`: what an ensemble file holds."""


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    parser = subparsers.add_parser("info", help="print what a run's file holds", description=__doc__)
    parser.add_argument("run", metavar="RUN.h5", help="ensemble file written by `fluxtube run`")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print one JSON object in place of the text")
    form.add_argument("--config", action="store_true", help="print the resolved configuration (TOML), ready to run again")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.report.summary import summarise, summary_text
    from fluxtube.plain import as_json

    summary = summarise(args.run)
    if args.json:
        print(as_json(summary))
    elif args.config:
        print(summary["configuration_toml"].rstrip("\n"))
    else:
        print(summary_text(summary))
    return 0
