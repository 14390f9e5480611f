# Short names for `p2p.py`, which does the work (Windows: `py p2p.py …`).
PYTHON ?= python3
# The settings below reach the shell through the environment and in quotes, so that no text
# of a message is ever read as a command.
export N PORTS DASHBOARD_PORT FROM TO TEXT NODE FILE SCENARIO
LAB = $(PYTHON) p2p.py

.DEFAULT_GOAL := help
.PHONY: help up down status logs send outbox broadcast traffic chaos nemesis replay run verify sim dev check test bench bench-dashboard bench-messages bench-page bench-overlay nightly screenshots lock clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | \
	  awk -F'|' '{printf "%-21s %s\n", $$1, $$2}'

up: ## start 50 nodes and wait until they are one network (N=100, PORTS=61, DASHBOARD_PORT=8081)
	@$(LAB) up $${N:+--nodes "$$N"} $${PORTS:+--ports "$$PORTS"} \
	  $${DASHBOARD_PORT:+--dashboard-port "$$DASHBOARD_PORT"} $(ARGS)

down: ## stop it and remove what was started
	@$(LAB) down $(ARGS)

status: ## what state it is in
	@$(LAB) status $(ARGS)

logs: ## what was printed (NODE=node7, ARGS=-f)
	@$(LAB) logs $${NODE:+"$$NODE"} $(ARGS)

send: ## send a message (FROM=node7 TO=node23 TEXT="Hello!")
	@$(LAB) send "$${FROM:?say FROM=node7}" "$${TO:?say TO=node23}" "$${TEXT:-Hello!}" $(ARGS)

outbox: ## what a node has sent, what waits, what failed (NODE=node7, ARGS=--failed)
	@$(LAB) outbox "$${NODE:?say NODE=node7}" $(ARGS)

broadcast: ## send a message to everybody (FROM=node7 TEXT="Hello, all!")
	@$(LAB) broadcast "$${FROM:?say FROM=node7}" "$${TEXT:-Hello, all!}" $(ARGS)

traffic: ## let nodes send each other messages at random (ARGS="--rate 20 --for 60", ARGS=--stop)
	@$(LAB) traffic $(ARGS)

chaos: ## break nodes on purpose (ARGS="freeze node7 --seconds 20", ARGS=heal)
	@$(LAB) chaos $(ARGS)

nemesis: ## random faults for a while, all of which heal (ARGS="--seed 7 --seconds 300", ARGS=--dry-run)
	@$(LAB) nemesis $(ARGS)

run: ## play a scenario and judge it (SCENARIO=split-brain ARGS="--sim --nodes 1000")
	@$(LAB) run "$$SCENARIO" $(ARGS)

verify: ## messages and faults; then check that none was lost or doubled (ARGS="--docker")
	@$(LAB) verify $(ARGS)

replay: ## show a recorded run (FILE=lesson.p2prun)
	@$(LAB) replay "$${FILE:?say FILE=NAME.p2prun}" $(ARGS)

sim: ## the same protocol in a simulator (ARGS="--nodes 100 --kill 50% --seed 7")
	@$(LAB) sim $(ARGS)

dev: ## a small local network for working on the page
	@$(LAB) dev $(ARGS)

check: ## format, types and quick tests: under a minute
	@$(LAB) check $(ARGS)

test: ## all tests, in an environment of their own (ARGS="unit api")
	@$(LAB) test $(ARGS)

bench: ## measure, beside the assignment's own node (ARGS=serving)
	@$(LAB) bench $(ARGS)

bench-dashboard: ## the dashboard under load: 5 minutes (ARGS=--quick: one)
	@$(LAB) bench dashboard $(ARGS)

bench-messages: ## messages between two nodes, between fifty, and for one that is down: 3 minutes
	@$(LAB) bench messages $(ARGS)

bench-page: ## every bar of the page, in a real browser: 20 minutes (ARGS=--quick: 8 minutes)
	@$(LAB) bench page $(ARGS)

bench-overlay: ## every bar of the protocol, in the simulator: half an hour (ARGS=--quick: 4 minutes)
	@$(LAB) bench overlay $(ARGS)

nightly: ## ten thousand seeds of faults, as long as that takes; goes on where it was stopped
	@$(LAB) nightly $(ARGS)

screenshots: ## the pictures of docs/screenshots, from a network that runs (ARGS="--only path")
	@$(LAB) screenshots $(ARGS)

lock: ## pin the dependencies anew
	@$(LAB) lock $(ARGS)

clean: ## remove what was made and can be made again
	@$(LAB) clean $(ARGS)
