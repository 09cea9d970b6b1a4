# Every target that people type has a line in `make help`. Paths are relative, so that the checkout may stand anywhere, also below a folder with a space.
UV     := "$(CURDIR)/.local/tools/bin/uv"
PYTHON ?= python3.11
ifeq ($(shell command -v $(PYTHON)),)
PYTHON := python3
endif
# The race detector needs a C compiler; without one the tests run all the same and say so.
RACE   := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)
BOOTSTRAP := CGO_ENABLED=0 go build -tags lambda.norpc -trimpath -ldflags='-s -w -buildid='
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# The machine knows which certificates it trusts, also behind a proxy that has its own.
export UV_SYSTEM_CERTS := true

.DEFAULT_GOAL := help
.PHONY: help demo up down reprocess test test-go test-dbt test-dags lint bench build install clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## play three days of postbacks through every component and hold the marts against the truth
	@started=$$(date +%s); $(MAKE) --no-print-directory install build && \
	.local/bin/backstop-local demo --install-seconds $$(( $$(date +%s) - started )) $(DEMO)

up: install build ## open the demo's state, or a new one, and leave the stack running
	@.local/bin/backstop-local up $(UP)

down: ## stop what `make up` started
	@if [ -x .local/bin/backstop-local ]; then .local/bin/backstop-local down; else echo "nothing is up"; fi

reprocess: install ## redo a day without Airflow, on the stack that is up: make reprocess DAY=2026-11-20
	@dags/.venv/bin/python dags/reprocess.py --stack .local/stack.json --day "$(DAY)"

test: install build lint test-go test-dbt test-dags ## everything that must hold

test-go: install build
	@[ -n "$(RACE)" ] || echo "no C compiler: the Go tests run without the race detector"
	go test $(RACE) -timeout 30m ./...
	go test -C tools ./...

test-dbt: install build
	cd dbt && .venv/bin/pytest -q -n 2 --dist loadfile

test-dags: install build
	cd dags && .venv/bin/pytest -q

lint: install ## vet, staticcheck, gofmt and ruff: they fail, they never fix
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "not gofmt-ed: $$unformatted"; exit 1; }
	go vet ./...
	go vet -C tools ./... && go tool -C tools staticcheck ./...
	go tool -modfile=tools/go.mod staticcheck ./...
	cd dbt && .venv/bin/ruff check . && .venv/bin/ruff format --check .
	cd dags && .venv/bin/ruff check . && .venv/bin/ruff format --check .

# What is measured goes to one file in Go's benchmark format, and from there into the page. More measures append to the same file.
MEASURED := .local/bench.txt
bench: install build ## measure loads, memory, plans, the ledger and a run's SQL (two hours), and write docs/benchmarks.md
	@printf 'date: %s\ncommit: %s\nmemory: %s MB\n' "$$(date -u +%F)" "$$(git describe --always --dirty)" \
		"$$(( $$(getconf _PHYS_PAGES) / 1024 * $$(getconf PAGE_SIZE) / 1024 ))" > $(MEASURED)
	go test ./loader/redshift ./cmd/backstop-local -p 1 -run '^$$' -bench . -benchtime 1x -count 3 -timeout 60m | tee -a $(MEASURED)
	cd dbt && .venv/bin/python bench/sql_time.py | tee -a ../$(MEASURED)
	@go run -C tools ./benchpage benchpage/benchmarks.md.tmpl < $(MEASURED) > .local/benchmarks.md && mv .local/benchmarks.md docs/benchmarks.md

build: ## the command lines and the two Lambda bootstraps, for this machine
	@go build -o .local/bin/ ./cmd/backstop ./cmd/backstop-local
	@$(BOOTSTRAP) -o .local/lambda/receive/bootstrap ./cmd/receive
	@$(BOOTSTRAP) -o .local/lambda/forward/bootstrap ./cmd/forward

install: local/postgres/.venv/.installed dbt/.venv/.installed dags/.venv/.installed ## the Python environments, each from its own lock

.local/tools/bin/uv: tools/uv.requirements.lock
	@echo "installing uv" >&2
	@$(PYTHON) -m venv .local/tools && .local/tools/bin/python -m pip install --quiet --require-hashes -r tools/uv.requirements.lock && touch $@

%/.venv/.installed: %/requirements.lock .local/tools/bin/uv
	@echo "installing $*" >&2
	@cd $* && $(UV) venv --quiet --clear --python 3.11 .venv && $(UV) pip sync --quiet --python .venv --require-hashes --compile-bytecode requirements.lock && touch .venv/.installed

clean: down ## remove everything that was built, installed or kept
	rm -rf .local dbt/.venv dbt/target dbt/logs dags/.venv local/postgres/.venv
