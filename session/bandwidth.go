package session

import (
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/cc"
	"github.com/pion/interceptor/pkg/gcc"
	"github.com/pion/interceptor/pkg/twcc"
)

// Bounds of the estimate, in bit/s.
const (
	bandwidthLeast = 30_000
	bandwidthFirst = 2_500_000 // what most lines carry, and is found out to be too much within a second
	bandwidthMost  = 20_000_000
)

// bandwidth estimates how much the way to the server carries, by Google's
// congestion control over the server's feedback (draft-ietf-rmcat-gcc-02).
type bandwidth struct {
	mu         sync.Mutex
	estimators []cc.BandwidthEstimator // one for each peer connection; that which sends moves
}

// factories make what a connection needs for it.
func (b *bandwidth) factories() ([]interceptor.Factory, error) {
	control, err := cc.NewInterceptor(func() (cc.BandwidthEstimator, error) {
		// What is sent is as even as it is encoded: a pacer would only delay it.
		return gcc.NewSendSideBWE(gcc.SendSideBWEInitialBitrate(bandwidthFirst), gcc.SendSideBWEMinBitrate(bandwidthLeast),
			gcc.SendSideBWEMaxBitrate(bandwidthMost), gcc.SendSideBWEPacer(gcc.NewNoOpPacer()))
	})
	if err != nil {
		return nil, err
	}
	control.OnNewPeerConnection(func(_ string, e cc.BandwidthEstimator) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.estimators = append(b.estimators, e)
	})
	extension, err := twcc.NewHeaderExtensionInterceptor()
	if err != nil {
		return nil, err
	}
	return []interceptor.Factory{control, extension}, nil
}

// bits is the estimate in bit/s, or 0 before there is one.
func (b *bandwidth) bits() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, e := range b.estimators {
		if now := e.GetTargetBitrate(); now != bandwidthFirst {
			return now
		}
	}
	return 0
}
