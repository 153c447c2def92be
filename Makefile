# Everything sets itself up: a virtual environment in .venv, from the lock with its hashes.
# Needs Python 3.11 to 3.13 with venv, and make; nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help setup test lint types layers check demo bench lock clean

help:
	@echo "make demo   a tour on the local Azure: three failed backups fixed and proved"
	@echo "make test   lint, types, layers, tests"
	@echo "make bench  start-up and requests, as ratios"
	@echo "make lock   renew the lock (needs uv, which the lock holds)"

setup: $(READY)

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 13); sys.exit(0 if ok else "Python 3.11 to 3.13 is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

demo: setup
	$(BIN)/remediate demo

test: lint types layers check

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

check: setup
	$(BIN)/pytest -n 2 --dist worksteal

bench: setup
	$(BIN)/python -m tests.bench

lock: setup
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis
