# Everything starts here: `make run` to see it, `make test` to trust it. Needs make, sh and Python 3.11 or newer with venv.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CLIENTS := $(VENV)/clients
PYTEST_ARGS ?=
# how many processes share the tests: a number, 0 for this one alone, or as many as there are cores
WORKERS ?= auto
# pip compiles what it installs: where Python may not write bytecode later, every start would take seconds longer
PIP := $(BIN)/pip --disable-pip-version-check install -qq --no-deps
PIP_OF_CLIENTS := $(CLIENTS)/bin/pip --disable-pip-version-check install -qq --no-deps --require-hashes
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup run test coverage lint format bench drill acceptance lock clean

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

setup: $(VENV)/.runtime ## a virtual environment in .venv with what Rasad needs to run

run: setup ## set up, take in the laboratory's recording, and serve on 127.0.0.1:8000
	@$(BIN)/rasad up

test: $(VENV)/.dev $(VENV)/.clients ## the whole suite on SQLite and on PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --acceptance show $(PYTEST_ARGS)

coverage: $(VENV)/.dev $(VENV)/.clients ## the suite again, and which lines it never reached
	$(BIN)/python -m pytest --cov --cov-report=term-missing $(PYTEST_ARGS)

lint: $(VENV)/.dev ## style, types, and who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## write the code the way `make lint` wants it
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

bench: $(VENV)/.dev ## measure the figures of the acceptance list into bench.json
	$(BIN)/python -m tests.bench

drill: $(VENV)/.dev ## kill ingests at random moments and compare what they leave behind
	$(BIN)/python -m pytest -m drill -p no:cacheprovider $(PYTEST_ARGS)

acceptance: $(VENV)/.dev $(VENV)/.clients ## run the tests of the acceptance list, and say line by line how it stands
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m acceptance --acceptance require $(PYTEST_ARGS)

lock: $(VENV)/.dev ## lock what pyproject.toml and tests/clients name, hashed and without addresses; NEWER=--upgrade takes the newest
	$(LOCK) $(NEWER) --group build -o requirements.lock pyproject.toml
	$(LOCK) $(NEWER) --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(LOCK) $(NEWER) -o tests/clients/clients.lock tests/clients/clients.in
	$(LOCK) $(NEWER) -o tests/clients/build.lock tests/clients/build.in

clean: ## remove what the other targets made; the data of `make run` lies in ~/.local/share/rasad and stays
	rm -rf $(VENV) .pytest_cache .hypothesis .mypy_cache .ruff_cache .import_linter_cache .coverage .coverage.* bench.json

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rasad needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python cannot make virtual environments; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/pip
	@echo "setting up $(VENV) (once, about half a minute)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "adding what the tests need"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

# other people's clients of RIPE Atlas, apart from Rasad's own packages; one of them is published as source only,
# and is built with what is locked too
$(VENV)/.clients: tests/clients/build.lock tests/clients/clients.lock | $(BIN)/pip
	@echo "adding the clients that the rehearsal Atlas is tried with"
	@rm -rf $(CLIENTS)
	@$(BIN)/python -m venv $(CLIENTS)
	@$(PIP_OF_CLIENTS) -r tests/clients/build.lock
	@$(PIP_OF_CLIENTS) --no-build-isolation --use-pep517 -r tests/clients/clients.lock
	@touch $@
