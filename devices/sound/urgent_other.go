//go:build !linux

package sound

// urgent does nothing: CoreAudio and WASAPI call from threads that are urgent.
func urgent(done func(error)) { done(nil) }
