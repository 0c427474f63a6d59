"""Compilation is done before a run's clock starts, and said where there is any."""

import json
import os
import subprocess
import sys

import pytest

RUN = """
import json, sys
from numba.core import event
from fluxtube.sim.config.load import parse
from fluxtube.sim.run import ensemble
from fluxtube.sim.run.communicator import connect

class Count(event.Listener):
    compiled = 0
    def on_start(self, event):
        Count.compiled += 1
    def on_end(self, event):
        pass

event.register("numba:compile", Count())
shown = ensemble.progress
def progress(*args, **more):
    Count.before = Count.compiled
    return shown(*args, **more)
ensemble.progress = progress
warm_checks = ensemble.warm_checks
def counted(*args):
    Count.of_blocks = Count.compiled - Count.before
    warm_checks(*args)
    Count.checks = Count.compiled
ensemble.warm_checks = counted
text = '''
[turbulence]
band = [1e-1, 4.0]
[sky]
l_max = 4
nside = 4
[sampling]
modes = 200
[ensemble]
realisations = 20
[output]
skies = 1
[check]
realisations = 1
particles = 2000
'''
ensemble.run_ensemble(parse(text, sys.argv[1:], "test"), connect(), threads=1)
of_checks = Count.checks - Count.of_blocks - Count.before
print(json.dumps([Count.before, Count.of_blocks, Count.compiled - Count.checks, of_checks]))
"""


@pytest.mark.parametrize("settings", [["sampling.estimator=particles"], ["transport.model=isotropic", "sampling.flow=modes"]])
def test_the_first_run_says_that_it_compiles_and_its_clock_starts_afterwards(settings, tmp_path):
    """In an empty cache, and again in the full one, where nothing is compiled and said; no block and no check compiles."""
    tmp_path.chmod(0o700)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    lines, counts = [], []
    for _ in range(2):
        command = [sys.executable, "-c", RUN, *settings]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        lines.append(done.stderr.count("compiling kernels, once"))
        counts.append(json.loads(done.stdout))
    assert lines == [1, 0]
    assert counts[0][0] > 3
    assert [*counts[0][1:3], *counts[1]] == [0, 0, 0, 0, 0, 0]
    assert counts[0][3] > 0  # what checks need besides waits for them: the first block does not
