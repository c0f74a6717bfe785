# `make` lists what can be done.
.DEFAULT_GOAL := help
.PHONY: help demo test test-faults bench evaluate check client contracts release-contracts test-contracts test-peers test-compose test-debezium test-upgrade kubernetes check-kubernetes up watch token code sdi run restart psql analyst answers clean
SHELL := /bin/bash
# some hundred processes start in a run of the tests, and five at each `make demo`: each would compile all its modules
# anew where the environment says that none may be kept beside its source
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX ?= $(CURDIR)/.local/bytecode
ARGS ?=
# workers share a run, each with servers of its own: much of the time is waiting for them (two: 467 s, three: 413 s)
SHARED ?= -n 3 --dist loadfile --no-loadscope-reorder

# before a command for a demonstration that was never started here
SET_UP = { test -x .venv/bin/python || { echo "nothing is set up here yet: \`make demo\` does it, and starts the demonstration" >&2; exit 2; }; }

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: ## Run the whole platform on this machine and play an edition through it (ARGS="--events 4763 --exit")
	@began=$$(date +%s.%N); deploy/setup demo && SDI_BEGAN_AT=$$began exec .venv/bin/local-stack demo $(ARGS)

test: ## Set up, check the style and the types, and run all tests (ARGS="-k journey")
	@deploy/setup test && $(MAKE) --no-print-directory check && exec .venv/bin/pytest $(SHARED) $(ARGS)

test-faults: ## Break things one by one and see that nothing is lost (SEED=2 ARGS="-k relay")
	@deploy/setup test && SEED=$(or $(SEED),1) exec .venv/bin/python -m pytest faults -o session_timeout=7200 -o faulthandler_timeout=2400 $(ARGS)

test-compose: ## Run docker-compose.yml on a real engine, scale each service under load, see that nothing is lost (IMAGES=built)
	@deploy/setup test && exec .venv/bin/python -m pytest faults/check_containers.py -o session_timeout=7200 $(ARGS)

test-upgrade: ## Put this version beside an earlier one, under load, and go back (OLD=<commit>, or the last tag)
	@deploy/setup test && OLD=$(or $(OLD),$$(git describe --tags --abbrev=0 2>/dev/null || echo 9d8a09e)) SEED=$(or $(SEED),1) \
		exec .venv/bin/python -m pytest faults/check_upgrade.py -o session_timeout=7200 -o faulthandler_timeout=7200 $(ARGS)

bench: ## Measure ours beside bare peers, in one run (ARGS="messages --events 3000 --runs 3")
	@deploy/setup test && exec .venv/bin/python -m bench $(or $(ARGS),messages)

evaluate: ## Say how right the rules of the label, and of duplicates, are (ARGS="--show" shows what is kept apart from their authors)
	@deploy/setup test && .venv/bin/python services/labelling/evaluation/evaluate.py $(ARGS) && \
		exec .venv/bin/python services/registration/evaluation/evaluate.py $(ARGS)

check: ## Check the style and the types
	@.venv/bin/ruff format --check --quiet . && .venv/bin/ruff check --quiet . && .venv/bin/mypy --no-error-summary shared/src services/*/src clients/*/src clients/*/tools deploy/*/src bench

client: ## Write the Python client of registration's API anew, from what the service says of it
	@.venv/bin/python clients/registration/tools/write_client.py

contracts: ## Write the schemas and the catalogue of the facts anew, from their classes
	@.venv/bin/python tests/contract_files.py

test-contracts: ## Try the data contracts of docs/contracts on a real Kafka and on an export of it, by datacontract-cli
	@deploy/setup test && UV_PROJECT_ENVIRONMENT=$(CURDIR)/.local/datacontract UV_PYTHON_DOWNLOADS=never \
		PATH="$$PATH:.local/tools/bin" uv sync --quiet --frozen --project tests/datacontract && \
		exec .venv/bin/pytest tests/datacontract/check_data_contracts.py $(ARGS)

test-peers: ## Ask addok, the program behind the national address service, as geocoding asks that (docs/geocoding.md)
	@deploy/setup peers && UV_PROJECT_ENVIRONMENT=$(CURDIR)/.local/addok UV_PYTHON_DOWNLOADS=never \
		PATH="$$PATH:.local/tools/bin" uv sync --quiet --frozen --project services/geocoding/tests/addok && \
		exec .venv/bin/python -m pytest services/geocoding/tests/addok/check_addok.py $(ARGS)

test-debezium: ## Try Debezium in the relay's place: the same facts, and what breaks (docs/debezium.md)
	@deploy/setup test && .venv/bin/python -m local_stack.jars debezium >/dev/null && \
		exec .venv/bin/python -m pytest deploy/debezium/check/check_debezium.py -x $(ARGS)

release-contracts: ## Keep what the facts promise today as a release, which no later one may break (RELEASE=0.2.0)
	@.venv/bin/python tests/contract_files.py --release "$(RELEASE)"

kubernetes: ## Write the Kubernetes manifests anew, from the tables of topics, rights and settings
	@.venv/bin/python -m manifests

check-kubernetes: ## Hold the overlays against the schemas of Kubernetes and of the operators (needs Go)
	@deploy/setup test && exec deploy/kubernetes/check

up: ## Run the platform alone, its logs on the screen, until Ctrl-C
	@deploy/setup demo && exec .venv/bin/local-stack up $(ARGS)

watch: ## Run Prometheus beside the running demonstration, and tell which alerts fire, until Ctrl-C
	@deploy/setup watch && exec .venv/bin/local-stack watch $(ARGS)

token: ## Print an access token of a reviewer, for the review API of the running demonstration
	@$(SET_UP) && exec .venv/bin/local-stack token

code: ## Print the code of that reviewer's second factor, to sign in on the pages of the running demonstration
	@$(SET_UP) && exec .venv/bin/local-stack code

sdi: ## Run the operator's command on the running demonstration (ARGS="lag")
	@$(SET_UP) && exec .venv/bin/python -m local_stack.errands sdi $(ARGS)

run: ## Run a service's own command on the running demonstration (ARGS="commskit jobs")
	@$(SET_UP) && exec .venv/bin/python -m local_stack.errands run $(ARGS)

restart: ## End a service, kafka or postgres of the running demonstration, which starts it again (ARGS="commskit")
	@$(SET_UP) && exec .venv/bin/python -m local_stack.errands restart $(ARGS)

psql: ## Enter the database of a service of the running demonstration (ARGS="commskit -f deploy/local/sessions.sql")
	@$(SET_UP) && exec .venv/bin/python -m local_stack.errands psql $(ARGS)

answers: ## Ask the ten questions of docs/analysts.md of an export (ARGS="mine/facts --out mine/answers"), or of an invented season
	@deploy/setup answers && if [ -n "$(ARGS)" ]; then exec .venv/bin/python docs/analysts/answers.py $(ARGS); fi && \
	.venv/bin/python -m local_stack.season_files .local/season && \
	.venv/bin/python docs/analysts/answers.py .local/season --out docs/analysts --no-tables --note \
	"An invented season: 4,763 events of the demonstration. Nothing here is a finding about the real campaign."

analyst: ## Print the settings with which an analyst's own program reads the topics (docs/analysts.md)
	@$(SET_UP) && exec .venv/bin/python -m local_stack.errands analyst

clean: ## Forget the data of the demonstration
	@rm -rf .local/stack
