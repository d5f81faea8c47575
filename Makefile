# Everything happens in .venv/ and in the data folder ESCOLLECT_HOME (default var/).
SHELL := /bin/bash
PYTHON := .venv/bin/python

.PHONY: help demo test test-fast chaos lint types screenshots

help: ## Say what can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 14

demo: ## Set everything up and serve it with demo data on http://127.0.0.1:8000 (PORT, ESCOLLECT_HOME)
	@bin/setup run
	@$(PYTHON) manage.py demo_setup
	@exec $(PYTHON) manage.py serve

test: ## Run every check and every test
	@bin/setup dev
	@bin/test

test-fast: ## Run every check and every test but those in a browser and of the fault suite
	@bin/setup dev
	@bin/test fast

chaos: ## Break everything while a crowd talks (CHAOS_SEEDS, CHAOS_ROOMS, CHAOS_SCENARIOS)
	@bin/setup dev
	@bin/chaos

lint: ## Check style, import rules and templates
	@bin/setup dev
	@bin/lint

types: ## Check types
	@bin/setup dev
	@.venv/bin/mypy

screenshots: ## Take a picture of every page into var/screenshots/
	@bin/setup dev
	@bin/system-packages
	@$(PYTHON) bin/make_screenshots.py
