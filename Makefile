# `make up` runs the system, `make test` checks it. README.md says what else there is.
PYTHON ?= python3
LAUNCH := .venv/bin/python -m clinic.launch

.DEFAULT_GOAL := help
.PHONY: help install install-dev up down reset logs shell doctor manage demo backup restore test lint bench

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

install:
	@$(PYTHON) clinic/launch/bootstrap.py requirements.txt

install-dev: install
	@$(PYTHON) clinic/launch/bootstrap.py requirements-dev.txt

up: install ## run everything; Ctrl-C stops it (LAN=1: HTTPS for other PCs, PORT=…, DEMO=0: stay empty)
	@$(LAUNCH) up $(if $(filter-out 0,$(LAN)),--lan) $(if $(filter 0,$(DEMO)),--no-demo)

down: install ## stop it from another terminal
	@$(LAUNCH) down

reset: install ## delete its data and start afresh next time (YES=1: do not ask)
	@$(LAUNCH) reset $(if $(YES),--yes)

logs: install ## follow the logs
	@$(LAUNCH) logs

shell: install ## a Python shell inside the running system
	@$(LAUNCH) manage shell

doctor: install ## what is configured, reachable, migrated, running
	@$(LAUNCH) manage doctor

manage: install ## any management command: make manage ARGS="…"
	@$(LAUNCH) manage $(ARGS)

demo: install ## fill an empty database with the demo hospital (ARGS="--size large")
	@$(LAUNCH) manage demo $(ARGS)

backup: install ## write the database to a file: make backup FILE=…
	@$(LAUNCH) backup $(if $(FILE),"$(FILE)",$(error FILE= is missing))

restore: install ## read it back: make restore FILE=… (YES=1: do not ask)
	@$(LAUNCH) restore $(if $(YES),--yes) $(if $(FILE),"$(FILE)",$(error FILE= is missing))

test: install-dev ## every check and test (ARGS for pytest, ONLY=step,step)
	@$(LAUNCH) test $(if $(ONLY),--only "$(ONLY)") -- $(ARGS)

lint: install-dev ## the checks without the tests
	@$(LAUNCH) lint $(if $(ONLY),--only "$(ONLY)")

bench: install-dev ## the benchmarks
	@$(LAUNCH) bench -- $(ARGS)
