# Everything that is missing is fetched, in pinned versions, and kept outside the checkout: see dev/.
# ARGS are passed on: make test ARGS="-k name".

.DEFAULT_GOAL := help
.PHONY: help run test bench chaos screenshots lint stop clean distclean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo 'dev/odoo          the command line of Odoo with this addon, e.g. dev/odoo shell -d DATABASE'
	@echo 'dev/python        Python in the same environment'

run: ## start a demo server on localhost
	@dev/run $(ARGS)

test: ## run the whole test suite, or a part: ARGS="-k name" or ARGS=tests/test_x.py
	@dev/test $(ARGS)

bench: ## measure the engine: ARGS=--full for large sizes, or ARGS="enrolment emails"
	@dev/bench $(ARGS)

chaos: ## kill servers and connections while campaigns run: ARGS="--kills 100"
	@dev/chaos $(ARGS)

screenshots: ## take the pictures of static/description/screenshots in the demo database
	@dev/screenshots $(ARGS)

lint: ## check style and common errors, or one kind: ARGS=python
	@dev/lint $(ARGS)

stop: ## stop the PostgreSQL server that the set-up has started
	@dev/stop

clean: ## remove the databases and the server data of this checkout
	@dev/clean

distclean: ## as clean, for all checkouts, with everything that was fetched
	@dev/clean --all
