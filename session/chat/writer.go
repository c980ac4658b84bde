package chat

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// writer is the one writer of the database. Jobs that wait are committed
// together: under load a commit costs many messages one sync of the disk.
type writer struct {
	conn    *sql.Conn // the only one that writes
	damaged func()
	jobs    chan *job
	done    chan struct{}

	mu     sync.Mutex
	closed bool

	// The writer's goroutine only.
	full       bool // synchronous is FULL
	statements map[string]*sql.Stmt
}

// job changes the database inside a transaction. It may run twice, and the
// first time for nothing: what it finds goes to variables that it sets anew.
type job struct {
	run func(*tx) error
	// durable means that the disk has it when the job is done: for what is in
	// this store only. The rest survives the end of the program, and comes
	// again from the server should the power fail.
	durable bool
	result  chan error
}

// jobsAtOnce bounds how many jobs share a transaction.
const jobsAtOnce = 256

var errStoreClosed = errors.New("the message store is closed")

func newWriter(conn *sql.Conn, damaged func()) *writer {
	w := &writer{
		conn: conn, damaged: damaged, jobs: make(chan *job, jobsAtOnce), done: make(chan struct{}), full: true,
		statements: make(map[string]*sql.Stmt),
	}
	go w.loop()
	return w
}

// close ends the writer after the jobs that wait.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.jobs)
	}
	w.mu.Unlock()
	<-w.done
}

// do runs a job and waits for its commit.
func (w *writer) do(durable bool, run func(*tx) error) error {
	j := &job{run: run, durable: durable, result: make(chan error, 1)}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return errStoreClosed
	}
	w.jobs <- j
	w.mu.Unlock()
	return <-j.result
}

func (w *writer) loop() {
	defer close(w.done)
	batch := make([]*job, 0, jobsAtOnce)
	for j := range w.jobs {
		batch = append(batch[:0], j)
	collect:
		for len(batch) < jobsAtOnce {
			select {
			case j, ok := <-w.jobs:
				if !ok {
					break collect
				}
				batch = append(batch, j)
			default:
				break collect
			}
		}
		w.run(batch)
	}
	for _, st := range w.statements {
		st.Close()
	}
}

// run commits the jobs together. Where one fails, each is tried alone, so that
// it fails alone.
func (w *writer) run(batch []*job) {
	err := w.commit(batch)
	if err == nil || len(batch) == 1 {
		for _, j := range batch {
			j.result <- err
		}
		return
	}
	for _, j := range batch {
		j.result <- w.commit([]*job{j})
	}
}

func (w *writer) commit(batch []*job) (err error) {
	defer func() {
		if err = storeError(err); errors.Is(err, ErrCorruptStore) {
			w.damaged()
		}
	}()
	full := false
	for _, j := range batch {
		full = full || j.durable
	}
	// The transaction is the writer's: a caller that gives up does not undo it.
	ctx := context.Background()
	if full != w.full {
		level := "NORMAL"
		if full {
			level = "FULL"
		}
		if _, err := w.conn.ExecContext(ctx, "PRAGMA synchronous = "+level); err != nil {
			return err
		}
		w.full = full
	}
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	committed := false
	defer func() {
		if !committed {
			_, _ = w.conn.ExecContext(ctx, "ROLLBACK")
		}
	}()
	x := &tx{ctx: ctx, w: w}
	for _, j := range batch {
		if err := j.run(x); err != nil {
			return err
		}
	}
	_, err = w.conn.ExecContext(ctx, "COMMIT")
	committed = err == nil
	return err
}

// tx is the writer's open transaction.
type tx struct {
	ctx context.Context //nolint:containedctx // lives as long as one commit
	w   *writer
}

// statement prepares each query once.
func (x *tx) statement(query string) (*sql.Stmt, error) {
	if st, ok := x.w.statements[query]; ok {
		return st, nil
	}
	st, err := x.w.conn.PrepareContext(x.ctx, query)
	if err != nil {
		return nil, err
	}
	x.w.statements[query] = st
	return st, nil
}

// exec gives the number of rows that changed.
func (x *tx) exec(query string, args ...any) (int64, error) {
	st, err := x.statement(query)
	if err != nil {
		return 0, err
	}
	result, err := st.ExecContext(x.ctx, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// row reads one row; found is false when there is none.
func (x *tx) row(query string, args []any, into ...any) (found bool, err error) {
	st, err := x.statement(query)
	if err != nil {
		return false, err
	}
	err = st.QueryRowContext(x.ctx, args...).Scan(into...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// rows calls each for every row; each reads it with scan.
func (x *tx) rows(query string, args []any, each func(scan func(...any) error) error) error {
	st, err := x.statement(query)
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(x.ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
