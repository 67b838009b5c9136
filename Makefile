# Two commands are enough: `make demo` and `make test`. `make help` lists the rest.
# Everything is installed into $(VENV) from hashed locks; nothing outside this folder is touched.

VENV ?= .venv
PORT ?= 8110
PYTHON ?= $(shell for p in python3.11 python3 python; do \
  "$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)

bin := $(VENV)/bin
pip := $(bin)/python -m pip --disable-pip-version-check --no-input -qq
# compiling what is never imported would take half of the time; Python compiles the rest when needed
install = $(pip) install --no-compile --require-hashes --no-deps -r $(1)
product := $(VENV)/.product
checks := $(VENV)/.checks
extras := $(VENV)/.extras

.PHONY: help demo town serve test check drill bench docs figures lock clone-check clean need-python
.DELETE_ON_ERROR:

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

need-python:
	@test -n "$(PYTHON)" || { echo "Not installed. Python 3.11 was not found. Install it (Debian: sudo apt-get install python3.11 python3.11-venv), or name it: make PYTHON=/path/to/python3.11"; exit 2; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { echo "Not installed. $(PYTHON) cannot make virtual environments. Debian: sudo apt-get install python3.11-venv"; exit 2; }

$(product): requirements.lock pyproject.toml | need-python
	@echo "Installing Answerable into $(VENV) (the first time it downloads about 160 MB)"
	@test -x $(bin)/python || "$(PYTHON)" -m venv $(VENV)
	@$(call install,requirements.lock)
	@$(pip) install --no-deps --no-build-isolation --editable .
	@touch $@

$(extras): requirements-extras.lock $(product)
	@echo "Installing what reads maps and what signs in at a provider into $(VENV)"
	@$(call install,requirements-extras.lock)
	@touch $@

$(checks): requirements-checks.lock $(product)
	@echo "Installing the tools of the tests into $(VENV)"
	@$(call install,requirements-checks.lock)
	@touch $@

demo: $(product) ## twelve real days of San Francisco in a live console; DEMO="--speed 60" passes options
	@$(bin)/answerable demo --port $(PORT) $(DEMO)

town: $(extras) ## your streets and stations: NAME=mytown ROADS=x.osm.pbf ZONE=Europe/Vaduz TOWN="--areas y.geojson"
	@$(bin)/answerable town build "$(NAME)" --roads "$(ROADS)" --zone "$(ZONE)" $(TOWN)

serve: $(extras) ## a centre run for real; SERVE="--settings serve.toml" passes options
	@$(bin)/answerable serve $(SERVE)

test: check ## lint, types, import contracts, then every test; ARGS="-k board" passes options
	@$(bin)/python -m pytest $(or $(ARGS),--beside)

check: $(checks) ## lint, format, types and import contracts, without the tests
	@$(bin)/ruff check --quiet .
	@$(bin)/ruff format --check --quiet . || { echo "Not formatted. Run: $(bin)/ruff format ."; exit 1; }
	@$(bin)/mypy --no-error-summary
	@$(bin)/lint-imports >$(VENV)/contracts.txt || { cat $(VENV)/contracts.txt; exit 1; }

drill: $(checks) ## the long fault drills: power cuts, failing disks, kill -9, damaged files; JSON for figures
	@$(bin)/python -m pytest tests/drills tests/planning --drill $(ARGS)
	@$(bin)/python -m benchmarks.drills >$(VENV)/drills.json

bench: $(checks) ## measure the numbers of the design beside this machine's own disk; JSON
	@$(bin)/python -m benchmarks $(ARGS)

docs: $(checks) ## write the reference pages again from the code
	@$(bin)/python -m tools.docs

figures: $(checks) ## measure, and write the numbers into docs/assurance/figures.md
	@$(bin)/python -m benchmarks $(ARGS) >$(VENV)/figures.json
	@$(bin)/python -m tools.figures $(VENV)/figures.json $(wildcard $(VENV)/drills.json)

lock: | need-python ## resolve the dependencies again and write both locks
	@tools/lock.sh "$(PYTHON)"

clone-check: | need-python ## follow the README in a new clone; ARGS=--test runs the tests there too
	@tools/clean_clone.sh $(ARGS)

clean: ## remove the virtual environments and caches; your data folder stays
	@rm -rf $(VENV) .venv-lock .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
