//go:build apm2

package voice

// #cgo pkg-config: webrtc-audio-processing-2
import "C"

// Library is what processes voices here.
const Library = "webrtc-audio-processing 2"
