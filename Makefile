# Every target sets up what it needs: a virtual environment in .venv, from the lock with its hashes.
# It needs only Python 3.11 to 3.13 with venv, and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

OLDEST := .venv-oldest
WITH_OLDEST := $(addprefix tests/,playbook/test_playbooks.py azure/test_layer.py azure/test_sdk_bugs.py azure/test_sign_in.py run/test_once.py plan/test_stale.py plan/test_altered.py cli/test_asking.py)

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-header

# Python is started hundreds of times. It must keep compiled files, whatever the shell's setting is.
unexport PYTHONDONTWRITEBYTECODE

# Tests that run at the same time. They wait often, so there are two for each core.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')

# Options of `make chaos`, such as CHAOS='--state postgresql --runs 40 --seed x'.
CHAOS ?=

# Options of `make dropout`, such as DROPOUT='--part 1/4' or '--only UserErrorRpCollection'. With
# '--resume' it goes on where it stopped.
DROPOUT ?=

# Options of `make fuzz`, such as FUZZ='--plans 500 --runs 50 --seed x', or '--seed x --only "run 7"'.
FUZZ ?=

# Options of `make bench`, such as BENCH='--only scan-1000 --rounds 5', or '--az PATH' for an
# azure-cli that is installed already.
BENCH ?=

# An option of `make fields`: OBSERVE=--observe plays all cases to see which fields are read. That
# takes minutes.
OBSERVE ?=

# A folder of recordings. `make conformance RECORDINGS=DIR` judges only by these recordings.
RECORDINGS ?=

.PHONY: assets browser rooms screens chaos dropout fidelity fields fuzz generate untranslated help setup test test-oldest lint types layers check demo bench conformance lock clean

help:
	@echo "make demo   a tour on the local Azure: three failed backups fixed and proved"
	@echo "make test   lint, types, layers, tests"
	@echo "make test-oldest  the tests that matter with the oldest versions admitted"
	@echo "make chaos  200 remediations under kill -9 and faults, judged; CHAOS='--state postgresql'"
	@echo "make dropout  each field of Azure's answers left out for whole runs, judged; DROPOUT='--part 1/4'"
	@echo "make fuzz   5,000 plans and 500 runs among odd answers and other administrators, judged"
	@echo "make bench  measure the tool beside its rivals, and write docs/performance.md; BENCH='--only scan-1000'"
	@echo "make browser  open the pages of HTML in a browser, and judge them; needs Chromium and npm"
	@echo "make conformance  outside judges: azure-cli, oav, SDK, Cloud Custodian (minutes, and large)"
	@echo "make conformance RECORDINGS=DIR  parsers and simulator, judged by the recordings of a folder"
	@echo "make generate  renew all that is derived from playbooks, cases, texts and code"
	@echo "make untranslated  name the texts without a translation; before a release"
	@echo "make fidelity  renew docs/fidelity.md: what recorded answers say of the assumptions"
	@echo "make fields  renew docs/fields.md: the fields that are read, and their evidence; OBSERVE=--observe"
	@echo "make screens  renew the kept screens of the commonest situations"
	@echo "make assets  fetch the libraries again that a page of HTML embeds; needs npm"
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
	$(BIN)/pytest -n $(JOBS) --dist worksteal

# Tests with the oldest versions that pyproject.toml allows. They have a lock of their own.
test-oldest: $(OLDEST)/.ready
	$(OLDEST)/bin/pytest -n 2 --dist worksteal $(WITH_OLDEST)

$(OLDEST)/.ready: requirements-oldest.lock pyproject.toml
	$(PYTHON) -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --require-hashes --requirement requirements-oldest.lock
	$(OLDEST)/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

bench: setup
	$(BIN)/python -m benchmarks $(BENCH)

chaos: setup
	$(BIN)/python -m tests.chaos $(CHAOS)

dropout: setup
	$(BIN)/python -m tests.dropout --write $(DROPOUT)

fuzz: setup
	$(BIN)/python -m tests.fuzz --write $(FUZZ)

rooms: setup
	$(BIN)/python -m tests.rooms

conformance: setup
	$(BIN)/python -m tests.conformance $(if $(RECORDINGS),--recordings $(RECORDINGS))

# It judges with axe-core, which is no part of the package.
browser: setup
	$(BIN)/python -m tests.assets --judges
	$(BIN)/python -m tests.views.html.browser
	$(BIN)/pytest -n $(JOBS) tests/views/html

assets: setup
	$(BIN)/python -m tests.assets

generate: setup
	$(BIN)/python -m tests.generate

untranslated: setup
	$(BIN)/python -m remediator.locales

# It needs the recordings beside the project.
fidelity: setup
	$(BIN)/python -m tests.fidelity

fields: setup
	$(BIN)/python -m tests.fields $(OBSERVE)

# Look at what has changed before it is committed.
screens: setup
	RENEW_SCREENS=1 $(BIN)/python -m pytest -q -n $(JOBS) tests/views/screens

lock: setup
	$(COMPILE) --generate-hashes --group dev --output-file requirements.lock pyproject.toml
	$(COMPILE) --resolution lowest-direct --no-annotate --output-file oldest.in pyproject.toml
	$(COMPILE) --generate-hashes --group dev --constraint oldest.in --output-file requirements-oldest.lock pyproject.toml
	rm oldest.in

clean:
	rm -rf $(VENV) $(OLDEST) .browser .mypy_cache .pytest_cache .ruff_cache .hypothesis
