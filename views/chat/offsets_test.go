package chat

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestOffsetsAgreeWithAddition(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var o offsets
	var plain []float32
	check := func() {
		t.Helper()
		sum := float32(0)
		for i, h := range plain {
			if d := o.top(i) - sum; math.Abs(float64(d)) > 0.1 {
				t.Fatalf("row %d of %d: %v, want %v", i, len(plain), o.top(i), sum)
			}
			if got := o.at(sum + h/2); got != i {
				t.Fatalf("at %v: row %d, want %d", sum+h/2, got, i)
			}
			sum += h
		}
		if math.Abs(float64(o.total()-sum)) > 0.1 {
			t.Fatalf("total %v, want %v", o.total(), sum)
		}
	}
	for n := range 200 {
		switch random.IntN(4) {
		case 0:
			plain = append([]float32{float32(10 + random.IntN(90))}, plain...)
			o.reset(plain)
		case 1, 2:
			h := float32(10 + random.IntN(90))
			plain = append(plain, h)
			o.push(h)
		case 3:
			if len(plain) > 0 {
				i := random.IntN(len(plain))
				plain[i] = float32(10 + random.IntN(90))
				o.set(i, plain[i])
			}
		}
		if n%10 == 0 {
			check()
		}
	}
	check()
	if o.at(-5) != 0 || o.at(1e9) != len(plain)-1 {
		t.Error("outside the list")
	}
}
