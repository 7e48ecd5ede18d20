package natsgen

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// RequestInfo describes the request that a handler executes.
type RequestInfo struct {
	// ID is the id of the request; empty if the caller sent none. Retries have the same id.
	ID string

	// Subject is the subject of the request.
	Subject string
}

// RequestOf returns the request of the context of a handler.
func RequestOf(ctx context.Context) (RequestInfo, bool) {
	r, ok := ctx.Value(requestKey).(*requestContext)
	if !ok {
		return RequestInfo{}, false
	}
	return RequestInfo{ID: r.header.Get(requestIDHeader), Subject: r.subject}, true
}

// SetRetryAfter sets when the caller may try again, if a handler refuses its request now without executing it, e.g. because
// of a rate limit. The declared fault of the handler carries the time, rounded up to milliseconds, and clients with [Retries]
// wait for it. It has no effect if ctx is not the context of a handler.
func SetRetryAfter(ctx context.Context, pause time.Duration) {
	if r, ok := ctx.Value(requestKey).(*requestContext); ok {
		millis := pause.Milliseconds()
		if pause%time.Millisecond > 0 {
			millis++
		}
		r.retry.Store(max(millis, 1))
	}
}

// requestContext is the context of a handler. It needs a timer only if the handler waits for its end.
type requestContext struct {
	parent   context.Context
	subject  string
	header   transport.Header
	deadline time.Time

	// retry is the time in milliseconds after which the caller may try again; 0 without a hint.
	retry atomic.Int64

	mutex sync.Mutex
	done  chan struct{}
	timer *time.Timer
	err   error
}

// Deadline returns the deadline of the caller.
func (r *requestContext) Deadline() (time.Time, bool) { return r.deadline, true }

// Done returns a channel that is closed at the deadline, when the request is aborted, and when the handler returns.
func (r *requestContext) Done() <-chan struct{} {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.done == nil {
		r.done = make(chan struct{})
		if r.err != nil {
			close(r.done)
		} else {
			r.timer = time.AfterFunc(time.Until(r.deadline), func() { r.end(context.DeadlineExceeded) })
		}
	}
	return r.done
}

// Err returns the reason of the end.
func (r *requestContext) Err() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.err == nil && r.done == nil && !time.Now().Before(r.deadline) {
		return context.DeadlineExceeded
	}
	return r.err
}

// Value returns the values of the request and of the context of the server.
func (r *requestContext) Value(key any) any {
	switch key {
	case requestKey:
		return r
	case traceKey:
		if trace := r.header.Get(traceHeader); trace != "" {
			return trace
		}
	}
	return r.parent.Value(key)
}

func (r *requestContext) end(err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.err != nil {
		return
	}
	r.err = err
	if r.done != nil {
		r.timer.Stop()
		close(r.done)
	}
}
