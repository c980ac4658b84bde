package media

import "testing"

func TestEncodingFollowsTheLoss(t *testing.T) {
	for _, test := range []struct {
		loss float64
		want encoding
	}{
		{0, encoding{40000, 2}}, {0.05, encoding{40000, 5}}, {0.1, encoding{34667, 10}}, {0.2, encoding{24000, 20}}, {0.9, encoding{24000, 30}},
	} {
		if got := encodingFor(test.loss); got != test.want {
			t.Errorf("loss %v: %+v, want %+v", test.loss, got, test.want)
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
	m.Lost(0.3)
	sum()
	if lossy := sum(); lossy > clean*9/10 {
		t.Errorf("50 packets take %d bytes with loss and %d without", lossy, clean)
	}
}
