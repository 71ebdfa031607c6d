# Everything starts here; each target does its own set-up, once.
#
#   make demo       solve a Sudoku from text with the shipped weights
#   make test       the tests of every day, two to three minutes
#   make bench      speed, with ratios, written to docs/records
#   make test-all   the slow and the outside tests too, linters, the book
#
# Variables: PYTHON=python3.12  VENV=.venv  TORCH=cpu|cuda  WORKERS=auto  ARGS="-k sudoku"
# Other versions than the locked ones: CONSTRAINTS=/dev/null for the newest, or a file of yours;
# give each its own VENV.

PYTHON ?= python3
VENV ?= .venv
TORCH ?= cpu
CONSTRAINTS ?= constraints.txt
# Processes that share the tests, file by file: 0 for this one alone, auto for one a core.
WORKERS ?= 0
ARGS ?=

BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(TORCH)
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint $(CONSTRAINTS)
TORCH_VERSION := $(shell sed -n 's/^torch==//p' $(CONSTRAINTS))
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
PACKAGES := hrm_agent router/hrm_router specialists/hrm_specialists specialists/hrm_puzzles hrm_bench

.DEFAULT_GOAL := help
.PHONY: help setup lock demo test test-all lint ruff mypy pyright docs bench clean

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY)  ## Make the environment in .venv (TORCH=cuda for the CUDA build of torch)
	@echo "ready: $(BIN)"

$(READY): pyproject.toml $(filter-out /dev/%,$(CONSTRAINTS))
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "hrm-agent needs Python 3.11 or newer, and $(PYTHON) is " + sys.version.split()[0] + ": try make PYTHON=python3.12")'
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing torch ($(TORCH))"
ifeq ($(TORCH),cuda)
	@$(PIP) torch
else
	@# An index of yours, then PyTorch's; macOS has no separate CPU build.
	@$(and $(TORCH_VERSION),$(PIP) 'torch==$(TORCH_VERSION)+cpu' 2>/dev/null ||) \
		$(PIP) --no-deps --index-url https://download.pytorch.org/whl/cpu torch 2>/dev/null \
		|| $(PIP) torch
endif
	@echo "installing hrm-agent and its tools"
	@$(PIP) --editable '.[dev,docs,teach]'
	@touch $@

lock:  ## Renew constraints.txt with the newest versions (run it with the oldest Python)
	$(MAKE) setup VENV=.venv-lock CONSTRAINTS=/dev/null
	{ sed '/^[^#]/,$$d' constraints.txt; .venv-lock/bin/python -m pip freeze --exclude-editable \
		| sed -E '/^(cuda|nvidia|triton)/d; s/\+(cpu|cu[0-9]+)$$//'; } > .venv-lock/constraints.txt
	mv .venv-lock/constraints.txt constraints.txt && rm -rf .venv-lock

demo: $(READY)  ## Solve a Sudoku from text with the shipped weights
	@$(BIN)/hrm-agent solve --explain "Could you finish this for me? 53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"

test: $(READY)  ## The tests of every day
	$(PYTEST) -m "not slow and not outside and not ray and not cuda" $(ARGS)

test-all: $(READY) lint docs  ## Linters, the book, and every test that needs no GPU
	$(PYTEST) -m "not cuda" $(ARGS)

lint: ruff mypy pyright  ## ruff, mypy, pyright

ruff: $(READY)
	$(BIN)/ruff check $(PACKAGES) tests examples
	$(BIN)/ruff format --check $(PACKAGES) tests examples

mypy: $(READY)
	$(BIN)/mypy

pyright: $(READY)
	$(BIN)/pyright --pythonpath $(BIN)/python

docs: $(READY)  ## Build the book into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(READY)  ## Measure speed against the reference way and an LLM (run it alone; ten minutes)
	$(BIN)/hrm-agent bench speed --out docs/records/$(shell date +%F)-speed.json

clean:  ## Remove what can be made again, the environment included
	rm -rf $(VENV) site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests examples -name __pycache__ -type d -prune -exec rm -rf {} +
