package session_test

import (
	"testing"

	"parley/session"
)

func TestQualityIsTold(t *testing.T) {
	ann, bob := newPerson(t, "ann", 440), newPerson(t, "bob", 550)
	ann.join("quality")
	bob.join("quality")
	ann.publish()
	bob.publish()
	saw(ann, "her own network", func(e session.NetworkQuality) bool { return e.UserID == "" && e.Quality == session.QualityExcellent })
	saw(ann, "his network", func(e session.NetworkQuality) bool { return e.UserID == "bob" })
	good := func(q session.StreamQuality) bool {
		return q.Audio != nil && q.Video != nil && q.Audio.BitRate > 8000 && q.Video.BitRate > 5000 && q.Video.FrameRate > 10 &&
			q.Video.Width == 320 && q.Video.Height == 180 && q.Audio.Loss == 0 && q.RTT > 0
	}
	saw(ann, "what she sends", func(q session.StreamQuality) bool { return q.UserID == "" && q.StreamID == "ann-main" && good(q) })
	saw(ann, "what she gets", func(q session.StreamQuality) bool {
		return q.UserID == "bob" && q.StreamID == "bob-main" && good(q) && q.Audio.Jitter > 0
	})
}
