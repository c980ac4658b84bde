# Everything is built with the Opus binding's file reader left out: Parley
# reads no Opus files by it, and would need a library more. Voices are processed
# by the newest version of WebRTC's audio processing that the system has. Screens on
# Wayland take the headers of PipeWire; its library is loaded while the program runs.
APM := $(firstword $(foreach v,2:-2 1:-1 0:,$(shell pkg-config --exists webrtc-audio-processing$(word 2,$(subst :, ,$(v))) 2>/dev/null && echo apm$(firstword $(subst :, ,$(v))))))
comma := ,
PIPEWIRE := $(and $(wildcard /usr/include/pipewire-0.3/pipewire/pipewire.h),$(wildcard /usr/include/spa-0.2/spa/param/param.h),pipewire)
TAGS := nolibopusfile$(if $(APM),$(comma)$(APM))$(if $(PIPEWIRE),$(comma)$(PIPEWIRE))
export GOFLAGS := -buildvcs=false -tags=$(TAGS)
SHELL := bash
BIN := bin

GOLANGCI := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FYNE := fyne.io/tools/cmd/fyne@v1.7.4

# What packages are made for: this system.
SYSTEM := $(or $(if $(filter Linux,$(shell uname)),linux),$(if $(filter Darwin,$(shell uname)),macos),windows)

# Packages with goroutines of ours, which the race detector watches. The tests
# of server run without it: they hold both engines in their own process.
RACE := ./app/... ./assets/... ./devices/... ./session/... ./views/...

.PHONY: build setup run test check packaged lint unit e2e bench bench-server bench-chat bench-list bench-audio bench-video bench-app screenshots package package-setup package-try package-windows package-windows-try licences clean

build: $(BIN)
	go build -o $(BIN)/parley .

$(BIN):
	mkdir -p $(BIN)

setup:
	./setup.sh

# What is built depends on what the setup installed: it is looked for anew.
run: setup
	$(MAKE) build
	./run.sh $(BIN)/parley

test: setup
	$(MAKE) check

check: lint unit e2e

lint: $(BIN)
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -d $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	GOFLAGS= GOBIN=$(CURDIR)/$(BIN) go install $(STATICCHECK)
	GOFLAGS= GOBIN=$(CURDIR)/$(BIN) go install $(GOLANGCI)
	$(BIN)/staticcheck ./...
	$(BIN)/golangci-lint run

unit:
	go test -race $(filter-out parley/devices/voice,$(shell go list $(RACE)))
	go test -race -run 'Threads|Closed' ./devices/voice
	go test ./devices/voice
	go test -run ManyLogins ./session
	go test . ./server/... ./packaging/...

e2e:
	go test -count=1 -timeout 40m ./e2e/...

bench: bench-server bench-chat bench-list bench-audio bench-video bench-app

bench-server: build
	go run ./e2e/bench/server -parley $(BIN)/parley

bench-chat: build
	go run ./e2e/bench/chat -parley $(BIN)/parley

bench-audio: build
	npm ci --prefix e2e/chromium --no-audit --no-fund
	go run ./e2e/bench/audio -parley $(BIN)/parley

bench-video: build
	npm ci --prefix e2e/chromium --no-audit --no-fund
	go run ./e2e/bench/video -parley $(BIN)/parley

bench-app: build
	go run ./e2e/bench/app -parley $(BIN)/parley

bench-list:
	go build -o $(BIN)/bench-list ./e2e/bench/list
	./display.sh 1200x4200 $(BIN)/bench-list
	go test -run '^$$' -bench 'Scroll|Rows' -benchtime 300x ./views/chat

# The pictures of docs/tour.md.
screenshots:
	PARLEY_TOUR=$(CURDIR)/docs/tour go test -count=1 -timeout 10m -run TestTour ./e2e

package: package-setup
	$(MAKE) packaged

package-setup:
	./setup.sh build
	./setup.sh package

packaged: $(BIN)/fyne
	TAGS=$(TAGS) packaging/$(SYSTEM)/package.sh

# On Debian: cross-compiled. The first run builds the C libraries too.
package-windows: $(BIN)/fyne
	./setup.sh build
	./setup.sh package windows
	TAGS=$(TAGS) packaging/windows/package.sh

# Packages that were made are installed where nothing else is, and started.
package-try:
	./setup.sh package try
	TAGS=$(TAGS) packaging/linux/try.sh

package-windows-try:
	./setup.sh package windows try
	TAGS=$(TAGS) packaging/windows/wine/try.sh

$(BIN)/fyne: Makefile | $(BIN)
	GOFLAGS= GOBIN=$(CURDIR)/$(BIN) go install $(FYNE)

# The list of what others made, which a test holds against go.mod.
licences:
	go run ./packaging/licences

clean:
	rm -rf $(BIN) dist
