# Everything one does with this checkout. `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup browser demo cases run stop test check contracts docs bench soak who-hears doctor lock clean

PYTHON_HERE := .venv/bin/python

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## make .venv/ and install RabbitMQ where it is missing; nothing when all is there
	@deploy/bootstrap.sh

demo: setup  ## see cases find a home, from application to closing
	@$(PYTHON_HERE) -m deploy.demo

cases: setup  ## play every published case, and count those that end as published
	@$(PYTHON_HERE) -m deploy.demo --cases

run: setup  ## start the whole network on this machine
	@$(PYTHON_HERE) -m deploy.local up

stop: setup  ## stop it; its data stay in .local/
	@$(PYTHON_HERE) -m deploy.local down

test: setup browser  ## run the tests, with a real broker and a real database
	@$(PYTHON_HERE) -m pytest -m "not alone and not long" -n 2 --dist loadfile --no-loadscope-reorder
	@$(PYTHON_HERE) -m pytest -m alone -n 2

test-all: test  ## the same, and what takes minutes more: every wrong that a trial can name
	@$(PYTHON_HERE) -m pytest -m long -n 2 --dist loadfile

browser:
	@deploy/bootstrap.sh browser

check: setup  ## style, types, who may import whom, dependencies, contracts
	@deploy/check.sh

contracts: setup  ## write contracts/schemas anew: JSON Schema, AsyncAPI, the protocol
	@$(PYTHON_HERE) contracts/publish.py

docs: setup  ## write the contracts as a site into build/docs (needs Node.js)
	@$(PYTHON_HERE) contracts/site/build.py

bench: setup  ## measure messages per second on this machine
	@$(PYTHON_HERE) -m tests.bench

soak: setup  ## cases for long, while all is killed and paused; a log of a million commits
	@$(PYTHON_HERE) -m tests.soak

who-hears: setup  ## who says and hears a message: make who-hears MESSAGE=referral.declined
	@$(if $(MESSAGE),,$(error name the message: make who-hears MESSAGE=referral.declined))
	@.venv/bin/xianjie who-hears $(MESSAGE)

doctor: setup  ## what is there, what is missing, what to do
	@.venv/bin/xianjie doctor

lock: setup  ## write requirements.lock anew (needs uv)
	@deploy/lock.sh

clean: setup  ## stop what runs and remove all it wrote; .venv/ stays
	@$(PYTHON_HERE) -m deploy.local broker-and-database down
	@rm -rf .local .mypy_cache .ruff_cache .import_linter_cache build dist
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
