# Two commands are all a fresh machine needs (Python 3.11 or newer and make): make run, make test.

.DEFAULT_GOAL := help
.PHONY: help run test lint types imports format bench clean ready ready-dev

PORT ?= 8501
PY := .venv/bin/python
SOURCES := $(wildcard app.py pages quantetf_core tests benchmarks)
export PYTHON

help: ## Show these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

run: ready ## Serve the desk on this machine, on the sample market, offline (PORT=8501)
	@echo "QuantETF desk: open http://127.0.0.1:$(PORT) in a browser. Ctrl+C stops it; PORT=8600 takes another port."
	@exec $(PY) -m streamlit run app.py --server.port=$(PORT)

test: lint types imports ## Everything that must hold: lint, types, import contracts, all tests
	@$(PY) -m pytest -n auto --maxprocesses=8 --dist=worksteal --cov=quantetf_core --cov-branch --cov-report=term

lint: ready-dev ## Style and formatting, without changing anything
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check $(SOURCES)

types: ready-dev ## Strict types of the core and of pages/ui
	@$(PY) -m mypy

imports: ready-dev ## Who may import whom
	@$(PY) -c "from importlinter.cli import lint_imports_command as check; check()" --no-logo

format: ready-dev ## Rewrite the sources in the house format
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

bench: ready-dev ## Measure what must be fast, beside its floor
	@$(PY) -m benchmarks

clean: ## Remove .venv and every cache; data/ and artifacts/ are never touched
	@rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.*
	@find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

ready: # .venv with what the desk needs to run
	@.ci/venv requirements.txt

ready-dev: # .venv with what the tests need as well
	@.ci/venv requirements-dev.txt
