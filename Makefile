# PYTHON=… chooses the interpreter; without it the first one of at least 3.11 is taken.
VENV := .venv
BIN := $(VENV)/bin
CASES ?= 20000

.PHONY: run test check conformance secondaries fuzz bench bench-short packages clean

run: $(VENV)/.installed
	@exec $(BIN)/nsdctl serve --show-token $(ARGS)

# The packages come first: one of them may be the one that makes virtual environments.
test: packages
	@$(MAKE) --no-print-directory $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

conformance: $(VENV)/.installed-dev
	CASES=$(CASES) $(BIN)/python -m tests.conformance.campaign $(ARGS)

secondaries: $(VENV)/.installed-dev
	$(BIN)/python -m tests.secondary.campaign $(ARGS)

fuzz: $(VENV)/.installed-dev
	$(BIN)/python -m tests.property.fuzz $(ARGS)

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench $(ARGS)

bench-short: $(VENV)/.installed-dev
	$(BIN)/python -m bench --short $(ARGS)

packages:
	@scripts/install-debian-packages

clean:
	rm -rf $(VENV) dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Installed again when the project's dependencies or the interpreter change.
$(VENV)/.installed: pyproject.toml $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(BIN)/python
	@echo "Installing into $(VENV), with what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(VENV)/.installed $@

$(BIN)/python:
	@PYTHON="$(PYTHON)" scripts/make-venv $(VENV)
