package main

// goRoot stands for the folder of the Go distribution.
const goRoot = "GOROOT"

// work is what no module manager names: a library of the system that is linked, or
// what lies inside a module under a licence of its own.
type work struct {
	name, version string
	ids           []string
	systems       []string
	// files are from the top of the module, or of this repository if it is "".
	module string
	files  []string
	from   string // where in the file the licence begins
}

// foreign lists them. A library of the system has no version here: it is the one of
// the system that the package was made on.
func foreign() []work {
	const texts = "packaging/licences/texts/"
	fyne, emoji := "fyne.io/fyne/v2", "views/chat/emoji/"
	all, windows := systems(), []string{"windows"}
	return []work{
		{name: "Go's runtime and standard library", ids: []string{"BSD-3-Clause"}, systems: all, module: goRoot, files: []string{"LICENSE", "PATENTS"}},
		{name: "libvpx", version: "the system's", ids: []string{"BSD-3-Clause"}, systems: all, files: []string{texts + "libvpx.txt", texts + "libvpx-patents.txt"}},
		{name: "Opus", version: "the system's", ids: []string{"BSD-3-Clause"}, systems: all, files: []string{texts + "opus.txt"}},
		{name: "webrtc-audio-processing", version: "the system's", ids: []string{"BSD-3-Clause"}, systems: all, files: []string{texts + "webrtc-audio-processing.txt"}},
		{name: "PipeWire's headers", version: "the system's", ids: []string{"MIT"}, systems: []string{"linux"}, files: []string{texts + "pipewire.txt"}},
		{name: "GCC's runtime libraries", version: "the compiler's", ids: []string{"GPL-3.0-or-later WITH GCC-exception-3.1"}, systems: windows, files: []string{texts + "gcc-runtime.txt"}},
		{name: "mingw-w64's runtime and winpthreads", version: "the compiler's", ids: []string{"ZPL-2.1", "MIT", "BSD-3-Clause"}, systems: windows, files: []string{texts + "mingw-w64.txt"}},
		{name: "miniaudio", version: "inside malgo", ids: []string{"Unlicense", "MIT-0"}, module: "github.com/gen2brain/malgo",
			files: []string{"miniaudio.h"}, from: "/*\nThis software is available as a choice of the following licenses."},
		{name: "GLFW", version: "inside go-gl/glfw", ids: []string{"Zlib"}, module: "github.com/go-gl/glfw/v3.4/glfw", files: []string{"glfw/LICENSE.md"}},
		{name: "SQLite", version: "inside modernc.org/sqlite", ids: []string{"blessing"}, module: "modernc.org/sqlite", files: []string{"LICENSE-SQLITE"}},
		{name: "Noto Sans", version: "inside Fyne", ids: []string{"OFL-1.1"}, module: fyne, files: []string{"theme/font/LICENSE.txt"}},
		{name: "Inter", version: "inside Fyne", ids: []string{"OFL-1.1"}, module: fyne, files: []string{"theme/font/LICENSE_Inter.txt"}},
		{name: "DejaVu Sans Mono for Powerline", version: "inside Fyne", ids: []string{"Bitstream-Vera"}, module: fyne, files: []string{"theme/font/LICENSE_DejaVu-Powerline.txt"}},
		{name: "EmojiOne Color", version: "inside Fyne", ids: []string{"MIT"}, module: fyne, files: []string{"theme/font/LICENSE_EmojiOneColor.txt"}},
		{name: "Noto Emoji's pictures", version: "16.0", ids: []string{"Apache-2.0"}, systems: all, files: []string{emoji + "LICENSE.noto-emoji"}},
		{name: "emojibase's names of emoji", version: "17.0", ids: []string{"MIT"}, systems: all, files: []string{emoji + "LICENSE.emojibase"}},
	}
}
