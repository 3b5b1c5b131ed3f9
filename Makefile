# make demo: set-up and the main job · make test: the one test command · make bench: figures
LAB ?= pme-voip
TRILAB = .venv/bin/trilab
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint types bench bench-engines prove prove-sample check translations reference clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## system packages and Python environment (once)
	@scripts/setup.sh

demo: setup ## a whole lab: up, solution played, graded, report, down
	@$(TRILAB) demo $(LAB)

test: setup ## unit and live tests
	@.venv/bin/python -m pytest -n 2 --dist loadgroup $(PYTEST)

lint: setup ## ruff and the direction of imports
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports

types: setup ## mypy, strict
	@.venv/bin/mypy

bench: setup ## speed and memory, as ratios against peers measured in the same run
	@.venv/bin/python -m bench $(BENCH)

bench-engines: setup ## the engines beside bare Docker and Mininet, at 1, 4 and 12 labs: writes docs/benchmarks.md (root)
	@scripts/bench-engines.sh

prove: setup ## attack the graders of every lab: good answers, cheats, mutants (PROVE="--resume": options)
	@for lab in $(notdir $(patsubst %/lab.yml,%,$(wildcard labs/*/lab.yml))); do $(TRILAB) prove $$lab $(PROVE) || exit 1; done

prove-sample: ## the same with a few mutants, drawn anew for each commit
	@$(MAKE) --no-print-directory prove PROVE="--sample 12 --seed $$(git rev-list --count HEAD)"

reference: setup ## write docs/nos.md again, after a change of the devices' commands
	@.venv/bin/python -m trilab.nos.reference > docs/nos.md
	@.venv/bin/python -m tests.nos.templates > docs/nos-ntc-templates.md

check: lint types test ## what CI runs

translations: setup ## compile the French words of the command-line library
	@.venv/bin/pybabel compile -d src/trilab/cli/locale -D messages -l fr

clean: ## remove the Python environment (labs are removed by: trilab down --all)
	@rm -rf .venv
