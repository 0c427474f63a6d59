"""Thousands of damaged and odd inputs for every reader: tables (CSV, ECSV), maps (FITS), ensembles (HDF5), configurations (TOML),
and what `infer`, `fit`, `measure` and `compare` read out of them: multipoles with errors, spectra, counts, weights, kept skies.

What counts as well: an InputError of one line, or a result that means what the file says. Anything else (another
exception, a value that the file does not hold, a row that is left out without a word) is a fault, printed with its seed.

    python tests/faults/fuzz.py [--count 5000] [--seed 1] [--reader csv] [--processes 2]
"""

import argparse
import os
import random
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from accidents import configuration_words, damaged, swapped
from readers import READERS

import fluxtube


def fuzz(name: str, count: int, seed: int) -> tuple[Counter, list[str]]:
    """Tries of one reader, and its faults."""
    reader, counts, faults = READERS[name](), Counter(), []
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        seeds = reader.seeds(Path(folder))
        path = Path(folder) / f"tried{reader.suffix}"
        names = configuration_words() if name == "toml" else []
        for i in range(count):
            draw = random.Random(f"{name} {seed} {i}")
            good = seeds[i % len(seeds)]
            content = damaged(good, draw, reader.text)
            if names and draw.random() < 0.5:
                content = swapped(good if draw.random() < 0.5 else content, draw, names)
            path.write_bytes(content)
            try:
                fault = reader.read(path, content, good)
                counts["accepted"] += 1
            except fluxtube.InputError as error:
                counts["refused"] += 1
                fault = "a message of several lines" if "\n" in str(error) else ""
            except RecursionError as error:
                fault = f"RecursionError: {error}"
            except Exception as error:
                fault = f"{type(error).__name__}: {str(error).splitlines()[:1]}"
            if fault:
                faults.append(f"{name}, seed {seed}, try {i}: {fault}")
                shutil.copyfile(path, Path(tempfile.gettempdir()) / f"fuzz-{name}-{seed}-{i}{reader.suffix}")
    return counts, faults


def main(argv: list[str] | None = None) -> int:
    """0 where every input ended well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=5000, help="inputs for each reader [%(default)s]")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", choices=READERS, action="append", help="only this one; repeatable")
    parser.add_argument("--processes", type=int, default=os.cpu_count(), help="readers tried at once [%(default)s]")
    args = parser.parse_args(argv)
    names, failed = args.reader or list(READERS), 0
    with ProcessPoolExecutor(args.processes, get_context("spawn")) as pool:
        tries = [pool.submit(fuzz, name, args.count, args.seed) for name in names]
        for name, (counts, faults) in zip(names, (one.result() for one in tries), strict=True):
            ends = f"{counts['accepted']} accepted, {counts['refused']} refused, {len(faults)} faults"
            print(f"{name}: {args.count} inputs, {ends}", flush=True)
            for fault in faults[:10]:
                print(f"  {fault}", flush=True)
            failed += len(faults)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
