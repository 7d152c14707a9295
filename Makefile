# OùVoir. `make` alone lists the targets.
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# The tests make thousands of small files: in memory where there are two gigabytes to spare, else on the disk.
IN_MEMORY := $(shell [ "$$(df -kP /dev/shm 2>/dev/null | awk 'END {print $$4 + 0}')" -gt 2000000 ] && echo TMPDIR=/dev/shm)
SPREAD := --dist loadfile --no-loadscope-reorder
CHECKER := var/vnu/vnu.jar
CHECKER_PACKAGE := vnu-jar-26.9.27.tgz
PROVIDER := var/provider
CHECKER_SHA256 := 5970d3ffca91a627cf0965e5d91bb2e4242307c29292998de0b419d6a901b2b7
PIP := $(BIN)/python -m pip --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help install run test coverage check real bench docs lock browser checker provider clean

help: ## List the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

install: $(VENV)/.installed ## Install what the program needs; the command is then .venv/bin/ouvoir

run: install ## Build the demonstration and serve it (PORT=8000 by default)
	@OUVOIR_DATABASE_URL=$${OUVOIR_DATABASE_URL:-sqlite:///var/demo.db} $(BIN)/ouvoir demo --port $(PORT)

test: $(VENV)/.installed-dev browser checker provider ## Run the tests, some on real data when ../shared is there (the long ones: make real)
	$(IN_MEMORY) $(BIN)/python -m pytest -n 3 $(SPREAD) -m "not long"

coverage: $(VENV)/.installed-dev browser checker provider ## Run the same tests and print the branches that none of them takes, by file
	$(IN_MEMORY) $(BIN)/python -m pytest -q -n 3 $(SPREAD) -m "not long" --cov --cov-report=term:skip-covered

check: $(VENV)/.installed-dev ## Lint and types (the architecture is one of the tests)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

real: $(VENV)/.installed-dev ## Run the long tests, on real catalogues (in ../shared), and search wider for what breaks a rule
	$(IN_MEMORY) $(BIN)/python -m pytest -q -n auto $(SPREAD) -m "long or hypothesis" --hypothesis-profile=thorough

bench: $(VENV)/.installed-bench ## Measure the matcher, the collector and the site on real data (needs ../shared; over an hour)
	@if [ -d ../shared ]; then $(BIN)/python -m bench.census && $(BIN)/python -m bench.startup && $(BIN)/python -m bench.linking --data ../shared/data \
	&& $(BIN)/python -m bench.aliases --data ../shared/data \
	&& $(BIN)/python -m bench.link_command --data ../shared/data && $(BIN)/python -m bench.scaling --data ../shared/data && $(BIN)/python -m bench.public --data ../shared/data \
	&& $(BIN)/python -m bench.matching --data ../shared/data \
	&& $(BIN)/python -m bench.joining --data ../shared/data --sample 0 \
	&& $(BIN)/python -m bench.crawling --shared ../shared && $(BIN)/python -m bench.faults --shared ../shared \
	&& $(BIN)/python -m bench.killing --shared ../shared && $(BIN)/python -m bench.fuzzing --documents 10000 \
	&& $(BIN)/python -m bench.searching --data ../shared/data && $(BIN)/python -m bench.everyday --shared ../shared \
	&& $(BIN)/python -m bench.pages && $(BIN)/python -m bench.order && $(BIN)/python -m bench.throughput \
	&& $(BIN)/python -m bench.listing --data ../shared/data && $(BIN)/python -m bench.api && $(BIN)/python -m bench.widget \
	&& $(BIN)/python -m bench.reconcile --data ../shared/data && $(BIN)/python -m bench.export && $(BIN)/python -m bench.tables && $(BIN)/python -m bench.cockpit \
	&& $(BIN)/python -m bench.month --shared ../shared; \
	else echo "make bench: ../shared is not there, so there is nothing to measure on"; fi

docs: $(VENV)/.installed ## Write docs/commands.md, docs/configuration.md and .env.example from the program itself
	$(BIN)/python -m cli.reference

lock: $(VENV)/.installed-dev ## Pin the newest dependencies, with hashes and without any host name
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--group build --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade \
		--group build --group bench pyproject.toml -o requirements-bench.lock

browser: ## Install Chromium for the browser tests, where that can be done
	@command -v chromium-headless-shell >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq chromium-headless-shell; } \
		|| command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get install -y -qq chromium; } \
		|| echo "make test: no Chromium here, the browser tests will be skipped"

checker: ## Fetch the Nu HTML checker for the tests of pages, where npm and Java are there
	@[ -f $(CHECKER) ] || { command -v npm >/dev/null && command -v java >/dev/null && $(MAKE) -s $(CHECKER); } \
		|| echo "make test: no npm, no Java or no network here, the HTML of pages will not be checked"

$(CHECKER):
	@mkdir -p $(@D)
	npm pack --silent --pack-destination $(@D) vnu-jar@$(patsubst vnu-jar-%.tgz,%,$(CHECKER_PACKAGE)) >/dev/null
	echo "$(CHECKER_SHA256)  $(@D)/$(CHECKER_PACKAGE)" | sha256sum --check --quiet
	tar -xzf $(@D)/$(CHECKER_PACKAGE) -C $(@D) --strip-components=3 package/build/dist/vnu.jar
	rm $(@D)/$(CHECKER_PACKAGE)

provider: ## Fetch the identity provider that agents' sign-in is tried on, where npm is there
	@[ -f $(PROVIDER)/.installed ] || { command -v npm >/dev/null && $(MAKE) -s $(PROVIDER)/.installed; } \
		|| echo "make test: no npm or no network here, sign-in by ProConnect will not be tried on a real provider"

$(PROVIDER)/.installed: tests/webapp/staff/provider/package-lock.json
	@mkdir -p $(@D)
	@cp tests/webapp/staff/provider/package.json tests/webapp/staff/provider/package-lock.json $(@D)
	npm ci --silent --no-fund --no-audit --ignore-scripts --prefix $(@D)
	@touch $@

clean: ## Remove what was installed and built
	rm -rf $(VENV) var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed (PYTHON=python3.12 make …)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the program needs (about a minute)…"
	$(PIP) install -q --require-hashes -r requirements.lock
	$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need…"
	$(PIP) install -q --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-bench: requirements-bench.lock $(VENV)/.installed-dev
	@echo "Installing what the bench compares with…"
	$(PIP) install -q --require-hashes -r requirements-bench.lock
	@touch $@
