# Two commands do everything on a machine with Python 3.11 or newer and make:
#   make demo    install into .venv, run the quickstart on two MPI ranks, hold it against theory, draw it
#   make test    install into .venv, run all tests
# More: make bench, make lint, make clean, make help

PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
RUNS ?= runs
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
PYTEST = $(BIN)/python -m pytest

.PHONY: help demo test bench lint clean install
.DEFAULT_GOAL := help

help:
	@sed -n '1,4p' Makefile

install: $(INSTALLED)

$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "fluxtube needs Python 3.11 or newer; none was found (set PYTHON=...)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[mpi,test]"
	@touch $@

demo: $(INSTALLED)
	@mkdir -p $(RUNS)
	$(BIN)/mpirun -n 2 $(BIN)/fluxtube run configs/quickstart.toml -o $(RUNS)/quickstart.h5 --force
	$(BIN)/fluxtube validate $(RUNS)/quickstart.h5
	$(BIN)/fluxtube plot $(RUNS)/quickstart.h5

test: $(INSTALLED)
	$(PYTEST) tests

bench: $(INSTALLED)
	$(BIN)/python benchmarks/run.py

lint: $(INSTALLED)
	$(BIN)/ruff check .

clean:
	rm -rf $(VENV) $(RUNS) build dist *.egg-info src/*.egg-info .pytest_cache .ruff_cache
