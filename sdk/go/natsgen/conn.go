package natsgen

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	natsio "github.com/nats-io/nats.go"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/subject"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport/memory"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport/nats"
)

// denialDelay is the greatest delay between a flush and an earlier error of the server.
const denialDelay = 10 * time.Millisecond

// Conn is a connection for calls, events and servers. Its methods can be called from any goroutine.
type Conn struct {
	core     *core
	prefix   string
	observer Observer
}

// core is what all handles of a connection with the same inbox share.
type core struct {
	transport transport.Transport
	pending   pending

	// all are the cores of the connection. Each has another inbox prefix.
	all *cores

	// inbox is the subject of replies, up to the number of the call.
	inbox string

	// opening guards the subscription to the inbox.
	opening  sync.Mutex
	isOpen   atomic.Bool
	isClosed atomic.Bool
}

// cores are the cores of a connection by their inbox prefix.
type cores struct {
	mutex    sync.Mutex
	byPrefix map[string]*core
}

// Connect connects to a NATS server. It fails if no server answers. Later it reconnects for ever, and calls fail at once
// while it is disconnected. The options of nats.go set credentials, TLS, the inbox prefix and so on.
func Connect(ctx context.Context, url string, options ...natsio.Option) (*Conn, error) {
	t, err := nats.Connect(ctx, url, options...)
	if err != nil {
		return nil, err
	}
	return Over(t), nil
}

// InProcess returns a connection that reaches only its own handles, for tests without a server.
func InProcess() *Conn { return Over(memory.NewBroker().Connect()) }

// Over returns a connection over any transport.
func Over(t transport.Transport) *Conn {
	prefix := t.InboxPrefix()
	if prefix == "" {
		prefix = subject.DefaultInboxes
	}
	all := &cores{byPrefix: make(map[string]*core)}
	return &Conn{core: all.open(t, prefix)}
}

// open returns the core with this inbox prefix.
func (a *cores) open(t transport.Transport, prefix string) *core {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if c, ok := a.byPrefix[prefix]; ok {
		return c
	}
	c := &core{transport: t, all: a, inbox: prefix + "." + newToken() + "."}
	c.pending.calls = make(map[uint64]*waiting)
	t.Notify(c.follow)
	a.byPrefix[prefix] = c
	return c
}

// Identity returns a handle of the same connection that uses the inboxes _INBOX_<role>.<id>, like the permissions that
// natsgen acl writes. A server answers a request only if its inbox belongs to a role that may call the operation.
// Identity returns c if the options of the connection set an inbox prefix. It fails if role or id cannot be a token of
// a subject.
func (c *Conn) Identity(role, id string) (*Conn, error) {
	if c.core.transport.InboxPrefix() != "" {
		return c, nil
	}
	prefix := subject.RoleInbox + role + "." + id
	if err := subject.Check(prefix); err != nil {
		return nil, err
	}
	handle := *c
	handle.core = c.core.all.open(c.core.transport, prefix)
	return &handle, nil
}

// WithPrefix returns a handle with another prefix of subjects than that of the schema. The prefix must consist of tokens
// joined by dots.
func (c *Conn) WithPrefix(prefix string) (*Conn, error) {
	if err := subject.Check(prefix); err != nil {
		return nil, err
	}
	handle := *c
	handle.prefix = prefix
	return &handle, nil
}

// WithObserver returns a handle whose calls, events and requests are observed.
func (c *Conn) WithObserver(observer Observer) *Conn {
	handle := *c
	handle.observer = observer
	return &handle
}

// IsConnected reports whether the connection is established now.
func (c *Conn) IsConnected() bool { return c.core.transport.IsConnected() }

// Pending returns the number of calls that wait for a reply, on all handles of the connection.
func (c *Conn) Pending() int {
	all := c.core.all
	all.mutex.Lock()
	defer all.mutex.Unlock()
	count := 0
	for _, core := range all.byPrefix {
		count += core.pending.size()
	}
	return count
}

// Flush waits until the server has received all earlier messages.
func (c *Conn) Flush(ctx context.Context) error { return c.core.transport.Flush(ctx) }

// Notify calls listen for each change of the connection, until remove is called. listen must not block.
func (c *Conn) Notify(listen func(transport.Event)) (remove func()) {
	return c.core.transport.Notify(listen)
}

// Close sends the accepted messages and closes the connection for all handles. Calls, subscriptions and servers end.
func (c *Conn) Close() {
	c.core.isClosed.Store(true)
	c.core.transport.Close()
	c.core.pending.endAll(answer{err: ErrClosed, phase: NoAnswer}, nil)
}

func (c *Conn) prefixOr(prefix string) string {
	if c.prefix != "" {
		return c.prefix
	}
	return prefix
}

// open subscribes to the inbox at the first call. If the user may not subscribe, requests would be executed and their
// replies lost.
func (c *core) open(ctx context.Context) error {
	if c.isOpen.Load() {
		return nil
	}
	c.opening.Lock()
	defer c.opening.Unlock()
	if c.isOpen.Load() {
		return nil
	}
	if !c.transport.IsConnected() {
		return c.unconnected()
	}
	if _, err := c.transport.Subscribe(ctx, c.inbox+"*", "", c.pending.receive); err != nil {
		return err
	}
	c.isOpen.Store(true)
	return nil
}

func (c *core) unconnected() error {
	if c.isClosed.Load() {
		return ErrClosed
	}
	return ErrDisconnected
}

// follow handles the events of the transport.
func (c *core) follow(event transport.Event) {
	switch event.Kind {
	case transport.Disconnected:
		c.pending.endAll(answer{err: ErrDisconnected, phase: NoAnswer}, nil)
	case transport.Closed:
		c.isClosed.Store(true)
		c.pending.endAll(answer{err: ErrClosed, phase: NoAnswer}, nil)
	case transport.PublishDenied:
		if c.pending.deny(event.Subject) {
			go c.settle(event.Subject)
		}
	case transport.SubscribeDenied:
		if event.Subject == c.inbox+"*" {
			c.isOpen.Store(false)
			c.pending.endAll(answer{err: ErrDenied, phase: NoAnswer}, nil)
		}
	}
}

// settle collects the denials of requests to a subject, and ends the calls.
func (c *core) settle(subject string) {
	for isMore := true; isMore; {
		newest := c.pending.newest()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		err := c.transport.Flush(ctx)
		cancel()
		time.Sleep(denialDelay)
		isMore = c.pending.attribute(subject, newest, err == nil)
	}
}

// Observer receives completed calls, events and requests, for metrics. It runs in the goroutine of the caller or the
// handler and must not block.
type Observer interface{ Observe(record Record) }

// RecordKind is the kind of a [Record].
type RecordKind string

// Kinds of records.
const (
	// CallEnded is a call, retries included.
	CallEnded RecordKind = "call"

	// EventPublished is an event that the transport accepted.
	EventPublished RecordKind = "event"

	// RequestEnded is a request that a handler executed.
	RequestEnded RecordKind = "request"
)

// Record describes what an [Observer] observes.
type Record struct {
	// Kind is the kind of the record.
	Kind RecordKind

	// Operation is the name of the operation.
	Operation string

	// Subject is the subject of the message.
	Subject string

	// Latency is the time from the begin to the end.
	Latency time.Duration

	// Err is the error; nil for success.
	Err error
}

type contextKey int

const (
	traceKey contextKey = iota
	requestKey
)

// WithTraceparent returns a context whose calls carry this trace context, in the W3C format. The context of a handler
// carries the trace context of its request.
func WithTraceparent(ctx context.Context, traceparent string) context.Context {
	return context.WithValue(ctx, traceKey, traceparent)
}

// Traceparent returns the trace context of ctx; empty if there is none.
func Traceparent(ctx context.Context) string {
	text, _ := ctx.Value(traceKey).(string)
	return text
}

// isContext reports whether err comes from a context.
func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
