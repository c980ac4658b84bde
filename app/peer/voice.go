package peer

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"parley/devices/file"
	"parley/session/chat/voice"
)

// record makes a voice message of a WAV file. Its folder is the caller's to
// remove.
func record(path string) (recorded, folder string, err error) {
	pcm, err := file.ReadSound(path)
	if err != nil {
		return "", "", err
	}
	if folder, err = os.MkdirTemp("", "parley-voice-*"); err != nil {
		return "", "", fmt.Errorf("record: %w", err)
	}
	recorded = filepath.Join(folder, "voice.ogg")
	recorder, err := voice.NewRecorder(recorded)
	if err == nil {
		err = errors.Join(recorder.Write(pcm), recorder.Close())
	}
	return recorded, folder, err
}
