# Every target is a command that a person could type.

TOOL := go tool -modfile=tools/go.mod

.PHONY: help
help: ## Say what there is
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 18

.PHONY: generate
generate: ## Write all generated code
	$(TOOL) buf generate

.PHONY: test
test: ## Run the tests
	go test ./...

.PHONY: race
race: ## Run the tests under the race detector
	go test -race ./...

.PHONY: mutate
mutate: ## Put bugs into packages, one at a time, and see a test fail for each: takes many minutes
	go run ./internal/mutate

.PHONY: fuzz
fuzz: ## Play random operations on streams, and give the generator mutated requests, a minute each
	go test ./stub -run xxx -fuzz FuzzStream -fuzztime 1m
	go test ./stub -run xxx -fuzz FuzzConversation -fuzztime 1m
	go test ./generator -run xxx -fuzz FuzzDescriptors -fuzztime 1m -fuzzminimizetime 1x
	go test ./generator -run xxx -fuzz FuzzRequest -fuzztime 1m -fuzzminimizetime 1x

.PHONY: e2e
e2e: ## Run all of e2e/, against real proxies, peers and APIs, with a table at the end
	e2e/traefik/build >/dev/null # minutes the first time
	cd e2e && go test -json -count=1 -parallel 4 ./... | go run ./internal/table

.PHONY: golden
golden: ## Write the golden files of the generator
	go test ./generator ./generator/proxy -update

.PHONY: lint
lint: ## Run vet, gofmt, golangci-lint and buf's linter and formatter
	go vet ./...
	! git grep -nE '^(<{7}|>{7}) '
	test -z "$$(gofmt -l .)"
	$(TOOL) golangci-lint run ./...
	cd e2e && go vet ./... && go tool -modfile=../tools/go.mod golangci-lint run ./...
	cd e2e/injection/program && go vet ./... && go tool -modfile=../../../tools/go.mod golangci-lint run ./...
	cd cmd/gohostvet && go vet ./... && go tool -modfile=../../tools/go.mod golangci-lint run ./...
	$(TOOL) buf lint
	$(TOOL) buf format --diff --exit-code

.PHONY: gohostvet
gohostvet: ## Test our analyzer, and look for mistakes with streams by it
	./.ci/gohostvet

.PHONY: checkgenerate
checkgenerate: generate ## Fail if the generated code is not what is committed
	test -z "$$(git status --porcelain)" || { git status --porcelain; git diff; exit 1; }

.PHONY: checkprotoc
checkprotoc: ## Fail if protoc's output is not that of buf
	./.ci/protoc

.PHONY: checkimport
checkimport: ## Fail if options.proto cannot be imported as the docs say
	./.ci/import

.PHONY: firsthour
firsthour: ## Run the commands of README.md and docs/first-hour.md on a fresh clone
	go test ./internal/doctest -count=1 -run 'Transcripts|ReadmeWorks' -transcripts

.PHONY: reproducible
reproducible: ## Build the commands twice, and fail if the bytes differ
	./.ci/reproducible

.PHONY: bench
bench: ## Measure everything, and write docs/performance.md (twenty minutes; needs nginx)
	bench/run

.PHONY: ci
ci: ## Run what CI runs
	bash .ci/run
