# The only list of commands. `make` alone prints it. Where there is no make: python3 dev.py run | test.
PORT ?= 8000
SANDBOX_PORT ?= 8900
# -S: the standard library is all that it needs, and where much is installed beside it the look at that takes longer.
DEV = python3 -S dev.py

.DEFAULT_GOAL := help
.PHONY: help run scaled sandbox test fast check fmt lint types layers budgets migrations-check test-scaled faults props heard-in contract messages screenshots bench soak locks

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

run: ## Set up everything, start console and sandbox, print URL and demo logins (PORT=, SANDBOX_PORT=)
	@exec $(DEV) run --port $(PORT) --sandbox-port $(SANDBOX_PORT)

scaled: ## A fleet on this machine: PostgreSQL, Redis, two consoles, two relays, worker, sandbox, demo (PORT=, SANDBOX_PORT=)
	@exec $(DEV) python -m tests.scaled --port $(PORT) --sandbox-port $(SANDBOX_PORT)

sandbox: ## Start the local vendors alone and print their credentials (SANDBOX_PORT=)
	@exec $(DEV) sandbox --port $(SANDBOX_PORT)

test: ## Set up everything and run all tests
	@$(DEV) test

test-scaled: ## All tests on PostgreSQL and Redis, which are started for it (TESTS=)
	@$(DEV) python -m tests.scaled.everything $(TESTS)

faults: ## Everything fails in 24 rooms of a fleet: kills, stops, sockets, servers, vendors; half an hour (SEED=, ROOMS=)
	@$(DEV) python -m tests.faults $(if $(SEED),--seed $(SEED)) $(if $(ROOMS),--rooms $(ROOMS))

fast: ## Tests without sockets or browser, for while you type
	@$(DEV) test tests/unit tests/apps -q

check: lint types layers budgets migrations-check ## Everything that reads the code without running it

lint: ## ruff (lint and format) and djlint
	@$(DEV) tool ruff check -q . && $(DEV) tool ruff format -q --check .
	@$(DEV) tool djlint templates --lint --quiet

fmt: ## Format the code
	@$(DEV) tool ruff check -q --fix . ; $(DEV) tool ruff format -q .

types: ## mypy, strict
	@$(DEV) tool mypy dashboard

layers: ## import-linter: who may import whom
	@$(DEV) python .venv/bin/lint-imports --no-cache

budgets: ## Sizes of functions and modules, share of comments
	@$(DEV) python tests/architecture/budgets.py

migrations-check: ## No model change without its migration
	@$(DEV) manage makemigrations --check --dry-run -v 0

props: ## Ten thousand random courses of takeovers, judged by the sandbox's record (N=, FROM=, SEED= one, told whole)
	@$(DEV) python -m tests.props $(if $(SEED),$(SEED),--n $(or $(N),10000) --from $(or $(FROM),1))

heard-in: ## How right "heard in" is, over 50 seeds at the speed of life in virtual time (N=, FROM=)
	@$(DEV) python -m tests.props --heard-in $(or $(N),50) --from $(or $(FROM),1)

contract: ## Rebuild the vendors' contract data from their documents (SEEDS=folder)
	@$(DEV) python -m dashboard.vendors.contract.extract $(SEEDS)

messages: ## Collect the texts of templates and code, compile their Chinese, and tell what has none yet
	@$(DEV) python tests/architecture/messages.py

screenshots: ## Every screen, dark and light, wide and narrow, both languages, into docs/screenshots
	@$(DEV) python bench/screenshots.py

bench: ## Measure what carries a goal, each beside its baseline (ONLY=fan_out, ingest, pages, start … for one of them)
	@$(DEV) python $(if $(ONLY),bench/$(ONLY).py,bench/run.py)

soak: ## 24 live rooms, 50 events a second, 8 browsers for half an hour: who grows, errs or miscounts (MINUTES=)
	@$(DEV) python bench/soak.py $(if $(MINUTES),--minutes $(MINUTES))

locks: ## Rewrite the hashed requirement locks (needs uv)
	@uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make locks" requirements.in -o requirements.txt
	@uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make locks" requirements-dev.in -o requirements-dev.txt
