// Package nats carries messages over NATS.
package nats

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/subject"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

const (
	// writeLimit is the time for which a write to a blocked connection may last. Then the connection counts as lost.
	writeLimit = 5 * time.Second

	// pingInterval finds a server that accepts data but does not answer.
	pingInterval = 10 * time.Second

	// closeLimit is the time for which Close waits for the server.
	closeLimit = 5 * time.Second

	// denialDelay is the greatest delay between a flush and an earlier error of the server.
	denialDelay = 10 * time.Millisecond
)

type connection struct {
	conn      *nats.Conn
	inbox     string
	listeners transport.Listeners
	outbox    outbox

	mutex sync.Mutex
	// denied are the patterns that the server refused.
	denied map[string]struct{}
}

// Connect opens a connection. It fails at once if no server answers; [nats.RetryOnFailedConnect] is not supported. Later
// it reconnects for ever. While it is disconnected, it refuses messages.
func Connect(ctx context.Context, url string, options ...nats.Option) (transport.Transport, error) {
	settings := nats.GetDefaultOptions()
	settings.Url = url
	settings.MaxReconnect = -1
	settings.IgnoreAuthErrorAbort = true
	settings.PingInterval = pingInterval
	settings.FlusherTimeout = writeLimit
	for _, option := range options {
		if err := option(&settings); err != nil {
			return nil, err
		}
	}
	settings.RetryOnFailedConnect = false
	settings.ReconnectBufSize = -1
	settings.ReconnectOnFlusherError = true
	settings.SkipSubjectValidation = true // checked before
	if deadline, ok := ctx.Deadline(); ok {
		settings.Timeout = min(settings.Timeout, time.Until(deadline))
	}
	c := &connection{denied: make(map[string]struct{}), inbox: strings.TrimSuffix(settings.InboxPrefix, ".")}
	c.follow(&settings)
	conn, err := settings.Connect()
	if err != nil {
		return nil, err
	}
	c.conn = conn
	c.outbox.publish = c.Publish
	return c, nil
}

// follow passes the events of the connection to the listeners, after the callbacks of the caller.
func (c *connection) follow(settings *nats.Options) {
	onDisconnect, onReconnect, onClose := settings.DisconnectedErrCB, settings.ReconnectedCB, settings.ClosedCB
	onError := settings.AsyncErrorCB
	settings.DisconnectedErrCB = func(conn *nats.Conn, err error) {
		if onDisconnect != nil {
			onDisconnect(conn, err)
		}
		c.listeners.Send(transport.Event{Kind: transport.Disconnected, Err: err})
	}
	settings.ReconnectedCB = func(conn *nats.Conn) {
		if onReconnect != nil {
			onReconnect(conn)
		}
		c.listeners.Send(transport.Event{Kind: transport.Connected})
	}
	settings.ClosedCB = func(conn *nats.Conn) {
		if onClose != nil {
			onClose(conn)
		}
		c.listeners.Send(transport.Event{Kind: transport.Closed})
	}
	settings.AsyncErrorCB = func(conn *nats.Conn, subscription *nats.Subscription, err error) {
		if onError != nil {
			onError(conn, subscription, err)
		}
		e := event(subscription, err)
		if e.Kind == transport.SubscribeDenied {
			c.mutex.Lock()
			c.denied[e.Subject] = struct{}{}
			c.mutex.Unlock()
		}
		c.listeners.Send(e)
	}
}

func event(subscription *nats.Subscription, err error) transport.Event {
	if errors.Is(err, nats.ErrSlowConsumer) && subscription != nil {
		return transport.Event{Kind: transport.Lost, Subject: subscription.Subject, Err: err}
	}
	if denied, ok := deniedSubject(err, "publish to "); ok {
		return transport.Event{Kind: transport.PublishDenied, Subject: denied, Err: err}
	}
	if denied, ok := deniedSubject(err, "subscription to "); ok {
		return transport.Event{Kind: transport.SubscribeDenied, Subject: denied, Err: err}
	}
	return transport.Event{Kind: transport.Failed, Err: err}
}

// deniedSubject returns the subject in a text such as: Permissions Violation for Publish to "a.b".
func deniedSubject(err error, action string) (string, bool) {
	if err == nil || !errors.Is(err, nats.ErrPermissionViolation) {
		return "", false
	}
	text := err.Error()
	start := strings.Index(strings.ToLower(text), action+`"`)
	if start < 0 {
		return "", false
	}
	rest := text[start+len(action)+1:]
	denied, _, ok := strings.Cut(rest, `"`)
	return denied, ok
}

// Publish sends a message.
func (c *connection) Publish(m *transport.Message) error {
	if err := subject.Check(m.Subject); err != nil {
		return err
	}
	message := nats.Msg{Subject: m.Subject, Reply: m.Reply, Header: nats.Header(m.Header), Data: m.Data}
	err := c.conn.PublishMsg(&message)
	if err == nil {
		return nil
	}
	return c.failure(err, m)
}

func (c *connection) failure(err error, m *transport.Message) error {
	switch {
	case errors.Is(err, nats.ErrMaxPayload):
		return &transport.TooLargeError{Size: m.Size(), Limit: c.MaxPayload()}
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
		return transport.ErrClosed
	default:
		return transport.ErrDisconnected
	}
}

// Post sends a message together with those of other goroutines.
func (c *connection) Post(m transport.Message, sender transport.Sender, number uint64) {
	c.outbox.post(m, sender, number)
}

// Subscribe receives messages.
func (c *connection) Subscribe(
	ctx context.Context, pattern, queue string, handle func(transport.Message),
) (transport.Subscription, error) {
	if err := subject.CheckPattern(pattern); err != nil {
		return nil, err
	}
	s := &subscription{ended: make(chan struct{})}
	c.mutex.Lock()
	delete(c.denied, pattern)
	c.mutex.Unlock()
	inner, err := c.conn.QueueSubscribe(pattern, queue, func(m *nats.Msg) {
		handle(transport.Message{Subject: m.Subject, Reply: m.Reply, Header: transport.Header(m.Header), Data: m.Data})
	})
	if err != nil {
		return nil, c.failure(err, &transport.Message{})
	}
	s.inner = inner
	inner.SetClosedHandler(func(string) { s.once.Do(func() { close(s.ended) }) })
	if c.Flush(ctx) != nil {
		if ctx.Err() != nil {
			s.Unsubscribe()
			return nil, ctx.Err()
		}
		// The connection is lost: it subscribes when it is established again.
		return s, nil
	}
	if c.isDenied(pattern) {
		s.Unsubscribe()
		return nil, transport.ErrDenied
	}
	return s, nil
}

// isDenied reports whether the server refused a subscription before the last flush.
func (c *connection) isDenied(pattern string) bool {
	if _, ok := deniedSubject(c.conn.LastError(), "subscription to "); ok {
		// The callback for errors runs on another goroutine than the flush.
		time.Sleep(denialDelay)
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	_, ok := c.denied[pattern]
	return ok
}

// Flush waits for an answer of the server.
func (c *connection) Flush(ctx context.Context) error {
	if !c.conn.IsConnected() {
		return transport.ErrDisconnected
	}
	if _, ok := ctx.Deadline(); !ok {
		limited, cancel := context.WithTimeout(ctx, closeLimit)
		defer cancel()
		ctx = limited
	}
	c.outbox.wait()
	return c.conn.FlushWithContext(ctx)
}

// Notify adds a listener.
func (c *connection) Notify(listen func(transport.Event)) func() { return c.listeners.Add(listen) }

// IsConnected reports whether the connection is established.
func (c *connection) IsConnected() bool { return c.conn.IsConnected() }

// MaxPayload returns the limit of the server.
func (c *connection) MaxPayload() int { return int(c.conn.MaxPayload()) }

// InboxPrefix returns the prefix of the inboxes in the options; empty if they set none.
func (c *connection) InboxPrefix() string { return c.inbox }

// Close sends the accepted messages and closes the connection.
func (c *connection) Close() {
	if c.conn.IsConnected() {
		ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
		defer cancel()
		// Close follows in any case.
		_ = c.Flush(ctx)
	}
	c.conn.Close()
}

type subscription struct {
	inner *nats.Subscription
	once  sync.Once
	ended chan struct{}
}

// Drain ends the subscription and waits until all received messages are handled.
func (s *subscription) Drain(ctx context.Context) error {
	if err := s.inner.Drain(); err != nil {
		// The connection is closed, or the subscription has ended.
		return nil
	}
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Unsubscribe ends the subscription.
func (s *subscription) Unsubscribe() {
	// An error means that the subscription has ended already.
	_ = s.inner.Unsubscribe()
}
