"""Two legal values of every option of every command, with what else is on its command line."""

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class Try:
    """An option and values of it.

    Attributes
    ----------
    values : tuple of str
        What follows the option, as a shell would split it; ("",) for one that takes nothing.
    base : str or None
        The command line in place of the command's own.
    before : str or None
        Command that is carried out first in the same folder.
    slow : bool
        Tried only where FLUXTUBE_EXAMPLES asks for more than usual.
    """

    values: tuple[str, ...]
    base: str | None = None
    before: str | None = None
    slow: bool = False

    def arguments(self, option: str) -> list[list[str]]:
        """The option with each of its values: a value that starts with a dash is joined by "=", several by "|" repeat it."""
        return [given(option, value) for value in self.values]


def given(option: str, value: str) -> list[str]:
    """`--option value`; "a | b" gives the option twice."""
    words: list[str] = []
    for part in value.split(" | "):
        split = shlex.split(part)
        words += [f"{option}={part}"] if part.startswith("-") and len(split) == 1 else [option, *split]
    return words


def on(*values: str, base=None, before=None, slow=False) -> Try:
    """A `Try`."""
    return Try(values or ("",), base, before, slow)


INFER = "{alm} --l-max 3 --steps 4 --live 20 --skies 0 --json"
FIXED = "--fix gamma=5/3 --fix sigma=25"
ISOTROPIC = f"{INFER} --noise 1e-10 --models isotropic {FIXED}"
ONE_FREE = f"{INFER} --noise 1e-10 --models isotropic --fix gamma=5/3"
FIELD = f"{INFER} --noise 1e-10 --models parallel {FIXED}"
ACROSS = "--fix displacement_perpendicular=0.5 --fix convection_perpendicular=0.5"
OF_MAP = "{map} --l-max 3 --steps 4 --live 20 --skies 0 --json --models isotropic " + FIXED
CROSS = f"{INFER} --noise 1e-10 --models isotropic cross-field {FIXED} {ACROSS}"

FLOW = "{alm} --l-max 3 --steps 4 --live 20 --flows 2 --json"
FLOW_BASE = f"{FLOW} --noise 1e-10 --model isotropic {FIXED}"
FLOW_MAP = "{map} --l-max 3 --steps 4 --live 20 --flows 2 --json --model isotropic " + FIXED
FLOW_FREE = f"{FLOW} --noise 1e-10 --model isotropic --fix gamma=5/3"
FLOW_FIELD = f"{FLOW} --noise 1e-10 --model parallel {FIXED}"


def sky_options(base: str, free: str, field: str, of_map: str, slow: bool = False) -> dict[str, Try]:
    """Options that `infer` and `flow` share."""
    silent = base.replace("--noise 1e-10 ", "")
    return {
        "--alm-scale": on("2", "0.5"),
        "--column": on("1", "0", base=f"{of_map} --noise 1e-10"),
        "--mask": on("{mask}", "{mask2}", base=f"{of_map} --noise 1e-10"),
        "--noise": on("2e-10", "4e-10"),
        "--noise-bands": on("-90:0:1e-10 | 0:90:2e-10", "-90:0:1e-10 | 0:90:3e-10", base=silent),
        "--noise-map": on("{deviation}", "{deviation2}", base=of_map),
        "--no-errors": on(base=base.replace("{alm}", "{alm_errors}")),
        "--error-covariance": on("{alm_covariance}", "{alm_covariance2}", base=base.replace("{alm}", "{alm_errors}")),
        "--lost-orders": on("0", "1"),
        "--beam": on("20", "30"),
        "--smoothed": on("10", "20"),
        "--l-min": on("3", "2"),
        "--l-max": on("4", "5"),
        "--field-direction": on("10 20", "100 -30"),
        "--field-error": on("20", "40", base=field, slow=True),
        "--free": on("noise", "field", base=field, slow=True),
        "--fix": on("gamma=1.5", "gamma=1.9", base=base.replace("--fix gamma=5/3 ", ""), slow=slow),
        "--sigma-range": on("5 200", "10 100", base=free, slow=slow),
        "--transverse-fraction": on("0.3", "0.9"),
        "--spectral-slope": on("-3", "-5"),
        "--free-path": on("exponential", "erlang:3", slow=slow),
        "--density-response": on("steady"),
        "--free-path-observed": on("in-flight"),
        "--steps": on("5", "8", base=free, slow=slow),
        "--live": on("25", "30", base=free, slow=slow),
        "--seed": on("2", "3", base=free, slow=slow),
        "--output": on("a", "b"),
        "--format": on("png", "svg,pdf", base=f"{base} -o out"),
        "--json": on(base=base.replace(" --json", "")),
    }


SUBMIT = "{toml} -o run.h5 --dry-run"
GRID = "{toml} --set turbulence.gamma=1.5,1.6 -o out"
FORECAST = "{cross} --l-max 4 --events 1e10,1e11"
MEASURE = "{map} -o out --l-max 6 --pad 2"
FIT = "{spectrum} --steps 200 --model isotropic"

BASE = {
    "init": "", "run": "{toml} -o run.h5", "merge": "{part1} {part2} -o whole.h5", "submit": SUBMIT, "validate": "{run}",
    "plot": "{run} -o out", "theory": "{toml}", "sky": "{run} -o sky.fits", "slope": "{run} --l-min 2", "info": "{run}",
    "paper": "-o out --no-data", "fit": FIT, "report": "{run} -o page.html", "observe": "--l-max 5 --view icecube",
    "infer": ISOTROPIC, "flow": FLOW_BASE, "measure": MEASURE, "sweep": GRID, "compare": "{run} {steep}",
    "forecast": FORECAST, "gallery": "{run} -n 2 -o out.svg",
}  # fmt: skip

VALUES: dict[str, dict[str, Try]] = {
    "init": {"--output": on("a.toml", "b.toml"), "--force": on(before="init")},
    "run": {
        "--output": on("a.h5", "b.h5", base="{toml}"),
        "--resume": on(before="run {toml} -o run.h5 -q"),
        "--force": on(before="run {toml} -o run.h5 -q"),
        "--set": on("turbulence.gamma=1.4", "turbulence.gamma=1.9"),
        "--part": on("1/2", "2/2"),
        "--max-time": on("0", "1h", base="{toml} -o run.h5 --set ensemble.realisations=3000 --checkpoint-every 0"),
        "--dry-run": on(),
        "--ranks": on("2", "400", base="{toml} --dry-run"),
        "--quiet": on(),
    },
    "merge": {
        "--output": on("a.h5", "b.h5", base="{part1} {part2}"),
        "--force": on(before="merge {part1} {part2} -o whole.h5 -q"),
        "--resume": on(before="merge {part1} {part2} -o whole.h5 -q"),
        "--quiet": on(),
    },
    "submit": {
        "--output": on("a.h5", "b.h5", base="{toml} --dry-run"),
        "--set": on("turbulence.gamma=1.4", "turbulence.gamma=1.9"),
        "--nodes": on("2", "3"), "--tasks-per-node": on("2", "3"), "--cpus-per-task": on("2", "3"),
        "--time": on("02:00:00", "30"), "--array": on("2", "3"), "--partition": on("a", "b"), "--account": on("a", "b"),
        "--qos": on("a", "b"), "--constraint": on("a", "b"), "--mem": on("1G", "2G"), "--mpi": on("pmix", "pmi2"),
        "--module": on("a", "b"), "--setup": on("a", "b"), "--script": on("a.sbatch", "b.sbatch"),
        "--dry-run": on(base="{toml} -o run.h5"),
    },
    "validate": {
        "--against": on("turbulence.gamma=1.4", "turbulence.gamma=1.9"), "--false-alarm": on("0.05", "0.01"),
        "--l-max": on("4", "3"), "--figures": on("a", "b"), "--json": on(),
    },
    "plot": {
        "--output": on("a", "b", base="{run}"), "--format": on("svg", "pdf"), "--realisation": on("1", "0"),
        "--l-min": on("3", "4"), "--l-max": on("4", "3"), "--title": on("one", "two"), "--narrow": on(),
    },
    "theory": {
        "--l-max": on("7", "8"), "--json": on(), "--output": on("a.csv", "b.csv"),
        "--set": on("turbulence.gamma=1.9", "turbulence.gamma=1.4"),
    },
    "sky": {
        "--output": on("a.fits", "b.fits", base="{run}"), "--force": on(before="sky {run} -o sky.fits"),
    },
    "slope": {
        "--output": on("a.png", "b.png"), "--title": on("one", "two", base="{run} --l-min 2 -o out.png"),
        "--l-min": on("3", "2", base="{run}"), "--l-max": on("4", "5"),
    },
    "info": {"--json": on(), "--config": on()},
    "paper": {
        "--output": on("a", "b", base="--no-data"), "--format": on("svg", "pdf"),
        "--alm": on("{alm}", "{alm_errors}", base="-o out"), "--alm-scale": on("2", "0.5", base="-o out --alm {alm}"),
        "--spectrum": on("{spectrum}", "{spectrum2}", base="-o out"), "--label": on("one", "two", base="-o out --alm {alm}"),
        "--synthetic": on(base="-o out"), "--no-data": on(base="-o out"), "--config": on("{toml}", "{steep_toml}"),
        "--gamma": on("1.4", "1.6"), "--sigma": on("30", "40"), "--field-direction": on("10 20", "30 -20", base="-o out"),
    },
    "fit": {
        "--column": on("other", "C_l"), "--model": on("parallel", "both", base="{spectrum} --steps 200 --gamma 5/3"),
        "--gamma": on("1.6", "1.4"), "--l-min": on("3", "4"), "--l-max": on("9", "8"), "--skies": on("5", "9"),
        "--noise": on("1e-9", "1e-10:1e-9"), "--noise-subtracted": on("1e-9", "2e-9"), "--sky-fraction": on("0.6", "0.8"),
        "--m0-lost": on(), "--covariance": on("{matrix}", "{matrix2}"), "--mixing-matrix": on("{matrix}", "{mixing}"),
        "--transverse-fraction": on("0.2", "0.9"), "--spectral-slope": on("-3", "-6"), "--sigma-range": on("2 500", "20 30"),
        "--compare": on(slow=True), "--steps": on("250", "300"), "--seed": on("7", "8"), "--output": on("a", "b", slow=True),
        "--format": on("png", "svg", base=FIT + " -o out", slow=True), "--json": on(),
        "--density-response": on("steady", slow=True), "--free-path-observed": on("in-flight", slow=True),
    },
    "report": {
        "--output": on("a.html", "b.html", base="{run}", slow=True),
        "--against": on("turbulence.gamma=1.4", "turbulence.gamma=1.9", slow=True),
        "--false-alarm": on("0.05", "0.01"),
    },
    "observe": {
        "--view": on("hawc", "-20:60"), "--l-max": on("6", "7"), "--field-direction": on("10 20", "30 -50"),
        "--config": on("{toml}", "{steep_toml}"), "--gamma": on("1.4", "1.9"),
        "--sigma": on("30", "40", base="--l-max 5 --view icecube -o out"), "--output": on("a", "b"),
        "--format": on("png", "svg", base="--l-max 5 --view icecube -o out"),
    },
    "infer": sky_options(ISOTROPIC, ONE_FREE, FIELD, OF_MAP) | {
        "--outer-scale": on("3", "10"),
        "--models": on("parallel", "parallel isotropic"),
        "--rivals": on(slow=True),
        "--skies": on("2", "3", base=CROSS, slow=True),
    },
    "flow": sky_options(FLOW_BASE, FLOW_FREE, FLOW_FIELD, FLOW_MAP, slow=True) | {
        "--outer-scale": on("3", "10"),
        "--model": on("parallel", "isotropic", base=f"{FLOW} --noise 1e-10 {FIXED}", slow=True),
        "--flows": on("3", "4", base=FLOW_FREE, slow=True),
    },
    "measure": {
        "--output": on("a", "b", base="{map} --l-max 6 --pad 2"), "--format": on("png", "svg"), "--field": on("1", "0"),
        "--mask": on("{mask}", "{mask2}"), "--weights": on("{weights}", "{weights2}"), "--noise": on("1e-11", "2e-11"),
        "--counts": on(base=MEASURE.replace("{map}", "{counts}")), "--keep-rings": on(), "--keep-dipole": on(),
        "--l-max": on("5", "4"), "--pad": on("3", "4"),
        "--ordering": on("NESTED", "RING", base=MEASURE.replace("{map}", "{unordered}")),
        "--turn": on(base=MEASURE.replace("{map}", "{galactic}")),
    },
    "sweep": {
        "--set": on("turbulence.gamma=1.4,1.9", "turbulence.gamma=1.4,1.8", base="{toml} -o out"),
        "--output": on("a", "b", base=GRID.replace(" -o out", "")), "--resume": on(before=f"sweep {GRID} -q"),
        "--degrees": on("2,3", "4"), "--format": on("svg", "pdf"),
        "--max-time": on("0", "1h", base=GRID + " --set ensemble.realisations=3000 --checkpoint-every 0"),
        "--json": on(), "--quiet": on(),
    },
    "compare": {"--output": on("a.png", "b.png"), "--false-alarm": on("0.05", "0.01"), "--json": on()},
    "forecast": {
        "--set": on("turbulence.gamma=1.4", "turbulence.gamma=1.9"), "--events": on("1e9", "1e12"),
        "--shares": on("1,0.1", "1,0.5", base=FORECAST.replace("{cross}", "{energies}")), "--view": on("hawc", "-90:-25"),
        "--mask": on("{mask}", "{mask2}"), "--lost-orders": on("0"), "--l-min": on("3", "2"), "--l-max": on("5", "3"),
        "--known": on("field", "gamma,field"), "--against": on("gamma=1.4", "gamma=1.9"), "--log-odds": on("3", "9"),
        "--output": on("a", "b"), "--format": on("svg", "pdf", base=FORECAST + " -o out"), "--json": on(),
    },
    "gallery": {
        "--skies": on("3", "4", base="{run} -o out.svg"), "--first": on("1", "70"), "--l-min": on("2", "3"),
        "--l-max": on("4", "3"), "--set": on("turbulence.gamma=1.4", "turbulence.gamma=1.9", base="{toml} -n 2 -o out.svg"),
        "--title": on("one", "two"), "--output": on("a.png", "a.html", base="{run} -n 2"),
    },
}  # fmt: skip

# Options that change no result, and why.
NEUTRAL = {
    "--help": "prints how the command is used",
    "--plugin": "adds choices that configurations name: test_a_plugin_that_fails_is_refused, tests/plugins",
    ("run", "--threads"): "results do not depend on threads: tests/sim/test_block_size.py",
    ("sweep", "--threads"): "results do not depend on threads",
    ("run", "--checkpoint-every"): "how often what is done is saved: tests/store",
    ("sweep", "--checkpoint-every"): "how often what is done is saved: tests/store",
}

# Options that are there and refused with every value, and why.
ALWAYS_REFUSED = {("flow", "--outer-scale"): "shared with infer; it is known for a power law without end alone"}

# Slow ones, of which `make test` tries one value of each option.
ONE_VALUE = ("plot", "report", "paper", "fit", "sweep", "validate", "gallery", "infer", "flow", "run", "measure", "slope")

# Options that another one makes needless, and why it is not refused.
NEEDLESS = {
    ("sweep", "--json", "--quiet"): "JSON is printed without progress and table anyway",
    ("run", "--dry-run", "--part"): "the cost of a part is a time, and times are left out of what is compared",
    ("run", "--dry-run", "--set"): "the same",
    ("run", "--dry-run", "--quiet"): "the cost is what was asked for",
    ("run", "--part", "--set"): "the file of a part is compared by its place alone: tests/properties/test_parts_and_length.py",
    ("infer", "--free-path", "--free-path-observed"): "exponential free paths have no memory: in flight is the same law",
    ("flow", "--free-path", "--free-path-observed"): "the same",
}
