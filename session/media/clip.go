package media

import (
	"sync"
	"sync/atomic"
)

// Clip is a sound that is played once. It may be moved and stopped while it is
// heard.
type Clip struct {
	pcm   []float32
	at    atomic.Int64
	done  chan struct{}
	ended sync.Once
}

// NewClip plays mono samples at devices.SampleRate, which it does not copy.
func NewClip(pcm []float32) *Clip { return &Clip{pcm: pcm, done: make(chan struct{})} }

// Mix implements Source.
func (c *Clip) Mix(dst []float32) {
	at := c.at.Load()
	if at >= int64(len(c.pcm)) {
		c.end()
		return
	}
	n := min(len(dst), len(c.pcm)-int(at))
	for i, s := range c.pcm[at : at+int64(n)] {
		dst[i] += s
	}
	// A jump meanwhile wins.
	c.at.CompareAndSwap(at, at+int64(n))
}

func (c *Clip) end() { c.ended.Do(func() { close(c.done) }) }

// Done is closed when the clip was played to its end.
func (c *Clip) Done() <-chan struct{} { return c.done }

// Position is how much was played, from 0 to 1.
func (c *Clip) Position() float32 {
	if len(c.pcm) == 0 {
		return 1
	}
	return min(float32(c.at.Load())/float32(len(c.pcm)), 1)
}

// Seek goes on from a position, from 0 to 1.
func (c *Clip) Seek(position float32) {
	c.at.Store(int64(min(max(position, 0), 1) * float32(len(c.pcm))))
}
