# Two commands: `make run` shows the site with demonstration data, `make test` checks everything.
PYTHON ?= python3
BIN := .venv/bin
# A process a core, each with a database of its own; the tests of one file stay together.
SIDE_BY_SIDE := --numprocesses auto --dist loadfile
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test install-test browser lint types contracts sqlite postgresql journeys benchmarks lock clean

help: ## Say what each command does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /: /'

.venv/made: ## Make the environment
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { echo "Python's venv module is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet "uv>=0.9" || true
	@touch $@

# The stamps hold until a lock file, the project file or the build hook changes.
.venv/run: .venv/made requirements.txt pyproject.toml hatch_build.py
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.txt || \
	  { echo "uv could not install: pip is used, which takes longer."; \
	    $(BIN)/python -m pip install --quiet --require-hashes -r requirements.txt; }
	@$(BIN)/python -m pip install --quiet --no-deps --editable .
	@touch $@

.venv/test: .venv/run requirements-dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt || \
	  { echo "uv could not install: pip is used, which takes longer."; \
	    $(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.txt; }
	@touch $@

run: .venv/run ## Make everything that is needed, and serve the site with demonstration data on 127.0.0.1:8000
	@$(BIN)/qa assets || true
	@$(BIN)/qa db upgrade
	@$(BIN)/qa demo
	@QA_NOTICE="Demonstration: the children, workers and reviews are invented; the plan's actions are from a published paper." $(BIN)/qa serve

install-test: .venv/test

test: .venv/test lint types contracts browser sqlite postgresql ## Check everything: style, types, imports, tests on both databases, a browser

browser: .venv/test
	@$(BIN)/qa assets || true
	@sh tests/install_browser.sh

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test
	$(BIN)/mypy

contracts: .venv/test
	$(BIN)/lint-imports

sqlite: .venv/test browser
	$(BIN)/python -m pytest $(SIDE_BY_SIDE)

postgresql: .venv/test
	QA_TEST_DATABASE=postgresql $(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "database and not browser"

journeys: .venv/test browser ## Only the journeys in a browser
	$(BIN)/python -m pytest -m browser

benchmarks: .venv/test ## How long saving an answer and the theme page take, as ratios
	$(BIN)/python -m benchmarks

lock: .venv/test ## Resolve the requirements anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet --upgrade -c requirements.txt -o requirements-dev.txt

clean: ## Take the environment and everything made away; the instance folder with its data stays
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
