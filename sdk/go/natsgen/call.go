package natsgen

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

const (
	// requestIDHeader contains the id of a request; each retry has the same.
	requestIDHeader = "Request-Id"

	// timeoutHeader contains the remaining time of the caller in milliseconds, so the peers need no common clock.
	timeoutHeader = "Request-Timeout"

	// retryHeader contains the milliseconds after which the caller may try again. An error with it was not executed.
	retryHeader = "Retry-After-Ms"

	// traceHeader contains the trace context of the caller in the W3C format.
	traceHeader = "traceparent"
)

// CallOption is an option of a client.
type CallOption func(*callOptions)

type callOptions struct {
	timeout        time.Duration
	retries        int
	first, longest time.Duration
	attempt        time.Duration
	isDeduplicated bool
	requestID      string
}

// Timeout sets the timeout of a call, retries included. The default is that of the schema. The deadline of the context
// holds as well.
func Timeout(timeout time.Duration) CallOption {
	return func(o *callOptions) { o.timeout = timeout }
}

// Retries sets how often a call is repeated after a failure for which [CallError.IsRetryable] returns true. The pauses
// are random, at most 100 ms at first; the limit doubles up to 5 s. A pause is longer if the server asks for it, see
// [CallError.RetryAfter].
func Retries(count int) CallOption {
	return func(o *callOptions) { o.retries = count }
}

// RetryPauses sets the limits of the first and the longest pause.
func RetryPauses(first, longest time.Duration) CallOption {
	return func(o *callOptions) { o.first, o.longest = first, longest }
}

// AttemptTimeout sets the timeout of an attempt, for requests that may be repeated although they may have been executed.
func AttemptTimeout(timeout time.Duration) CallOption {
	return func(o *callOptions) { o.attempt = timeout }
}

// RetryDeduplicated also repeats requests whose outcome is unknown, under the same id. Use it only with servers that
// deduplicate, see [Deduplicate]. Other servers execute the request again.
func RetryDeduplicated() CallOption {
	return func(o *callOptions) { o.isDeduplicated = true }
}

// RequestID sets the id of the request. The default is a unique id for each call.
func RequestID(id string) CallOption {
	return func(o *callOptions) { o.requestID = id }
}

// Caller calls operations and publishes events. Generated clients contain one.
type Caller struct {
	conn    *Conn
	prefix  string
	options callOptions
}

// NewCaller returns a caller. The prefix of the connection, if it has one, replaces prefix.
func NewCaller(conn *Conn, prefix string, options ...CallOption) *Caller {
	c := &Caller{conn: conn, prefix: conn.prefixOr(prefix)}
	c.options.first, c.options.longest = 100*time.Millisecond, 5*time.Second
	for _, option := range options {
		option(&c.options)
	}
	return c
}

// call is the state of a call over all its attempts.
type call struct {
	caller    *Caller
	operation *Operation
	subject   string
	payload   []byte
	deadline  time.Time
	requestID string
	trace     string
	header    *requestHeader

	// isShared says that payload and header may still be in a queue of the transport.
	isShared bool
}

// requestHeader are the headers of a request. They are reused, because a new map for each call is expensive.
type requestHeader struct {
	header  transport.Header
	values  [3]string
	timeout time.Duration
}

var requestHeaders = sync.Pool{New: func() any {
	h := &requestHeader{header: make(transport.Header, 3)}
	h.header[requestIDHeader] = h.values[0:1:1]
	h.header[timeoutHeader] = h.values[1:2:2]
	return h
}}

// Call sends a request and reads the reply. It returns a [CallError]. The options hold beside those of the caller.
func (c *Caller) Call(
	ctx context.Context, operation *Operation, request codec.Encoder, reply codec.Decoder, options []CallOption,
	params ...string,
) error {
	begin := time.Now()
	if len(options) > 0 {
		own := *c
		for _, option := range options {
			option(&own.options)
		}
		c = &own
	}
	state := call{caller: c, operation: operation, requestID: c.options.requestID}
	failure := state.run(ctx, begin, request, reply, params)
	if observer := c.conn.observer; observer != nil {
		record := Record{
			Kind: CallEnded, Operation: operation.Name, Subject: state.subject, Latency: time.Since(begin),
		}
		if failure != nil {
			record.Err = failure
		}
		observer.Observe(record)
	}
	if failure != nil {
		return failure
	}
	return nil
}

func (s *call) failed(phase Phase, cause error) *CallError {
	return &CallError{
		Operation: s.operation.Name, Subject: s.subject, Phase: phase, Cause: cause, IsIdempotent: s.operation.Idempotent,
	}
}

func (s *call) run(
	ctx context.Context, begin time.Time, request codec.Encoder, reply codec.Decoder, params []string,
) *CallError {
	c := s.caller
	var err error
	if s.subject, err = s.operation.Subject.fill(c.prefix, params); err != nil {
		return s.failed(NotSent, err)
	}
	buffer := codec.GetBuffer()
	buffer.Bytes, err = codec.Append(buffer.Bytes, request)
	if err != nil {
		buffer.Free()
		return s.failed(NotSent, err)
	}
	s.payload = buffer.Bytes
	s.trace = Traceparent(ctx)
	timeout := c.options.timeout
	if timeout == 0 {
		timeout = s.operation.Timeout
	}
	s.deadline = begin.Add(timeout)
	if limit, ok := ctx.Deadline(); ok && limit.Before(s.deadline) {
		s.deadline = limit
	}
	s.header = requestHeaders.Get().(*requestHeader)
	failure := s.attempts(ctx, begin, reply)
	if !s.isShared {
		buffer.Free()
		requestHeaders.Put(s.header)
	}
	return failure
}

// attempts sends the request until it succeeds or must not be repeated.
func (s *call) attempts(ctx context.Context, now time.Time, reply codec.Decoder) *CallError {
	options := &s.caller.options
	mayRepeat := s.operation.Idempotent || options.isDeduplicated
	pause := options.first
	var unanswered error
	for left := options.retries; ; left-- {
		end := s.deadline
		if options.attempt > 0 && mayRepeat && left > 0 && now.Add(options.attempt).Before(end) {
			end = now.Add(options.attempt)
		}
		failure := s.attempt(ctx, now, end, reply)
		if failure == nil {
			return nil
		}
		s.combine(failure, &unanswered)
		if left == 0 || !failure.isRetryable(mayRepeat) || ctx.Err() != nil {
			return failure
		}
		wait := max(rand.N(pause+1), failure.RetryAfter)
		pause = min(2*pause, options.longest)
		if wait >= time.Until(s.deadline) {
			return failure
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return failure
		case now = <-timer.C:
		}
	}
}

// combine turns a failure without execution into an unknown outcome, if an earlier attempt may have been executed.
func (s *call) combine(failure *CallError, unanswered *error) {
	var fault *Fault
	switch {
	case failure.Phase == NoAnswer:
		*unanswered = failure.Cause
	case *unanswered == nil:
	case failure.Phase == NotSent, failure.RetryAfter > 0,
		errors.As(failure.Cause, &fault) && isUnexecuted(fault.Kind):
		failure.Phase, failure.Cause = NoAnswer, *unanswered
	}
}

// attempt sends the request once and waits for the reply until end.
func (s *call) attempt(ctx context.Context, now, end time.Time, reply codec.Decoder) *CallError {
	core := s.caller.conn.core
	if err := ctx.Err(); err != nil {
		return s.failed(NotSent, err)
	}
	if !core.transport.IsConnected() {
		return s.failed(NotSent, core.unconnected())
	}
	if !core.isOpen.Load() {
		limited, cancel := context.WithDeadline(ctx, end)
		err := core.open(limited)
		cancel()
		if err != nil {
			return s.failed(NotSent, err)
		}
	}
	if s.isShared {
		// The transport may still hold the headers of an earlier attempt.
		s.header = requestHeaders.Get().(*requestHeader)
	}
	number, w := core.pending.enter(s.subject)
	var buffer [128]byte
	inbox := string(appendToken(append(buffer[:0], core.inbox...), number))
	if s.requestID == "" {
		s.requestID = inbox[len(inbox)-tokenLength:]
	}
	message := transport.Message{Subject: s.subject, Reply: inbox, Header: s.headers(s.deadline.Sub(now)), Data: s.payload}
	core.transport.Post(message, &core.pending, number)
	a, ok := s.wait(ctx, number, w, now, end)
	waitingCalls.Put(w)
	if !ok {
		s.isShared = true
		return s.failed(a.phase, a.err)
	}
	if a.err != nil {
		s.isShared = true
		return s.failed(a.phase, a.err)
	}
	failure := s.read(&a.message, reply)
	if failure != nil {
		failure.RetryAfter = retryAfter(a.message.Header)
	}
	return failure
}

// retryAfter returns the time after which the server of an error expects another attempt; zero without a valid header.
func retryAfter(header transport.Header) time.Duration {
	millis, err := strconv.ParseUint(header.Get(retryHeader), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(min(max(millis, 1), math.MaxUint32)) * time.Millisecond
}

// wait waits for the answer of a call. It returns false with the cause if there is none.
func (s *call) wait(ctx context.Context, number uint64, w *waiting, now, end time.Time) (answer, bool) {
	var expired <-chan time.Time
	if limit, ok := ctx.Deadline(); !ok || end.Before(limit) {
		w.timer.Reset(end.Sub(now))
		expired = w.timer.C
	}
	var a answer
	select {
	case a = <-w.answer:
		if expired != nil {
			w.timer.Stop()
		}
		return a, true
	case <-ctx.Done():
		if expired != nil {
			w.timer.Stop()
		}
		a = answer{err: ctx.Err(), phase: NoAnswer}
	case <-expired:
		a = answer{err: context.DeadlineExceeded, phase: NoAnswer}
	}
	if late, ok := s.caller.conn.core.pending.leave(number, w); ok {
		return late, true
	}
	return a, false
}

func (s *call) headers(left time.Duration) transport.Header {
	h := s.header
	h.values[0] = transport.CleanValue(s.requestID)
	if left != h.timeout {
		// Rounded up, so that a server does not drop the request before the deadline of the caller.
		millis := int64((left + time.Millisecond - 1) / time.Millisecond)
		h.values[1], h.timeout = strconv.FormatInt(max(millis, 1), 10), left
	}
	if s.trace != "" {
		h.values[2] = transport.CleanValue(s.trace)
		h.header[traceHeader] = h.values[2:3:3]
	} else {
		delete(h.header, traceHeader)
	}
	return h.header
}

// read decodes a reply. A reply with the error header is an error, and so is a reply that violates its schema and has a
// text error. If the protocol has a form of its own, an error is looked for first.
func (s *call) read(m *transport.Message, reply codec.Decoder) *CallError {
	if len(m.Header) > 0 {
		if m.Header.Get("Status") == transport.NoResponders && len(m.Data) == 0 {
			return s.failed(NotSent, ErrNoResponders)
		}
		if form := s.operation.form(); m.Header.Has(errorCodeHeader) && form == nil {
			fault := readFault(m, s.operation)
			return s.failed(Refused, fault)
		}
	}
	if form := s.operation.form(); form != nil {
		if fault := form.read(m, s.operation); fault != nil {
			return s.failed(Refused, fault)
		}
		if err := codec.Decode(m.Data, codec.Reply, reply); err != nil {
			return s.failed(Unreadable, err)
		}
		return nil
	}
	err := codec.Decode(m.Data, codec.Reply, reply)
	if err == nil {
		return nil
	}
	if fault := readFault(m, s.operation); fault != nil {
		return s.failed(Refused, fault)
	}
	var stored acknowledgement
	if codec.Decode(m.Data, codec.Reply, &stored) == nil && stored.isComplete {
		return s.failed(NoAnswer, &StoredError{Stream: stored.stream})
	}
	return s.failed(Unreadable, err)
}

// acknowledgement is the reply of a JetStream stream.
type acknowledgement struct {
	stream     string
	isComplete bool
}

var acknowledgementFields = codec.NewFields(0b1, "stream", "seq", "error")

func (a *acknowledgement) DecodeFrom(r *codec.Reader) {
	o := r.Object(&acknowledgementFields)
	for o.Next() {
		switch o.Field {
		case 0:
			a.stream = r.String(0, -1)
		default:
			r.Raw()
			a.isComplete = true
		}
	}
}

// Publish publishes an event. It returns a [CallError] with the phase [NotSent]. Success does not mean that a subscriber
// received the event.
func (c *Caller) Publish(ctx context.Context, operation *Operation, event codec.Encoder, params ...string) error {
	begin := time.Now()
	state := call{caller: c, operation: operation}
	failure := state.publish(ctx, event, params)
	if failure != nil {
		return failure
	}
	if observer := c.conn.observer; observer != nil {
		observer.Observe(Record{
			Kind: EventPublished, Operation: operation.Name, Subject: state.subject, Latency: time.Since(begin),
		})
	}
	return nil
}

func (s *call) publish(ctx context.Context, event codec.Encoder, params []string) *CallError {
	core := s.caller.conn.core
	var err error
	if s.subject, err = s.operation.Subject.fill(s.caller.prefix, params); err != nil {
		return s.failed(NotSent, err)
	}
	if err := ctx.Err(); err != nil {
		return s.failed(NotSent, err)
	}
	if !core.transport.IsConnected() {
		return s.failed(NotSent, core.unconnected())
	}
	buffer := codec.GetBuffer()
	defer buffer.Free()
	if buffer.Bytes, err = codec.Append(buffer.Bytes, event); err != nil {
		return s.failed(NotSent, err)
	}
	message := transport.Message{Subject: s.subject, Data: buffer.Bytes}
	if trace := Traceparent(ctx); trace != "" {
		message.Header = transport.Header{traceHeader: {transport.CleanValue(trace)}}
	}
	if err := core.transport.Publish(&message); err != nil {
		return s.failed(NotSent, err)
	}
	return nil
}
