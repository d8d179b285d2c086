# Every target works in a fresh clone: what it needs, it installs first.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

UV := ./.ci/uv.sh
BIN := .venv/bin
CONFIG ?= config/demo.yaml
ARGS ?=

# The parts that follow from the lock file, rebuilt when it changes.
RUNTIME := .venv/.runtime-ready
DEV := .venv/.dev-ready

TRAINING := .venv-training

.PHONY: models help run test check format-check lint types imports schema-check docs-check evals-check fmt docs bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUNTIME) ## Start the demo gateway on 127.0.0.1:8080 (CONFIG=path, ARGS="--port 9000")
	@exec $(BIN)/gatehouse serve --config $(CONFIG) $(ARGS)

test: $(DEV) ## Run all tests (ARGS="tests/unit -k quota")
	@$(BIN)/pytest $(ARGS)

check: format-check lint types imports schema-check docs-check evals-check ## All that CI runs: format, lint, types, imports, schemas, docs, golden answers, tests
	@$(BIN)/pytest

format-check: $(DEV)
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted; mend with: make fmt" >&2; $(BIN)/ruff format --check . >&2; exit 1; }

lint: $(DEV) ## Lint
	@$(BIN)/ruff check --quiet .

types: $(DEV) ## Check types (mypy strict, tests too)
	@$(BIN)/mypy

imports: $(DEV) ## Check that imports point inward
	@$(BIN)/lint-imports

schema-check: $(DEV)
	@$(BIN)/gatehouse schema --check

docs-check: $(DEV)
	@$(BIN)/python docs/generate.py --check

evals-check: $(DEV)
	@$(BIN)/gatehouse eval rag config/handbook.golden.yaml --baseline config/handbook.baseline.json

fmt: $(DEV) ## Format, and mend what the linter can
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format .

docs: $(DEV) ## Write the generated reference pages
	@$(BIN)/python docs/generate.py

bench: $(DEV) ## Measure direct, Gatehouse and its peers side by side
	@$(BIN)/python -m bench $(ARGS)

models: ## Rebuild the shipped models from a folder of public data (DATA=path; about two hours on two cores)
	@test -n "$(DATA)" || { echo "Say where the data is: make models DATA=path" >&2; exit 2; }
	@UV_PROJECT_ENVIRONMENT=$(TRAINING) $(UV) sync --frozen --no-default-groups --group training
	@$(TRAINING)/bin/python -m training $(DATA) $(ARGS)
	@$(TRAINING)/bin/python -m training.support $(DATA) gateway/encoder/model --base $$($(TRAINING)/bin/python -c "from training.__main__ import base_folder; print(base_folder())")

clean: ## Remove environments and caches; var/ (keys, audit) stays
	rm -rf .venv .venv-bootstrap .venv-training .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache dist tests/sdk/.venvs tests/sdk/node/node_modules bench/.peers
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --inexact: a run after a test keeps the development tools that the test installed.
$(RUNTIME): uv.lock pyproject.toml
	@$(UV) sync --frozen --no-dev --inexact --compile-bytecode
	@touch $@

$(DEV): uv.lock pyproject.toml
	@$(UV) sync --frozen --inexact --all-extras
	@touch $@ $(RUNTIME)
