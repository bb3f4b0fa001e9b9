# Two commands on a fresh machine (Python 3.11+, git, make): `make demo` and `make test`.
# Everything is installed into .venv from pinned, hash-checked requirements; the project itself runs from this folder.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
  $(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed-test
CLIENTS := .clients
PYTEST = $(BIN)/python -m pytest -n $(WORKERS)
ARGS ?=
WORKERS ?= 4
# Plays of whole releases that `make test` leaves to `make flows`: some seconds of one core each.
FLOWS := $(filter-out $(patsubst %,tests/flow/test_%.py,release starting requests refused_acts evidence crashes demo),\
  $(wildcard tests/flow/test_*.py))
RELEASES ?= 20
SEEDS ?= 200
FIRST ?= 1

.DEFAULT_GOAL := help
.PHONY: help demo test flows check chaos chaos-mutations independent clients uploads processes soak fuzz-plan bench-plan bench-engine bench-verify gallery serve lock contract readme clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile

demo: $(INSTALLED) ## play a whole release on loopback (ARGS="--fail ci")
	@$(BIN)/python -m bot demo $(ARGS)

test: $(INSTALLED) ## run the tests (ARGS="-k words"; WORKERS=0 for --pdb)
	@$(PYTEST) $(FLOWS:%=--ignore=%) $(ARGS)

flows: $(INSTALLED) ## play whole releases through everything that can come up
	@$(PYTEST) $(FLOWS) $(ARGS)

check: $(INSTALLED) ## lint, format, types, layering, workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/zizmor --offline --quiet .github

chaos: $(INSTALLED) ## play hostile runs of a release (SEEDS=200 FIRST=1)
	@PYTHONHASHSEED=0 $(BIN)/python -m chaos --seeds $(SEEDS) --first $(FIRST) $(ARGS)

chaos-mutations: $(INSTALLED) ## switch each safety check off and see the simulation find it
	@PYTHONHASHSEED=0 $(PYTEST) tests/chaos -m slow $(ARGS)

independent: $(INSTALLED) ## play releases on a GitHub that was written without this project (../shared/oracle)
	@$(PYTEST) tests/independent -m slow $(ARGS)

clients: $(INSTALLED) $(CLIENTS)/installed-python $(CLIENTS)/installed-node ## have clients that others wrote work on the sandbox
	@command -v gh >/dev/null || echo "gh is not on this machine, so gh api is not tried (Debian: apt-get install gh)" >&2
	@$(PYTEST) tests/clients -m slow $(ARGS)

uploads: $(INSTALLED) ## publish real packages to the sandbox, play every flaw, rehearse real repositories, install the wheel
	@$(PYTEST) tests/uploads tests/flow/test_failures.py tests/cli tests/wild -m slow $(ARGS)

processes: $(INSTALLED) ## start, stop, kill and restart real processes on each database
	@$(PYTEST) tests/processes tests/store/test_migrations.py -m slow $(ARGS)

soak: $(INSTALLED) ## kill real processes through RELEASES=20 releases on each database
	@SHIPMATE_SOAK_SEEDS=$(RELEASES) SHIPMATE_SOAK_FIRST=$(FIRST) \
	  $(PYTEST) tests/processes/test_killed.py -m slow -k however_often $(ARGS)

fuzz-plan: $(INSTALLED) ## try 20,000 inputs on each property of the planner
	@PROPERTY_EXAMPLES=20000 $(PYTEST) tests/plan/test_properties.py --timeout=3600

bench-plan: $(INSTALLED) ## time a plan on a workspace of 500 members
	@$(BIN)/python -m bench.plan

bench-engine: $(INSTALLED) ## time deliveries, wake-ups and looks on SQLite and PostgreSQL
	@$(BIN)/python -m bench.engine

bench-verify: $(INSTALLED) ## count what a verification asks of the registries
	@$(BIN)/python -m bench.verify

gallery: $(INSTALLED) ## plan and rehearse real repositories of ../shared into docs/gallery.md (ONLY=name, QUICK=1)
	@ONLY="$(ONLY)" QUICK="$(QUICK)" $(BIN)/python -m tests.wild.gallery

serve: $(VENV)/installed-runtime ## answer GitHub's webhooks (settings from the environment)
	@$(BIN)/python -m bot serve

contract: $(INSTALLED) ## trim GitHub's descriptions in ../shared/contract to the facts that the tests use
	@$(BIN)/python -m tests.contract.trim

readme: $(INSTALLED) ## bring the generated parts of README.md up to date
	@$(BIN)/python -m bot.cli.readme

lock: ## pin the dependencies anew (needs uv)
	@command -v uv >/dev/null || { echo "make lock needs uv: https://docs.astral.sh/uv" >&2; exit 1; }
	@for target in runtime "sandbox --extra sandbox" "test --extra test"; do set -- $$target; name=$$1; shift; \
	  uv pip compile pyproject.toml "$$@" --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements/$$name.txt || exit 1; done
	@uv pip compile requirements/clients.in --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate --quiet --output-file requirements/clients.txt
	@cd requirements/clients && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean: ## remove what was installed and cached
	rm -rf $(VENV) $(CLIENTS) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot chaos tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/pip:
	@test -n "$(PYTHON)" || { echo "Shipmate needs Python 3.11 or newer; name one with make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Shipmate needs Python 3.11 or newer, and $(PYTHON) is older; name one with make PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || { rm -rf $(VENV); \
	  echo "$(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

# A stamp for each set of requirements; a newer lock file installs again.
$(VENV)/installed-%: requirements/%.txt | $(BIN)/pip
	@echo "Installing $< into $(VENV), once …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

# Clients that others wrote, in a folder of their own: they have dependencies that the project has not.
$(CLIENTS)/installed-python: requirements/clients.txt | $(BIN)/pip
	@echo "Installing $< into $(CLIENTS)/venv, once …" >&2
	@$(BIN)/python -m venv --clear $(CLIENTS)/venv
	@$(CLIENTS)/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement $<
	@touch $@

$(CLIENTS)/installed-node: requirements/clients/package-lock.json | $(BIN)/pip
	@mkdir -p $(CLIENTS) && cp requirements/clients/package*.json $(CLIENTS)
	@if command -v npm >/dev/null; then echo "Installing $< into $(CLIENTS)/node_modules, once …" >&2; \
	  cd $(CLIENTS) && npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null && touch installed-node; \
	else echo "npm is not on this machine, so octokit is not tried (Debian: apt-get install npm)" >&2; fi
