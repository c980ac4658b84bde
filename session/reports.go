package session

import (
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
)

// reportsInterceptor sees what the server reports of tracks that are not the
// SDK's own: it reads and drops those reports.
type reportsInterceptor struct {
	interceptor.NoOp
	listeners *reportListeners
}

// reportListeners are told of reports, by the SSRC that they are of.
type reportListeners struct {
	mu     sync.Mutex
	bySSRC map[uint32]func(rtcp.ReceptionReport)
}

func newReportListeners() *reportListeners {
	return &reportListeners{bySSRC: make(map[uint32]func(rtcp.ReceptionReport))}
}

// NewInterceptor implements interceptor.Factory.
func (l *reportListeners) NewInterceptor(string) (interceptor.Interceptor, error) {
	return &reportsInterceptor{listeners: l}, nil
}

// listen has f told of a track; nil ends it.
func (l *reportListeners) listen(ssrc uint32, f func(rtcp.ReceptionReport)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if f == nil {
		delete(l.bySSRC, ssrc)
		return
	}
	l.bySSRC[ssrc] = f
}

func (l *reportListeners) tell(reports []rtcp.ReceptionReport) {
	for _, r := range reports {
		l.mu.Lock()
		f := l.bySSRC[r.SSRC]
		l.mu.Unlock()
		if f != nil {
			f(r)
		}
	}
}

// BindRTCPReader implements interceptor.Interceptor.
func (i *reportsInterceptor) BindRTCPReader(reader interceptor.RTCPReader) interceptor.RTCPReader {
	return interceptor.RTCPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		n, a, err := reader.Read(b, a)
		if err != nil {
			return n, a, err
		}
		if a == nil {
			a = make(interceptor.Attributes)
		}
		packets, broken := a.GetRTCPPackets(b[:n])
		if broken != nil {
			return n, a, nil //nolint:nilerr // it is for those who read on to say so
		}
		for _, p := range packets {
			switch p := p.(type) {
			case *rtcp.ReceiverReport:
				i.listeners.tell(p.Reports)
			case *rtcp.SenderReport:
				i.listeners.tell(p.Reports)
			}
		}
		return n, a, nil
	})
}
