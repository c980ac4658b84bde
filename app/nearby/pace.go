package nearby

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/pion/logging"
	"golang.org/x/time/rate"
)

// pace bounds how fast packets are taken. The mDNS library reads them as fast as
// they come and lets nobody stand between it and its sockets, but it tells its
// logger of each before it looks into it: that is where it is made to wait, and what
// it does not come to read, the kernel drops. Nothing of this is logged: a stranger
// would fill the log.
type pace struct {
	ctx     context.Context // of limit
	limit   *rate.Limiter   // of packets; nil for none
	most    int64           // packets until flooded; 0 for any number
	flooded chan struct{}
	packets atomic.Int64
}

var (
	_ logging.LoggerFactory = (*pace)(nil)
	_ logging.LeveledLogger = (*pace)(nil)
)

// read is what the library says for each packet.
const read = "got read on"

// NewLogger implements logging.LoggerFactory.
func (p *pace) NewLogger(string) logging.LeveledLogger { return p }

// Debugf implements logging.LeveledLogger.
func (p *pace) Debugf(format string, _ ...any) {
	if !strings.Contains(format, read) {
		return
	}
	if p.packets.Add(1) == p.most {
		close(p.flooded)
	}
	if p.limit != nil {
		_ = p.limit.Wait(p.ctx) // ends with the context, and so does the reading
	}
}

// The rest of logging.LeveledLogger says nothing.

func (p *pace) Trace(string)          {}
func (p *pace) Tracef(string, ...any) {}
func (p *pace) Debug(string)          {}
func (p *pace) Info(string)           {}
func (p *pace) Infof(string, ...any)  {}
func (p *pace) Warn(string)           {}
func (p *pace) Warnf(string, ...any)  {}
func (p *pace) Error(string)          {}
func (p *pace) Errorf(string, ...any) {}
