"""`fluxtube flow`: the flow along the magnetic field, and whole skies, given one observed sky."""

from fluxtube.commands.infer import add_sky_options, read_options

EPILOG = """\
Flow and sky are Gaussian together: given the sky, the flow u_par(s) - u_par(0) along the field has a
mean and a spread for |s| up to one mean free path. s > 0 is towards +B; particles that arrive from there
show the flow there. The dipole is not used. What the data do not determine follows the statistics of the turbulence.

  fluxtube flow hawc-icecube-2019 --fix gamma=5/3 -o flow

Options are those of `fluxtube infer`; docs/inference.md says what is computed.
"""

MOST_FLOWS = 10_000  # a fraction of a second each


def add_parser(subparsers) -> None:
    """Declare the subcommand."""
    import argparse

    from fluxtube.outputs import add_names

    parser = subparsers.add_parser(
        "flow",
        help="the flow along the field, and whole skies, given an observed sky",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_names(parser, "flow.csv flow.* skies.* sky-0.csv sky-1.csv sky-2.csv sky-3.csv sky-4.csv")
    add_sky_options(parser)
    parser.add_argument(
        "--model", choices=("parallel", "isotropic", "cross-field"), default="cross-field", help="transport model [%(default)s]"
    )
    parser.add_argument("--flows", metavar="N", type=int, default=100, help="points of the posterior to average [%(default)s]")


def main(args) -> int:
    """Run the subcommand and return its exit status."""
    from fluxtube.analysis.inference.flow import infer_flow
    from fluxtube.analysis.inference.flow_report import to_dict, to_text, write
    from fluxtube.analysis.inference.posterior import Problem, infer
    from fluxtube.analysis.inference.sky_input import read_sky
    from fluxtube.commands.pictures import formats_of, quiet_fonts
    from fluxtube.commands.stages import stages
    from fluxtube.errors import InputError
    from fluxtube.files import written
    from fluxtube.plain import as_json

    quiet_fonts()
    formats = formats_of(args)
    if not 2 <= args.flows <= MOST_FLOWS:
        raise InputError(f"--flows {args.flows}: 2 to {MOST_FLOWS} points of the posterior can be averaged")
    if args.outer_scale is not None:
        raise InputError(
            f"--outer-scale {args.outer_scale}: the flow and the sky have a known covariance for a power law without end alone; "
            "leave it out, or ask `fluxtube infer`, which knows it"
        )
    view, prior, physics = read_options(args)
    data = read_sky(args.sky, view)
    Problem(data, args.model, prior, **physics).try_once()  # what is refused is refused before minutes of work
    names = f"fit of {args.model}", "flows"
    with stages(names, not args.json) as begin:
        begin(names[0])
        posterior = infer(data, args.model, prior, args.steps, args.live, args.seed, **physics)
        begin(names[1])
        flow = infer_flow(data, posterior, count=args.flows, seed=args.seed, **physics)
    warnings = [*view.warnings, *posterior.warnings]
    print(as_json(to_dict(flow, posterior, warnings)) if args.json else to_text(flow, posterior, warnings))
    if args.output:
        for path in written(write(flow, data, posterior, args.output, formats)):
            if not args.json:
                print(path)
    return 0
