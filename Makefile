# Two commands on a fresh machine (python3.11+, git, make): `make demo` and `make test`.
# Everything is installed into .venv from pinned, hash-checked requirements.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed-test
ARGS ?=

.PHONY: help demo test check serve lock readme clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile

demo: $(INSTALLED) ## play a whole release on loopback (ARGS="--fail ci")
	@$(BIN)/python -m bot demo $(ARGS)

test: $(INSTALLED) ## run the tests
	@$(BIN)/python -m pytest $(ARGS)

check: $(INSTALLED) ## lint, types, layering
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

serve: $(VENV)/installed-runtime ## answer GitHub's webhooks (settings from the environment)
	@$(BIN)/python -m bot serve

readme: $(INSTALLED) ## bring the generated parts of README.md up to date
	@$(BIN)/python -m bot.cli.readme

lock: $(INSTALLED) ## pin the dependencies anew (needs uv)
	@for extra in "runtime" "sandbox --extra=sandbox" "test --extra=test"; do set -- $$extra; \
	  uv pip compile pyproject.toml $$2 --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --no-annotate -q -o requirements/$$1.txt || exit 1; done

clean: ## remove what was installed and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Shipmate needs Python 3.11 or newer; name one with PYTHON=…" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { echo "python3 cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/installed-%: requirements/%.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once) …" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
