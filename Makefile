# VoiceHive. `make` alone shows what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unversioned)
FUZZTIME ?= 10s
BENCH ?= ^Test(CostOfDurability|Parts|Availability|Reads|CodecShare)$$

# Tools of the house, pinned apart from the product's own dependencies.
TOOL := go tool -modfile=tools/go.mod

# The Temporal server that tests start.
export VOICEHIVE_DEVSTACK ?= $(CURDIR)/bin/devstack

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: ## Install what this machine lacks, and say what and why
	@scripts/setup go postgres

.PHONY: build
build: voicehive devstack ## Build bin/voicehive and bin/devstack

.PHONY: voicehive
voicehive:
	@echo "==> bin/voicehive $(VERSION)"
	@CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/voicehive ./cmd/voicehive

# Built as tests build it, so that one cache serves both.
.PHONY: devstack
devstack:
	@echo "==> bin/devstack (Temporal server; the first build takes some minutes)"
	@go build -C devstack -o ../bin/devstack .

.PHONY: demo
demo: setup build ## Play the main job on this machine, end to end
	@bin/voicehive demo

.PHONY: dev
dev: setup build ## Run everything on this machine, to try the API
	@bin/voicehive dev

.PHONY: test
test: setup devstack ## All tests: unit, Temporal, Postgres
	@echo "==> tests"
	@# Tests wait for servers more than they compute, so more run at once than there are cores.
	go test -parallel 8 ./...
	go test -C devstack ./...

# The tag full marks what takes too long for every change: fault runs, browser.
.PHONY: test-full
test-full: setup devstack lint check-generated ## Lint, tests under the race detector, fault runs, fuzzing
	@scripts/setup compiler browser axe
	@echo "==> tests under the race detector"
	CGO_ENABLED=1 go test -race -parallel 8 -timeout 30m ./...
	@# Of devstack only what runs code of ours at once; the rest is Temporal's, and
	@# building that with the race detector takes longer than all else together.
	CGO_ENABLED=1 go test -C devstack -race ./oidc
	@echo "==> credentials and Vault's client on a real Vault (its first build takes some minutes)"
	go vet -C vaulttest ./...
	go test -C vaulttest ./...
	@echo "==> folders and buckets on a real S3 server"
	go vet -C objectstest ./...
	go test -C objectstest ./...
	@echo "==> packs of evidence by NIST's own schema of OSCAL"
	go vet -C oscaltest ./...
	go test -C oscaltest ./...
	@echo "==> how much of the connectors the tests reach"
	@$(MAKE) --no-print-directory cover
	@echo "==> fault runs: the whole stack, killed and cut off (some minutes)"
	go test -tags full -count 1 -timeout 30m -v ./cmd/voicehive
	go test -tags full -count 1 -timeout 30m -run TenThousand -v ./workflows/erasure
	@$(MAKE) --no-print-directory fuzz

# The tag bench marks measurements of the whole; they print and assert no time.
.PHONY: bench
bench: setup build ## Measure beside an anchor, on a quiet machine; BENCH=regexp chooses
	VOICEHIVE_BINARY=$(CURDIR)/bin/voicehive go test -tags bench -count 1 -timeout 60m -v -run '$(BENCH)' ./cmd/voicehive

.PHONY: bench-privacy
bench-privacy: setup ## Measure keys, audit log and erasure beside an anchor, on a quiet machine
	go test -tags bench -count 1 -timeout 60m -v -run 'TestBench|Sequencing|Outbox$$|Million' ./compliance/keys ./compliance/audit ./compliance/subjects ./compliance/erasure ./compliance/retention ./workflows/erasure
	go test -run '^$$' -bench 'Seal|Open|Bare|Proof' -count 5 ./compliance/keys ./compliance/audit

.PHONY: evaluate
evaluate: ## Score the detection of personal data on the frozen set, and show the table
	go test -count 1 -v -run TestEvaluation ./compliance/pii

.PHONY: bench-micro
bench-micro: ## Benchmarks of single functions, five times each
	go test -run '^$$' -bench . -benchmem -count 5 ./...

# Statements that no test reaches hide mistakes where a room can be lost or
# booked twice, so the connectors floor has a bound. Generated code is left out.
.PHONY: cover
cover: devstack ## Measure how much of the connectors the tests reach; at least 95 % of statements
	@packages=$$(go list ./connectors/... | grep -vE 'db$$|/contracttest$$|test$$' | paste -sd,); \
	go test -parallel 8 -coverpkg=$$packages -coverprofile=bin/connectors.cover ./connectors/... > bin/connectors.log || { cat bin/connectors.log; exit 1; }; \
	go tool cover -func=bin/connectors.cover | awk '/^total:/ { print "connectors: " $$3 " of statements"; sub("%", "", $$3); exit $$3 < 95 }'

.PHONY: mutants
mutants: setup devstack ## Make mistakes in the connectors on purpose and see that the tests notice
	go test -tags mutants -count 1 -timeout 60m -parallel 2 -v -run TestMutants ./lint/mutants

.PHONY: fuzz
fuzz: ## Fuzz every parser for FUZZTIME each
	@scripts/fuzz $(FUZZTIME)

.PHONY: lint
lint: ## gofmt, go vet, staticcheck, workflowcheck, house rules
	@echo "==> gofmt"
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run gofmt -w on:"; echo "$$unformatted"; exit 1; }
	@echo "==> go vet"
	@go vet -tags full ./...
	@go vet -tags bench ./cmd/voicehive ./compliance/... ./workflows/erasure
	@go vet -C devstack ./...
	@echo "==> staticcheck (the first run takes a minute or two)"
	@$(TOOL) staticcheck -tags full ./...
	@$(TOOL) staticcheck -tags bench ./cmd/voicehive ./compliance/... ./workflows/erasure
	@echo "==> workflowcheck: workflows must be deterministic"
	@$(TOOL) workflowcheck ./workflows/...
	@echo "==> house rules"
	@go test ./lint

.PHONY: generate
generate: ## Write the generated code anew
	$(TOOL) sqlc generate

.PHONY: check-generated
check-generated: ## Check that generated code is current
	@echo "==> sqlc diff (the first run builds sqlc, which takes some minutes)"
	@$(TOOL) sqlc diff || { echo "run make generate and commit what it writes"; exit 1; }

.PHONY: clean
clean: ## Remove what was built; local state in .voicehive stays
	rm -rf bin dist
