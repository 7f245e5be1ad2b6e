# Chatsite's commands. `make` lists them. Each makes what it needs first (.venv, node_modules, var) and keeps it.
.DEFAULT_GOAL := help
.PHONY: help demo up manage test lint format bench bench-search bench-limits chaos faults screenshots docs docs-transcript messages lock clean
MAKEFLAGS += --no-print-directory
PYTHON ?= python3
NEEDS_PYTHON = command -v $(PYTHON) >/dev/null || { echo "chatsite: $(PYTHON) is missing; install it (Debian, Ubuntu: sudo apt-get install python3 python3-venv), then run the same command again" >&2; exit 1; }
SETUP = @$(NEEDS_PYTHON); exec $(PYTHON) setup/bootstrap.py

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## The whole desk with a sample airline on http://127.0.0.1:8000 (PORT=... for another port)
	$(SETUP) demo

up: ## The scaled set on this machine: web, workers and beat (needs REDIS_URL and DATABASE_URL)
	$(SETUP) up

manage: ## One of Django's commands, on the demo's database or on that of DATABASE_URL (ARGS="createsuperuser")
	$(SETUP) manage $(ARGS)

test: ## Every check and every test, embedded and scaled
	$(SETUP) checks

lint: ## Style, format and import contracts only
	$(SETUP) checks lint format imports

format: ## Rewrite the code in the project's format
	$(SETUP) run -m ruff check --fix-only --quiet .
	@.venv/bin/python -m ruff format .

bench: ## CPU and latency per streamed answer, embedded and scaled, as one table
	$(SETUP) run -m benchmarks $(ARGS)

chaos: ## Random faults over the scaled set while customers ask (ARGS="--seconds 600 --questions 5000 --seed 7")
	$(SETUP) run -m tests.faults $(ARGS)

faults: ## Every fault once while 200 answers stream, as one table (ARGS="--customers 200 --only Redis")
	$(SETUP) run -m tests.faults.every_fault $(ARGS)

docs: ## The tables of docs/reliability.md, from the tests' lists
	$(SETUP) run -m tests.faults.documentation

docs-transcript: ## Run every example of the documentation on a real desk (ARGS="--transcript FILE" keeps what they printed)
	$(SETUP) run -m tests.docs $(ARGS)

messages: ## Renew and compile the Spanish words of the pages, and name those that lack a translation
	$(SETUP) run -m tests.i18n.catalogue

bench-search: ## Search among 100,000 passages: indexing, latency and size, on SQLite and PostgreSQL
	$(SETUP) run -m benchmarks.search $(ARGS)

bench-limits: ## Limits under 4 processes x 200 tries at once, with Redis and without
	$(SETUP) run -m benchmarks.limits $(ARGS)

screenshots: ## Pictures of the pages, taken in a real browser
	$(SETUP) run -m tests.browser.screenshots

lock: ## Renew the pins after a change in a requirements*.in or package.json (UPGRADE=1 takes the newest of all)
	$(SETUP) lock $(if $(UPGRADE),--upgrade)

clean: ## Remove what the targets made: .venv, node_modules, var (the demo's data too) and caches
	rm -rf .venv node_modules var .pytest_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
