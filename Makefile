# Every target is a command that a person could type.

TOOL := go tool -modfile=tools/go.mod
LINT := go tool -modfile=$(CURDIR)/tools/golangci-lint/go.mod golangci-lint run ./...

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

.PHONY: check
check: build test lint checkgenerate checkapi gohostvet ## Run the checks that a change must pass: needs only Go, git and make

.PHONY: build
build: ## Build everything, for this system
	go build ./...
	go build -C cmd/gohostvet ./...
	go build -C bench ./...
	go build -C e2e ./...
	go build -C examples/browser -o /dev/null ./... # else its program is written there
	go build -C examples/feed ./...
	go build -C gohostconnect ./...

.PHONY: systems
systems: ## Build and vet everything for Windows and macOS
	./.ci/systems

.PHONY: generate
generate: ## Write all generated code, and the listing of the API
	$(TOOL) buf generate
	$(TOOL) buf generate --template bench/buf.gen.yaml
	$(TOOL) buf generate --template bench/codec/buf.gen.yaml
	go run ./internal/apilist

.PHONY: api
api: ## Write api/, the listing of the exported API
	go run ./internal/apilist

.PHONY: checkapi
checkapi: ## Fail with a diff if api/ differs from the API of the code
	go run ./internal/apilist -check

.PHONY: test
test: ## Run the tests
	go test ./...
	go test -C bench ./codec
	go test -C examples/browser ./...
	go test -C examples/feed ./...
	go test -C gohostconnect ./...
	go test -C tools -count=1 ./... # they read files outside their module

.PHONY: race
race: ## Run the tests under the race detector
	go test -race ./...
	go test -C bench -race ./codec
	go test -C examples/browser -race ./...
	go test -C examples/feed -race ./...
	go test -C gohostconnect -race ./...

.PHONY: minimum
minimum: ## Run vet and the tests with the oldest supported Go, grpc and protobuf, those of go.mod
	./.ci/minimum

.PHONY: newest
newest: ## Run vet and the tests with the installed Go and the newest grpc and protobuf
	./.ci/newest

.PHONY: mutate
mutate: ## Put bugs into packages, one at a time, and check that a test fails for each (many minutes)
	go run ./internal/mutate

.PHONY: fuzz
fuzz: ## Play random operations on streams, and give parsers mutated input, a minute each
	go test -C bench ./codec -run xxx -fuzz FuzzCodecs -fuzztime 1m
	go test ./stub -run xxx -fuzz FuzzStream -fuzztime 1m
	go test ./stub -run xxx -fuzz FuzzConversation -fuzztime 1m
	go test ./generator -run xxx -fuzz FuzzDescriptors -fuzztime 1m -fuzzminimizetime 1x
	go test ./generator -run xxx -fuzz FuzzRequest -fuzztime 1m -fuzzminimizetime 1x
	go test ./internal/streamlimit -run xxx -fuzz FuzzSettings -fuzztime 1m -fuzzminimizetime 1x

.PHONY: e2e
e2e: ## Run all of e2e/, against real proxies, peers and APIs, with a table at the end
	e2e/traefik/build >/dev/null # minutes the first time
	# Tests that measure, or have a thousand clients, run alone.
	cd e2e && { \
		go test -json -count=1 -parallel 4 $$(go list ./... | grep -vE '/(gateway|scaling|survive)$$'); \
		go test -json -count=1 -p 1 -skip Chaos ./gateway ./scaling ./survive; \
		go test -json -count=1 -race -run Chaos ./scaling; \
	} | go run ./internal/table

.PHONY: e2e-slow
e2e-slow: ## Run the slow parts of e2e/, which first build a Kubernetes API server, Envoy Gateway, Istio and newer proxies (half an hour)
	e2e/traefik/build >/dev/null
	e2e/kubernetes/apiserver/build >/dev/null
	e2e/kubernetes/ingressnginx/build >/dev/null
	e2e/envoy/egctl/build >/dev/null
	e2e/istio/tools/build >/dev/null
	cd e2e && GOHOST_E2E_SLOW=1 go test -json -count=1 -parallel 4 ./envoy ./istio ./kubernetes ./proxies | go run ./internal/table

.PHONY: golden
golden: ## Write the golden files of the generator
	go test ./generator ./generator/proxy -update

.PHONY: lint
lint: ## Run vet, gofmt, golangci-lint, actionlint, and buf's linter and formatter
	go vet ./...
	! git grep -nE '^(<{7}|>{7}) '
	test -z "$$(gofmt -l .)"
	$(LINT)
	cd e2e && go vet ./... && $(LINT)
	cd e2e/injection/program && go vet ./... && $(LINT)
	cd e2e/conformance/program && ./generate && go vet ./... && $(LINT)
	cd bench && go vet ./... && $(LINT)
	cd tools && go vet ./... && $(LINT)
	cd cmd/gohostvet && go vet ./... && $(LINT)
	cd examples/browser && go vet ./... && $(LINT)
	cd examples/feed && go vet ./... && $(LINT)
	cd gohostconnect && go vet ./... && $(LINT)
	go tool -modfile=tools/actionlint/go.mod actionlint -shellcheck= -pyflakes=
	$(TOOL) buf lint
	$(TOOL) buf format --diff --exit-code

.PHONY: gohostvet
gohostvet: ## Test gohostvet, and run it on this repository
	./.ci/gohostvet

.PHONY: checkgenerate
checkgenerate: ## Fail if generating changes the generated code
	./.ci/generated

.PHONY: checkprotoc
checkprotoc: ## Fail if the output with protoc differs from that with buf
	./.ci/protoc

.PHONY: checkimport
checkimport: ## Fail if options.proto cannot be imported as in the docs
	cd e2e && go test -count=1 -run TestImporting ./compilers

.PHONY: migratepublic
migratepublic: ## Migrate public code with gohostmigrate: the examples of grpc-go, go-grpc-middleware, go-plugin and etcd
	go test -C cmd/gohostvet ./internal/migrate -count=1 -run 'ExamplesOfGRPC|CodeBases' -public -timeout 30m

.PHONY: firsthour
firsthour: ## Run the commands of README.md, docs/first-hour.md, docs/migrating-tool.md and docs/surviving.md on a fresh clone
	go test ./internal/doctest -count=1 -run 'Transcripts|Works' -transcripts

.PHONY: reproducible
reproducible: ## Build the commands twice, and fail if the bytes differ
	./.ci/reproducible

.PHONY: dryrun
dryrun: ## Do all of a release except publishing (see RELEASE.md)
	./.ci/release

.PHONY: bench
bench: ## Measure everything, and write docs/performance*.md (about an hour; needs nginx, HAProxy and Caddy)
	bench/run

.PHONY: ci
ci: ## Run everything that CI runs
	bash .ci/run
