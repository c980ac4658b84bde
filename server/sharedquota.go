package server

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// sharedQuotas count in Redis for all the nodes of a cluster. While Redis does not
// answer each node counts by itself, and begins with what was taken at this one.
type sharedQuotas struct {
	redis  redis.Scripter
	script *redis.Script
	own    *ownQuotas
	// secret has Redis not know who is counted.
	secret []byte
	log    *slog.Logger

	mu    sync.Mutex
	again time.Time // when Redis is asked again after it did not answer
	away  bool
}

const (
	// quotaWithin is how long Redis may take; it is asked before each try.
	quotaWithin = 300 * time.Millisecond
	// quotaAgain is for how long Redis is left alone when it did not answer.
	quotaAgain = 2 * time.Second
)

func newSharedQuotas(client redis.Scripter, secret string, log *slog.Logger) *sharedQuotas {
	return &sharedQuotas{redis: client, script: redis.NewScript(takeScript), own: newOwnQuotas(), secret: []byte(secret), log: log}
}

// takeScript does in Redis what ownQuotas does here, by the clock of Redis, so that
// those of the nodes do not matter. Of each quota it is given what to take, the most,
// and the time in microseconds. It gives the microseconds to wait.
const takeScript = `
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local left, wait = {}, 0
for i, key in ipairs(KEYS) do
	local take, most, over = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
	local was = redis.call('HMGET', key, 'left', 'at')
	local have = tonumber(was[1]) or most
	have = math.min(most, have + math.max(0, now - (tonumber(was[2]) or now)) * most / over)
	left[i] = have - take
	if left[i] < 0 then
		wait = math.max(wait, math.ceil(-left[i] * over / most))
	end
end
if wait > 0 then
	return wait
end
for i, key in ipairs(KEYS) do
	redis.call('HSET', key, 'left', string.format('%.6f', left[i]), 'at', string.format('%.0f', now))
	redis.call('PEXPIRE', key, math.ceil(ARGV[3*i] / 1000))
end
return 0
`

func (s *sharedQuotas) take(ctx context.Context, of ...quota) time.Duration {
	if wait := tooMuch(of); wait > 0 {
		return wait
	}
	if !s.ask() {
		return s.own.take(ctx, of...)
	}
	keys, values := make([]string, len(of)), make([]any, 0, 3*len(of))
	for i, q := range of {
		keys[i] = s.key(q.name)
		values = append(values, q.take, q.most, q.over.Microseconds())
	}
	// Who goes away while it is counted says nothing of Redis.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), quotaWithin)
	defer cancel()
	wait, err := s.script.Run(ctx, s.redis, keys, values...).Int64()
	s.answered(err)
	switch {
	case err != nil:
		return s.own.take(ctx, of...)
	case wait > 0:
		return time.Duration(wait) * time.Microsecond
	default:
		s.own.note(of)
		return 0
	}
}

// key names a quota so that it can't be read back.
func (s *sharedQuotas) key(name string) string {
	mac := hmac.New(sha256.New, s.secret)
	_, _ = mac.Write([]byte(name))
	return "parley:quota:" + hex.EncodeToString(mac.Sum(nil)[:16])
}

// ask tells whether Redis is to be asked.
func (s *sharedQuotas) ask() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if now.Before(s.again) {
		return false
	}
	if s.away {
		s.again = now.Add(quotaAgain) // one tries, the others do not wait for it
	}
	return true
}

func (s *sharedQuotas) answered(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.away
	s.away = err != nil
	switch {
	case err == nil:
		s.again = time.Time{}
		if was {
			s.log.Info("passcodes and uploads are counted for all nodes again")
		}
	case errors.Is(err, redis.ErrClosed): // the server ends
	default:
		s.again = time.Now().Add(quotaAgain)
		if !was {
			s.log.Warn("Redis does not answer: this node counts passcodes and uploads by itself", "error", err)
		}
	}
}
