//go:build apm0

package voice

// #cgo pkg-config: webrtc-audio-processing
import "C"

// Library is what processes voices here.
const Library = "webrtc-audio-processing 0"
