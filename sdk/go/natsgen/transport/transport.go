// Package transport carries messages: over NATS, or within the process for tests.
package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Header contains the headers of a message.
type Header map[string][]string

// Get returns the first value of a header. Names are compared without regard to case.
func (h Header) Get(name string) string {
	if len(h) == 0 {
		return ""
	}
	if values, ok := h[name]; ok && len(values) > 0 {
		return values[0]
	}
	for key, values := range h {
		if len(values) > 0 && strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}

// Has reports whether there is a header with this name.
func (h Header) Has(name string) bool {
	if _, ok := h[name]; ok {
		return true
	}
	for key := range h {
		if strings.EqualFold(key, name) {
			return true
		}
	}
	return false
}

// Size returns the size of the headers on the wire in bytes.
func (h Header) Size() int {
	if len(h) == 0 {
		return 0
	}
	const frame, line = len("NATS/1.0\r\n\r\n"), len(": \r\n")
	size := frame
	for name, values := range h {
		for _, value := range values {
			size += len(name) + len(value) + line
		}
	}
	return size
}

// CleanValue returns text as the value of a header: control characters become spaces.
func CleanValue(text string) string {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] == 0x7f {
			return strings.TrimSpace(strings.Map(func(c rune) rune {
				if c < ' ' || c == 0x7f {
					return ' '
				}
				return c
			}, text))
		}
	}
	return text
}

// NoResponders is the status of a reply that the server sends if a subject has no subscriber.
const NoResponders = "503"

// Message is a message that is sent or received.
type Message struct {
	// Subject is the subject of the message.
	Subject string

	// Reply is the subject for replies; empty if there is none.
	Reply string

	// Header contains the headers; nil if there are none.
	Header Header

	// Data is the payload. The receiver may keep it, the sender may not change it before the message is sent.
	Data []byte
}

// Size returns the size of payload and headers in bytes.
func (m *Message) Size() int { return len(m.Data) + m.Header.Size() }

// Errors of Publish and Subscribe.
var (
	// ErrDisconnected says that the connection is lost. It is established again later.
	ErrDisconnected = errors.New("not connected")

	// ErrClosed says that the connection is closed.
	ErrClosed = errors.New("the connection is closed")

	// ErrDenied says that the permissions of the server forbid it.
	ErrDenied = errors.New("the server's permissions forbid it")
)

// TooLargeError says that a message exceeds the limit of the server.
type TooLargeError struct {
	// Size and Limit are in bytes, headers included.
	Size, Limit int
}

// Error returns size and limit.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("%d bytes are too large, the limit is %d", e.Size, e.Limit)
}

// EventKind is the kind of an [Event].
type EventKind int

// Kinds of events.
const (
	// Connected says that the connection is established again.
	Connected EventKind = iota

	// Disconnected says that the connection is lost.
	Disconnected

	// Closed says that the connection is closed. It is the last event.
	Closed

	// PublishDenied says that the server refused a message to the subject.
	PublishDenied

	// SubscribeDenied says that the server refused a subscription to the subject.
	SubscribeDenied

	// Lost says that a subscription lost messages, because its reader is slow.
	Lost

	// Failed says that the server reported another error.
	Failed
)

// Event is a change of a connection.
type Event struct {
	// Kind is the kind of the change.
	Kind EventKind

	// Subject is the subject that the change concerns.
	Subject string

	// Err is the cause, if it is known.
	Err error
}

// Sender receives the errors of messages that were posted but not sent.
type Sender interface {
	// NotSent is called with the number that was given to Post.
	NotSent(number uint64, err error)
}

// Transport carries messages. Its methods can be called from any goroutine.
type Transport interface {
	// Publish sends a message. It returns an error if the connection is lost, if it is closed, or if the message is too
	// large. The caller may reuse the payload and the headers afterwards.
	Publish(m *Message) error

	// Post is like Publish, but may send the message later, and reports an error to sender with this number. Payload and
	// headers must not change until the message is sent.
	Post(m Message, sender Sender, number uint64)

	// Subscribe receives the messages that match pattern. The subscription calls handle for one message after the other.
	// A message is sent to a single member of a queue group, unless queue is empty. Subscribe waits until the server has
	// confirmed the subscription, unless the connection is lost.
	Subscribe(ctx context.Context, pattern, queue string, handle func(Message)) (Subscription, error)

	// Flush waits until the server has received all earlier messages.
	Flush(ctx context.Context) error

	// Notify calls listen for each event from now on, one after the other, until remove is called. listen must not block.
	Notify(listen func(Event)) (remove func())

	// IsConnected reports whether the connection is established now.
	IsConnected() bool

	// MaxPayload returns the greatest size of a message in bytes, headers included.
	MaxPayload() int

	// InboxPrefix returns the first tokens of the inboxes, if the options of the connection set them.
	InboxPrefix() string

	// Close sends the accepted messages and closes the connection.
	Close()
}

// Subscription is a subscription of a transport.
type Subscription interface {
	// Drain ends the subscription and waits until all received messages are handled.
	Drain(ctx context.Context) error

	// Unsubscribe ends the subscription. Received messages that are not handled yet are dropped.
	Unsubscribe()
}
