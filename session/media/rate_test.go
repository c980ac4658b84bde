package media

import "testing"

func TestEncodingFollowsTheLoss(t *testing.T) {
	for _, test := range []struct {
		line  Line
		music bool
		want  encoding
	}{
		{Line{}, false, encoding{false, 40000, 2}},
		{Line{Loss: 0.05}, false, encoding{false, 40000, 5}},
		{Line{Loss: 0.1}, false, encoding{false, 34667, 5}},
		{Line{Loss: 0.2}, false, encoding{false, 24000, 5}},
		{Line{Loss: 0.9}, false, encoding{false, 24000, 5}},
		{Line{Bandwidth: 30_000}, false, encoding{false, 24000, 2}},
		{Line{Bandwidth: 400_000, Picture: true}, false, encoding{false, 50000, 2}},
		{Line{Bandwidth: 100_000}, false, encoding{false, 45000, 2}},
		{Line{Bandwidth: 4_000_000}, false, encoding{false, 64000, 2}},
		{Line{Bandwidth: 300_000, Loss: 0.04, Picture: true}, false, encoding{false, 25000, 4}}, // two copies
		{Line{Bandwidth: 180_000, Loss: 0.2}, false, encoding{false, 54000, 5}},
		{Line{}, true, encoding{true, 96000, 2}},
		{Line{Bandwidth: 400_000, Picture: true}, true, encoding{true, 50000, 2}},
	} {
		if got := encodingFor(test.line, test.music); got != test.want {
			t.Errorf("%+v, music %v: %+v, want %+v", test.line, test.music, got, test.want)
		}
	}
	var m LossMemory
	if m.Report(0.2) != 0.2 || m.Report(0) > 0.17 || m.Believed < 0.15 || m.Report(0.3) != 0.3 {
		t.Error("loss is not believed at once and forgotten slowly")
	}
}

// TestMicrophoneEncodesForTheLoss compares the bytes that a lossless and a lossy
// way take.
func TestMicrophoneEncodesForTheLoss(t *testing.T) {
	m, err := NewMicrophone(&fakeMicrophone{closed: make(chan struct{})}, false, nil, nil, func(err error) { t.Error(err) })
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	sizes := make(chan int, 1000)
	m.SendTo(func(s Sample) error {
		sizes <- len(s.Data)
		return nil
	})
	sum := func() (bytes int) {
		for range 50 {
			bytes += <-sizes
		}
		return bytes
	}
	sum() // the encoder settles
	clean := sum()
	m.Over(Line{Loss: 0.3})
	sum()
	if lossy := sum(); lossy > clean*9/10 {
		t.Errorf("50 packets take %d bytes with loss and %d without", lossy, clean)
	}
}
