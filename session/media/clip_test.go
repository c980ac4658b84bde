package media

import "testing"

func TestClipIsHeardOnce(t *testing.T) {
	pcm := make([]float32, 1000)
	for i := range pcm {
		pcm[i] = 0.25
	}
	c, m := NewClip(pcm), NewMixer()
	m.Add(c)
	var sum float32
	dst := make([]float32, 480)
	for range 3 {
		m.Render(dst)
		for _, s := range dst {
			sum += s
		}
	}
	if sum != 250 || c.Position() != 1 {
		t.Errorf("%v heard, at %v", sum, c.Position())
	}
	select {
	case <-c.Done():
		t.Error("it ends before silence was heard after it")
	default:
	}
	m.Render(dst)
	<-c.Done()
	c = NewClip(pcm)
	c.Seek(0.9)
	sum = 0
	dst = make([]float32, 480)
	c.Mix(dst)
	for _, s := range dst {
		sum += s
	}
	if sum != 25 {
		t.Errorf("%v heard after a jump", sum)
	}
}
