"""Speed of the theory beside what is asked of it: python benchmarks/theory.py [--json].

Each time is the median of repeated calls on warm code, in seconds; run it with OMP_NUM_THREADS=1 for one core.
"""

import argparse
import json
import statistics
import time

from harness import Effort

from fluxtube.theory import Turbulence, isotropic, parallel

LAMBDA = 10.0


def cases():
    """(name, call, seconds asked for or None)."""
    law = Turbulence.power_law(5 / 3, 23.0, LAMBDA)
    narrow = Turbulence.power_law(5 / 3, 23.0, LAMBDA, band=(1e-3 / LAMBDA, 1e3 / LAMBDA))
    wide = Turbulence.power_law(5 / 3, 23.0, LAMBDA, band=(1e-6 / LAMBDA, 1e6 / LAMBDA))
    sloping = Turbulence.power_law(5 / 3, 23.0, LAMBDA, lambda k: 1.0 / (1.0 + k * k), (1e-6 / LAMBDA, 1e6 / LAMBDA))
    outer = {"outer_scale": 100.0, "dissipation_scale": 1e-3}
    separations = [0.01 * i for i in range(1000)]
    return [
        ("C_l, power law, l_max = 50", lambda: parallel.angular_power_spectrum(law, LAMBDA, 50), 1e-3),
        ("C_l isotropic, power law, l_max = 50", lambda: isotropic.angular_power_spectrum(law, LAMBDA, 50), 1e-3),
        ("C_l with its turbulence object, l_max = 50", _fit_step, 1e-3),
        ("covariance, power law, l_max = 1000", lambda: parallel.multipole_covariance(law, LAMBDA, 1000), 0.2),
        ("covariance, band 1e-3..1e3, l_max = 50", lambda: parallel.multipole_covariance(narrow, LAMBDA, 50), 0.05),
        ("covariance, band 1e-6..1e6, l_max = 200", lambda: parallel.multipole_covariance(wide, LAMBDA, 200), 2.0),
        ("covariance, beta(k), band 1e-6..1e6, l_max = 200", lambda: parallel.multipole_covariance(sloping, LAMBDA, 200), 2.0),
        ("covariance, outer scale and dissipation, l_max = 200, cold", lambda: _von_karman(outer), 2.0),
        ("covariance, exponential paths, l_max = 200", lambda: _exponential(law), 2.0),
        ("C_l isotropic, band 1e-6..1e6, l_max = 200", lambda: isotropic.angular_power_spectrum(wide, LAMBDA, 200), 2.0),
        ("structure function of a band, 1000 separations", lambda: narrow.structure_function(separations), None),
    ]


def _fit_step():
    return parallel.angular_power_spectrum(Turbulence.power_law(5 / 3, 23.0, LAMBDA), LAMBDA, 50)


def _von_karman(outer):
    return parallel.multipole_covariance(Turbulence.von_karman(5 / 3, 23.0, LAMBDA, **outer), LAMBDA, 200)


def _exponential(law):
    return parallel.multipole_covariance(law, LAMBDA, 200, free_path="exponential")


def median_time(call, budget=1.0) -> float:
    """Median seconds of a call, repeated for about `budget` seconds, three times at least."""
    call()
    budget = 0.0 if Effort.quick else budget
    times, end = [], time.perf_counter() + budget
    while len(times) < Effort.rounds(3) or (time.perf_counter() < end and len(times) < 1000):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    rows = [{"case": name, "seconds": median_time(call), "asked": asked} for name, call, asked in cases()]
    if args.json:
        print(json.dumps(rows, indent=1))
        return
    print(f"{'case':<60} {'seconds':>10} {'asked':>8}")
    for row in rows:
        asked = "-" if row["asked"] is None else f"{row['asked']:g}"
        print(f"{row['case']:<60} {row['seconds']:10.3g} {asked:>8}")


if __name__ == "__main__":
    main()
