# Two commands do everything on a machine with Python 3.11 or newer and make:
#   make demo    install into .venv, run the quickstart on two MPI ranks, compare it with theory, draw it
#   make test    install into .venv, run all tests
#   make shell   a shell in which the commands are found
# More: make test-faults, make test-mutants, make test-slurm (as root), make bench, make paper,
#   make observed-sky, make docs, make lint, make clean, make help

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
RUNS ?= runs
EXAMPLES ?= 2# times the inputs of `make test` for the property tests of test-faults; from 2 on slow options are tried too
BIN = $(VENV)/bin
WORKERS ?= auto# processes that run the tests of `make test`; at most four, since many tests start two ranks
PYTEST = $(BIN)/python -m pytest
SHARED = -n $(WORKERS) --maxprocesses 4 --dist loadfile

.PHONY: help install shell demo test test-slurm test-faults test-mutants paper observed-sky bench docs lint clean
.DEFAULT_GOAL := help

help:
	@sed -n '1,6p' Makefile

# .venv/.with-EXTRA: an environment with fluxtube and what one of pyproject.toml's extras needs.
$(VENV)/.with-%: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "fluxtube needs Python 3.11 or newer; none was found (set PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[$*]"
	@touch $@

install: $(VENV)/.with-all

# A shell in which `fluxtube` and `mpirun` are found.
shell: $(VENV)/.with-all
	@echo "fluxtube is on the PATH of this shell; leave it with exit"
	@PATH="$(abspath $(BIN)):$$PATH" VIRTUAL_ENV="$(abspath $(VENV))" $${SHELL:-sh} || true

demo: $(VENV)/.with-all
	@mkdir -p $(RUNS)
	$(BIN)/mpirun -n 2 $(BIN)/fluxtube run configs/quickstart.toml -o $(RUNS)/quickstart.h5 --force
	$(BIN)/fluxtube validate $(RUNS)/quickstart.h5
	$(BIN)/fluxtube plot $(RUNS)/quickstart.h5
	$(BIN)/fluxtube report $(RUNS)/quickstart.h5 -o $(RUNS)/quickstart.html
	@echo
	@echo "Look at $(RUNS)/quickstart.html, the whole run on one page, or at $(RUNS)/quickstart-plots/spectrum.png."
	@echo "To use the commands: make shell, or . $(VENV)/bin/activate"

test: $(VENV)/.with-test
	$(PYTEST) $(SHARED) tests

# A throw-away SLURM of two virtual nodes, from Debian's packages; takes root.
test-slurm: $(VENV)/.with-test
	tests/slurm/run.sh $(BIN)

test-faults: $(VENV)/.with-test
	$(BIN)/python tests/faults/run.py
	$(BIN)/python tests/faults/fuzz.py
	FLUXTUBE_EXAMPLES=$(EXAMPLES) $(PYTEST) $(SHARED) -q -o timeout=1800 tests/properties

# Small mistakes put into copies of the code: a named test must notice each.
test-mutants: $(VENV)/.with-test
	$(BIN)/python tests/mutants.py

paper: $(VENV)/.with-all
	@mkdir -p $(RUNS)
	$(BIN)/mpirun -n 2 $(BIN)/fluxtube run configs/paper_fig1.toml -o $(RUNS)/parallel.h5 --force
	$(BIN)/mpirun -n 2 $(BIN)/fluxtube run configs/paper_fig3_isotropic.toml -o $(RUNS)/isotropic.h5 --force
	$(BIN)/fluxtube paper $(RUNS)/parallel.h5 $(RUNS)/isotropic.h5 -o $(RUNS)/paper

# Every number and figure of docs/observed-sky.md.
observed-sky: $(VENV)/.with-all
	@mkdir -p $(RUNS)
	$(BIN)/python examples/observed_sky.py $(RUNS)/observed-sky > $(RUNS)/observed-sky.md

bench: $(VENV)/.with-bench
	$(BIN)/python benchmarks/run.py $(BENCH)

# The documentation site, from docs/ and docstrings: warnings are errors, examples in docstrings and notebooks run.
docs: $(VENV)/.with-docs
	$(BIN)/python tests/docstrings.py
	$(BIN)/sphinx-build -W --keep-going -q -b html docs docs/_build/html
	@echo "open docs/_build/html/index.html"

lint: $(VENV)/.with-test
	$(BIN)/ruff check .
	$(BIN)/mypy

clean:
	rm -rf $(VENV) $(RUNS) build dist *.egg-info src/*.egg-info .pytest_cache .ruff_cache .mypy_cache docs/_build docs/api docs/gallery
