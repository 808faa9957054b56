# The commands of this project. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
unexport MPLBACKEND # meant for scripts; a lesson's pictures appear below its cells
unexport PYTHONDONTWRITEBYTECODE # a hundred processes of the tests would each compile the package anew
.PHONY: help ready lab edit test browser lessons-check marimo notebooks site site-check errors cheatsheet pictures bench zoo lint pins release-check hub hub-check

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 15

# Makes .venv where it is missing, broken off, moved or older than the dependencies; else it takes a moment.
ready:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here. Name your Python: make lab PYTHON=python3.12"; exit 1; }
	@$(PYTHON) tools/install.py

lab: ready ## open your own copy of the lessons, my_course/, in JupyterLab; OPTIONS=--no-browser goes to JupyterLab
	$(BIN)/python -m conv1d_tutor start $(OPTIONS)

edit: ready ## open the course's own lessons, to write on them
	$(BIN)/python -m conv1d_tutor lab $(OPTIONS)

test: ready ## run unit tests, doctests and every notebook, strictly compared
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --quiet --numprocesses auto

browser: ready ## run the browser tests; they need Chromium
	$(BIN)/python -m pytest --quiet -p no:nbval --override-ini addopts= --numprocesses 2 --dist loadscope tests/browser

lessons-check: ready ## run every lesson in JupyterLab, those without an explorable too; needs Chromium, minutes
	LESSONS=all $(BIN)/python -m pytest --quiet -p no:nbval --override-ini addopts= tests/browser/test_lab.py

marimo: ready ## try the explorables in marimo, which is installed for that; needs Chromium
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[marimo]"
	$(BIN)/python -m pytest --quiet -p no:nbval --override-ini addopts= tests/browser/test_marimo.py

notebooks: ready ## run all lessons and save their outputs; needs Chromium for the stills
	$(BIN)/python -m tools.run_notebooks
	$(BIN)/python -m tools.minutes --write

site: ready ## build the site in docs/_build/html from the lessons as they are saved
	$(BIN)/python -m tools.make_site

site-check: ready ## look at every page of the site in Chromium, each message and cause too; minutes
	SITE_PAGES=all $(BIN)/python -m pytest --quiet -p no:nbval --override-ini addopts= tests/browser/test_site.py

errors: ready ## write the pages of the error index in docs/errors from the rule book
	$(BIN)/python -m tools.make_errors

cheatsheet: ready ## print the cheat sheet in docs/; needs Chromium
	$(BIN)/python -m tools.make_cheat_sheet

pictures: ready ## make the README's pictures; they need Chromium
	$(BIN)/python -m tools.make_pictures

bench: ready ## measure speed; prints ratios of one run
	for script in benchmarks/bench_*.py; do $(BIN)/python -m benchmarks.$$(basename $$script .py) || exit 1; done

# Packages for this alone, beside .venv: none may bring a torch of its own. torchaudio's compiled part wants CUDA;
# without it, it runs in Python.
.zoo/ready: tools/zoo.txt
	rm -rf .zoo
	$(BIN)/python -m pip install --quiet --no-deps --target .zoo/site-packages --requirement tools/zoo.txt
	rm -rf .zoo/site-packages/torchaudio/lib
	touch $@

zoo: ready .zoo/ready ## ask explain about models that others wrote; minutes, and 400 MB once
	PYTHONPATH=.zoo/site-packages $(BIN)/python -m tools.zoo $(OPTIONS)

lint: ready ## check style, format and the types of the public face
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

release-check: ready ## build a wheel, install it alone in an empty folder, update it; needs the network, minutes
	$(BIN)/python -m tools.check_release $(OPTIONS)

# For the hub alone, beside .venv.
.hub/ready: tools/hub/requirements.txt tools/hub/package.json
	rm -rf .hub
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --target .hub --requirement tools/hub/requirements.txt
	cp tools/hub/package.json .hub/
	npm install --silent --prefix .hub
	touch $@

hub: ready .hub/ready ## start a JupyterHub for a class on this machine; CLASS_PASSWORD=… first, see docs/teaching.md; needs npm
	PYTHONPATH=.:.hub $(BIN)/python -m jupyterhub -f tools/hub/jupyterhub_config.py

hub-check: ready .hub/ready ## try that hub with a class of three, on loopback; minutes
	$(BIN)/python -m tools.check_hub

# The lowest Python allowed: a pin that asks for a newer one would keep people out.
pins: ## choose the versions in constraints.txt anew, as few changes as possible; needs uv
	uv pip compile pyproject.toml --extra dev --extra marimo --universal --fork-strategy fewest --python-version 3.11.0 \
	  --no-annotate --custom-compile-command "make pins" --output-file constraints.txt
