# The commands of this project. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready

.DEFAULT_GOAL := help
.PHONY: help lab test browser notebooks cheatsheet pictures bench lint

help: ## list these commands
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Installs the versions everything was last verified with; again only when they or the dependencies change.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

lab: $(READY) ## open the first lesson in JupyterLab
	$(BIN)/python -m conv1d_tutor lab

test: $(READY) ## run unit tests, doctests and every notebook, strictly compared
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --quiet --numprocesses auto

browser: $(READY) ## run the browser tests; they need Chromium
	$(BIN)/python -m pytest --quiet -p no:nbval --override-ini addopts= tests/browser

notebooks: $(READY) ## run all lessons and save their outputs
	$(BIN)/python tools/run_notebooks.py

cheatsheet: $(READY) ## print the cheat sheet in docs/; needs Chromium
	$(BIN)/python -m tools.make_cheat_sheet

pictures: $(READY) ## make the README's pictures; they need Chromium
	$(BIN)/python -m tools.make_pictures

bench: $(READY) ## measure speed; prints ratios of one run
	for script in benchmarks/bench_*.py; do $(BIN)/python -m benchmarks.$$(basename $$script .py) || exit 1; done

lint: $(READY) ## check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
