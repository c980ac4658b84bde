package session

import "sync"

// eventQueue hands events to the handler in order, on one goroutine, without
// ever blocking the one who posts.
type eventQueue struct {
	mu      sync.Mutex
	pending []Event
	closed  bool
	wake    chan struct{}
	done    chan struct{}
}

func newEventQueue(h Handler) *eventQueue {
	q := &eventQueue{wake: make(chan struct{}, 1), done: make(chan struct{})}
	go q.run(h)
	return q
}

// post appends an event; after close it does nothing.
func (q *eventQueue) post(e Event) {
	q.mu.Lock()
	if !q.closed {
		q.pending = append(q.pending, e)
	}
	q.mu.Unlock()
	q.signal()
}

func (q *eventQueue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// close delivers what is pending and waits for the handler.
func (q *eventQueue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
	<-q.done
}

func (q *eventQueue) run(h Handler) {
	defer close(q.done)
	for range q.wake {
		for {
			q.mu.Lock()
			batch, closed := q.pending, q.closed
			q.pending = nil
			q.mu.Unlock()
			for _, e := range batch {
				h(e)
			}
			if len(batch) == 0 {
				if closed {
					return
				}
				break
			}
		}
	}
}
