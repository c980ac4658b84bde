# Everything is built with the Opus binding's file reader left out: Parley
# reads no Opus files by it, and would need a library more.
export GOFLAGS := -buildvcs=false -tags=nolibopusfile
SHELL := bash
BIN := bin

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Packages with goroutines of ours, which the race detector watches. The tests
# of server run without it: they hold both engines in their own process.
RACE := ./app/... ./assets/... ./devices/... ./session/... ./views/...

.PHONY: build setup run test lint unit e2e bench bench-chat bench-list screenshots package clean

build: $(BIN)
	go build -o $(BIN)/parley .

$(BIN):
	mkdir -p $(BIN)

setup:
	./setup.sh

run: setup build
	./run.sh $(BIN)/parley

test: setup lint unit e2e

lint: $(BIN)
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	GOFLAGS= GOBIN=$(CURDIR)/$(BIN) go install $(STATICCHECK)
	GOFLAGS= GOBIN=$(CURDIR)/$(BIN) go install $(GOLANGCI)
	$(BIN)/staticcheck ./...
	$(BIN)/golangci-lint run

unit:
	go test -race $(RACE)
	go test . ./server/...

e2e:
	go test -count=1 -timeout 20m ./e2e/...

bench: bench-chat bench-list

bench-chat: build
	go run ./e2e/bench/chat -parley $(BIN)/parley

bench-list:
	go build -o $(BIN)/bench-list ./e2e/bench/list
	./display.sh 1200x4200 $(BIN)/bench-list
	go test -run '^$$' -bench 'Scroll|Rows' -benchtime 300x ./views/chat

screenshots: build
	./run.sh $(BIN)/parley

package: setup
	GOFLAGS= GOBIN=$(CURDIR)/$(BIN) go install fyne.io/tools/cmd/fyne@v1.7.4
	$(BIN)/fyne package --release --tags nolibopusfile

clean:
	rm -rf $(BIN)
