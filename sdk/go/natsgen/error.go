package natsgen

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// Phase says how far a failed call came.
type Phase string

// Phases.
const (
	// NotSent says that the request did not reach a server. It was not executed.
	NotSent Phase = "not_sent"

	// NoAnswer says that no reply arrived. It is unknown whether the request was executed.
	NoAnswer Phase = "no_answer"

	// Refused says that the server replied with an error, a [Fault].
	Refused Phase = "refused"

	// Unreadable says that the reply violates its schema. The request was probably executed.
	Unreadable Phase = "unreadable"
)

// Causes of failed calls.
var (
	// ErrNoResponders says that the subject has no subscriber.
	ErrNoResponders = errors.New("no responders")

	// ErrDisconnected says that the connection is lost.
	ErrDisconnected = transport.ErrDisconnected

	// ErrClosed says that the connection is closed.
	ErrClosed = transport.ErrClosed

	// ErrDenied says that the permissions of the server forbid the subject or the inbox.
	ErrDenied = transport.ErrDenied

	// ErrPerhapsDenied says that the permissions of the server forbid some requests to the subject, perhaps this one.
	ErrPerhapsDenied = errors.New("the server's permissions forbid some requests, perhaps this one")
)

// StoredError says that a JetStream stream answered in place of the server. Its subjects must not contain the subjects of
// requests.
type StoredError struct{ Stream string }

// Error names the stream.
func (e *StoredError) Error() string {
	return fmt.Sprintf("the JetStream stream %+q contains the subject of the request", e.Stream)
}

// CallError is a failed call. Its cause is one of the errors of this package, a [Fault], a [codec.Error], a
// [transport.TooLargeError], or the error of the context.
type CallError struct {
	// Operation is the name of the operation.
	Operation string

	// Subject is the subject of the request.
	Subject string

	// Phase says how far the call came.
	Phase Phase

	// Cause is the reason.
	Cause error

	// IsIdempotent says whether the operation is idempotent.
	IsIdempotent bool

	// RetryAfter is the time after which the server expects another attempt, if it refused the request for now; else zero.
	RetryAfter time.Duration
}

// Error describes the failure.
func (e *CallError) Error() string {
	phase := map[Phase]string{
		NotSent: "not sent", NoAnswer: "no answer, outcome unknown", Refused: "refused", Unreadable: "reply breaks its schema",
	}[e.Phase]
	return fmt.Sprintf("%s on %s: %s: %v", e.Operation, codec.Printable(e.Subject), phase, e.Cause)
}

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Cause }

// IsRetryable reports whether the same request may be sent again: it was not executed or is idempotent, and a later
// attempt can succeed.
func (e *CallError) IsRetryable() bool { return e.isRetryable(e.IsIdempotent) }

func (e *CallError) isRetryable(mayRepeat bool) bool {
	if e.RetryAfter > 0 {
		return true
	}
	switch e.Phase {
	case NotSent:
		return errors.Is(e.Cause, ErrNoResponders) || errors.Is(e.Cause, ErrDisconnected)
	case NoAnswer:
		var stored *StoredError
		return mayRepeat && !errors.As(e.Cause, &stored) && !errors.Is(e.Cause, context.Canceled)
	case Refused:
		var fault *Fault
		return errors.As(e.Cause, &fault) && isLater(fault.Kind)
	default:
		return false
	}
}

// IsRetryable reports whether err is a [CallError] after which the same request may be sent again.
func IsRetryable(err error) bool {
	var failure *CallError
	return errors.As(err, &failure) && failure.IsRetryable()
}
