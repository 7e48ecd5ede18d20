// Package memory carries messages within the process, with the semantics of NATS. Unit tests use it in place of a server.
package memory

import (
	"bytes"
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/subject"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

const (
	maxPayload = 1 << 20

	// maxPending is the number of messages that a subscription keeps for a slow reader.
	maxPending = 1 << 19
)

// Broker connects transports within the process.
type Broker struct {
	mutex sync.Mutex
	all   map[*subscription]struct{}
}

// NewBroker returns a broker without connections.
func NewBroker() *Broker { return &Broker{all: make(map[*subscription]struct{})} }

// Connect returns a new connection to the broker.
func (b *Broker) Connect() transport.Transport { return &connection{broker: b} }

type connection struct {
	broker    *Broker
	listeners transport.Listeners

	mutex    sync.Mutex
	isClosed bool
}

type subscription struct {
	connection *connection
	pattern    string
	queue      string
	handle     func(transport.Message)

	mutex   sync.Mutex
	wake    sync.Cond
	pending []transport.Message
	isOver  bool
	ended   chan struct{}
}

// Publish delivers a message to all matching subscriptions.
func (c *connection) Publish(m *transport.Message) error {
	if err := subject.Check(m.Subject); err != nil {
		return err
	}
	if size := m.Size(); size > maxPayload {
		return &transport.TooLargeError{Size: size, Limit: maxPayload}
	}
	if c.closed() {
		return transport.ErrClosed
	}
	message := *m
	message.Data, message.Header = bytes.Clone(m.Data), maps.Clone(m.Header)
	for name, values := range message.Header {
		message.Header[name] = slices.Clone(values)
	}
	if !c.broker.deliver(message) && m.Reply != "" {
		header := transport.Header{"Status": {transport.NoResponders}}
		c.broker.deliver(transport.Message{Subject: m.Reply, Header: header})
	}
	return nil
}

// Post delivers a message at once.
func (c *connection) Post(m transport.Message, sender transport.Sender, number uint64) {
	if err := c.Publish(&m); err != nil {
		sender.NotSent(number, err)
	}
}

func (b *Broker) deliver(m transport.Message) bool {
	b.mutex.Lock()
	groups := make(map[string][]*subscription)
	for s := range b.all {
		if subject.Matches(s.pattern, m.Subject) {
			groups[s.queue] = append(groups[s.queue], s)
		}
	}
	b.mutex.Unlock()
	for queue, members := range groups {
		if queue != "" {
			members = []*subscription{members[rand.IntN(len(members))]}
		}
		for _, s := range members {
			s.push(m)
		}
	}
	return len(groups) > 0
}

// Subscribe adds a subscription.
func (c *connection) Subscribe(
	_ context.Context, pattern, queue string, handle func(transport.Message),
) (transport.Subscription, error) {
	if err := subject.CheckPattern(pattern); err != nil {
		return nil, err
	}
	if c.closed() {
		return nil, transport.ErrClosed
	}
	s := &subscription{connection: c, pattern: pattern, queue: queue, handle: handle, ended: make(chan struct{})}
	s.wake.L = &s.mutex
	c.broker.mutex.Lock()
	c.broker.all[s] = struct{}{}
	c.broker.mutex.Unlock()
	go s.run()
	return s, nil
}

func (s *subscription) push(m transport.Message) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.isOver {
		return
	}
	if len(s.pending) >= maxPending {
		go s.connection.listeners.Send(transport.Event{Kind: transport.Lost, Subject: s.pattern})
		return
	}
	s.pending = append(s.pending, m)
	s.wake.Signal()
}

func (s *subscription) run() {
	defer close(s.ended)
	for {
		s.mutex.Lock()
		for len(s.pending) == 0 && !s.isOver {
			s.wake.Wait()
		}
		pending := s.pending
		s.pending = nil
		s.mutex.Unlock()
		if len(pending) == 0 {
			return
		}
		for _, m := range pending {
			s.handle(m)
		}
	}
}

func (s *subscription) end(isDropped bool) {
	broker := s.connection.broker
	broker.mutex.Lock()
	delete(broker.all, s)
	broker.mutex.Unlock()
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.isOver = true
	if isDropped {
		s.pending = nil
	}
	s.wake.Signal()
}

// Drain ends the subscription and waits until all received messages are handled.
func (s *subscription) Drain(ctx context.Context) error {
	s.end(false)
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Unsubscribe ends the subscription.
func (s *subscription) Unsubscribe() { s.end(true) }

// Flush returns at once, because Publish delivers.
func (c *connection) Flush(context.Context) error {
	if c.closed() {
		return transport.ErrClosed
	}
	return nil
}

// Notify adds a listener.
func (c *connection) Notify(listen func(transport.Event)) func() { return c.listeners.Add(listen) }

// IsConnected reports whether the connection is open.
func (c *connection) IsConnected() bool { return !c.closed() }

// MaxPayload returns 1 MiB.
func (c *connection) MaxPayload() int { return maxPayload }

// InboxPrefix returns an empty text: there are no options.
func (c *connection) InboxPrefix() string { return "" }

func (c *connection) closed() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.isClosed
}

// Close ends all subscriptions of the connection.
func (c *connection) Close() {
	c.mutex.Lock()
	wasClosed := c.isClosed
	c.isClosed = true
	c.mutex.Unlock()
	if wasClosed {
		return
	}
	c.broker.mutex.Lock()
	var own []*subscription
	for s := range c.broker.all {
		if s.connection == c {
			own = append(own, s)
		}
	}
	c.broker.mutex.Unlock()
	for _, s := range own {
		s.end(false)
	}
	c.listeners.Send(transport.Event{Kind: transport.Closed})
}
