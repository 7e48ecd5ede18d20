package natsgen

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

const (
	// maxEvents and maxEventBytes limit the events that a slow subscriber has not taken.
	maxEvents     = 65_536
	maxEventBytes = 64 << 20
)

// SubscribeOption is an option of a subscription.
type SubscribeOption func(*subscribeOptions)

type subscribeOptions struct{ queue string }

// QueueGroup shares the events among the subscriptions with the same group.
func QueueGroup(name string) SubscribeOption {
	return func(o *subscribeOptions) { o.queue = name }
}

// Received is an event with the parameters of its subject.
type Received[Params, Event any] struct {
	// Subject is the subject of the event.
	Subject string

	// Params are the parameters of the subject.
	Params Params

	// Event is the event.
	Event Event
}

// EventError is an event that violates its schema.
type EventError struct {
	// Operation is the name of the event.
	Operation string

	// Subject is the subject of the event.
	Subject string

	// Cause is the violation.
	Cause error
}

// Error describes the violation.
func (e *EventError) Error() string {
	return fmt.Sprintf("unreadable %s on %s: %v", e.Operation, codec.Printable(e.Subject), e.Cause)
}

// Unwrap returns the violation.
func (e *EventError) Unwrap() error { return e.Cause }

// Subscription receives events.
type Subscription[Params, Event any] struct {
	inner  transport.Subscription
	forget func() // ends the notifications of the connection
	decode func(*transport.Message) (Received[Params, Event], error)

	mutex   sync.Mutex
	queue   []transport.Message
	bytes   int
	lost    uint64
	isEnded bool
	wake    chan struct{}
}

// Subscribe subscribes to an event. Generated packages contain a function for each event.
func Subscribe[Event, Params any, PEvent interface {
	*Event
	codec.Decoder
}](
	ctx context.Context, conn *Conn, prefix string, operation *Operation, read func(Tokens) Params,
	options []SubscribeOption, filter ...string,
) (*Subscription[Params, Event], error) {
	settings := subscribeOptions{queue: operation.Queue}
	for _, option := range options {
		option(&settings)
	}
	prefix = conn.prefixOr(prefix)
	for i, param := range filter {
		if param == "" {
			continue
		}
		if err := operation.Subject.checks[i](param); err != nil {
			return nil, err
		}
	}
	s := &Subscription[Params, Event]{wake: make(chan struct{}, 1)}
	s.decode = func(m *transport.Message) (Received[Params, Event], error) {
		received := Received[Params, Event]{Subject: m.Subject}
		tokens, invalid := operation.Subject.parse(prefix, m.Subject)
		if invalid != nil {
			return received, &EventError{Operation: operation.Name, Subject: m.Subject, Cause: invalid}
		}
		received.Params = read(tokens)
		if err := codec.Decode(m.Data, codec.Reply, PEvent(&received.Event)); err != nil {
			return received, &EventError{Operation: operation.Name, Subject: m.Subject, Cause: err}
		}
		return received, nil
	}
	pattern := operation.Subject.template.Fill(prefix, filter)
	inner, err := conn.core.transport.Subscribe(ctx, pattern, settings.queue, s.push)
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", pattern, err)
	}
	s.inner = inner
	s.forget = conn.Notify(func(event transport.Event) {
		if event.Kind == transport.Closed {
			s.end()
		}
	})
	return s, nil
}

func (s *Subscription[Params, Event]) push(m transport.Message) {
	s.mutex.Lock()
	if s.isEnded || len(s.queue) >= maxEvents || s.bytes+len(m.Data) > maxEventBytes {
		s.lost++
		s.mutex.Unlock()
		return
	}
	s.queue = append(s.queue, m)
	s.bytes += len(m.Data)
	s.mutex.Unlock()
	s.signal()
}

func (s *Subscription[Params, Event]) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Subscription[Params, Event]) end() {
	s.mutex.Lock()
	s.isEnded = true
	s.mutex.Unlock()
	s.signal()
}

// take returns the next message. It returns false at the end of the subscription.
func (s *Subscription[Params, Event]) take() (m transport.Message, ok, isEnded bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if len(s.queue) == 0 {
		s.queue = nil
		return m, false, s.isEnded
	}
	m = s.queue[0]
	s.queue[0] = transport.Message{}
	s.queue = s.queue[1:]
	s.bytes -= len(m.Data)
	return m, true, false
}

// Next waits for the next event. It returns an [EventError] for an event that violates its schema, and [ErrClosed] after
// the end of the subscription. Only one goroutine may call it at a time.
func (s *Subscription[Params, Event]) Next(ctx context.Context) (Received[Params, Event], error) {
	for {
		m, ok, isEnded := s.take()
		switch {
		case ok:
			return s.decode(&m)
		case isEnded:
			return Received[Params, Event]{}, ErrClosed
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return Received[Params, Event]{}, ctx.Err()
		}
	}
}

// All iterates over the events until the end of ctx or of the subscription. An event that violates its schema comes with
// an [EventError].
func (s *Subscription[Params, Event]) All(ctx context.Context) iter.Seq2[Received[Params, Event], error] {
	return func(yield func(Received[Params, Event], error) bool) {
		for {
			received, err := s.Next(ctx)
			if err != nil && (isContext(err) || err == ErrClosed) {
				return
			}
			if !yield(received, err) {
				return
			}
		}
	}
}

// Lost returns the number of events that were dropped, because they were not taken in time.
func (s *Subscription[Params, Event]) Lost() uint64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.lost
}

// Close ends the subscription. [Subscription.Next] still returns the received events.
func (s *Subscription[Params, Event]) Close() {
	s.forget()
	s.inner.Unsubscribe()
	s.end()
}
