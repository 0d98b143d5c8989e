# `make demo` shows the product, `make test` checks it; both set everything up first.

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3,$(shell command -v $(name))))
PIP_FLAGS ?=
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
STUDY ?= examples/embedded.yaml
RUN ?= runs/embedded

# one thread a process: two torch processes with a thread per core each are slower than one
export OMP_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.PHONY: setup lean demo test test-slow check lint types layers bench

setup: $(INSTALLED)

# torch comes first and alone: it is the largest wheel, and every later step finds it installed
$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt $$(grep '^torch==' constraints.txt)
	$(BIN)/pip install --disable-pip-version-check $(PIP_FLAGS) -c constraints.txt -e '.[dev]'
	touch $(INSTALLED)

lean: setup
	$(BIN)/outerloop lean install

# a second `make demo` goes on with the first one's run
demo: lean
	$(BIN)/outerloop search $(STUDY) $(if $(wildcard $(RUN)),--resume)

# two test processes: whole files each, so that what a file shares is made once
test: lean
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder -m 'not slow and not gpu'

test-slow: lean
	$(BIN)/pytest -m 'slow and not gpu'

check: lint types layers

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

bench: lean
	set -e; for name in $$(grep -l __main__ benchmarks/*.py | xargs -n 1 basename -s .py); do \
		echo "== benchmarks/$$name.py"; $(BIN)/python -m benchmarks.$$name; done
