//go:build apm1

package voice

// #cgo pkg-config: webrtc-audio-processing-1
import "C"

// Library is what processes voices here.
const Library = "webrtc-audio-processing 1"
