# Every target makes what it needs; each line also works by hand.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c '$(FITS)' 2>/dev/null && echo $$p && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BACKENDS := $(VENV)-backends
PYTEST := python -m pytest -n 2 --dist loadgroup

.PHONY: demo test test-references test-backends lab build lint bench clean

demo: $(READY)   ## a class of submissions, graded by stock nbgrader
	$(BIN)/course demo

test: $(READY)   ## all tests but those marked exhaustive
	$(BIN)/$(PYTEST)

test-references: TESTS = tests/solutions tests/autograder/exercises/test_baked_keys.py -k "not mistakes"
test-backends: TESTS = tests/solutions tests/autograder/exercises tests/course/checking
test-references:  ## the right answers on JAX and PyTorch
test-backends:    ## the right answers, the mistakes and all checks on both
test-references test-backends: $(BACKENDS)/.ready
	KERAS_BACKEND=jax $(BACKENDS)/bin/$(PYTEST) $(TESTS)
	KERAS_BACKEND=torch $(BACKENDS)/bin/$(PYTEST) $(TESTS)

lab: $(READY)    ## JupyterLab on your copies of the lessons
	$(BIN)/course lab my-lessons

build: $(READY)  ## bake notebooks, keys and texts again
	$(BIN)/course build

lint: $(READY)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

bench: $(READY)
	$(BIN)/python -m benchmarks.check

clean:           ## remove the virtual environments
	rm -rf $(VENV) $(BACKENDS)

$(VENV)/.ready: EXTRAS := dev
$(BACKENDS)/.ready: EXTRAS := dev,backends
%/.ready: pyproject.toml
	@test -n "$(PYTHON)" && $(PYTHON) -c '$(FITS)' || { \
	  echo "Python 3.11, 3.12 or 3.13 must be there. Received: $$(python3 --version 2>&1)."; \
	  echo "Name one by: make $(MAKECMDGOALS) PYTHON=/path/to/python"; exit 1; }
	$(PYTHON) -m venv $*
	$*/bin/python -m pip install --quiet --upgrade pip
	$*/bin/python -m pip install --quiet --editable '.[$(EXTRAS)]'
	@touch $@
