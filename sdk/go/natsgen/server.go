package natsgen

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/subject"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// ServeOption is an option of a server.
type ServeOption func(*serveOptions)

type serveOptions struct {
	limits limits
	grace  time.Duration
	drain  time.Duration
	dedup  *dedupLimits
}

// Concurrency sets how many requests run at the same time; default 1,024.
func Concurrency(requests int) ServeOption {
	return func(o *serveOptions) { o.limits.concurrency = max(requests, 1) }
}

// Queue sets how many requests wait; default 16,384. Further requests are refused as [Overloaded].
func Queue(requests int) ServeOption {
	return func(o *serveOptions) { o.limits.queue = max(requests, 1) }
}

// PerKey sets how many requests wait for an ordering key; default an eighth of the queue. Further requests are refused as
// [KeyOverloaded]. They may take the same fraction of the bytes.
func PerKey(requests int) ServeOption {
	return func(o *serveOptions) { o.limits.perKey = max(requests, 1) }
}

// Bytes sets the size of all requests that wait or run, in bytes; default 64 MiB. Further requests are refused as
// [Overloaded].
func Bytes(bytes int) ServeOption {
	return func(o *serveOptions) { o.limits.bytes = bytes }
}

// Reserve sets the number of further places for control requests; default 16.
func Reserve(requests int) ServeOption {
	return func(o *serveOptions) { o.limits.reserve = max(requests, 0) }
}

// Grace sets how long a control request waits for the running request with its ordering key; default 1 s. Then the
// context of the running request ends, and the request is answered as [Aborted].
func Grace(limit time.Duration) ServeOption {
	return func(o *serveOptions) { o.grace = limit }
}

// DrainLimit sets how long a shutdown waits for requests; default 20 s. Then the requests that wait are refused as
// [Draining], and the contexts of the running ones end.
func DrainLimit(limit time.Duration) ServeOption {
	return func(o *serveOptions) { o.drain = limit }
}

// Deduplicate executes repeated requests of operations that are not idempotent once. The server keeps up to so many
// executed requests, and replies of so many bytes, for this time. Usual values are 65,536 requests, 16 MiB, 10 minutes.
func Deduplicate(requests, bytes int, age time.Duration) ServeOption {
	return func(o *serveOptions) { o.dedup = &dedupLimits{requests: max(requests, 1), bytes: bytes, age: age} }
}

// Server executes the requests of a service.
type Server struct {
	conn     *Conn
	prefix   string
	routes   []*route
	exact    map[string]*route
	options  serveOptions
	schedule schedule
	dedup    *dedup
	counters counters
	parent   context.Context
	workers  workers

	subscriptions []transport.Subscription
	forget        func() // ends the notifications of the connection
	shutdown      sync.Once
	done          chan struct{}
}

type counters struct {
	received, answered, invalid, expired, refused, panicked, ignored, unsent, repeated, cancelled, aborted atomic.Uint64
}

// Stats are the counters of a server since its start.
type Stats struct {
	// Received are all messages.
	Received uint64

	// Answered are the requests that a handler answered.
	Answered uint64

	// Invalid are the requests that violate their schema or match no operation.
	Invalid uint64

	// Expired are the requests whose deadline passed before their execution.
	Expired uint64

	// Refused are the requests without room, or during a shutdown.
	Refused uint64

	// Panicked are the panics of handlers.
	Panicked uint64

	// Ignored are the messages without an inbox of a caller as their reply subject. They are not executed.
	Ignored uint64

	// Unsent are the replies that could not be sent.
	Unsent uint64

	// Repeated are the duplicates that got the reply of the first request.
	Repeated uint64

	// Cancelled are the requests that a control request overtook while they waited.
	Cancelled uint64

	// Aborted are the running requests that a control request stopped.
	Aborted uint64

	// Running and Waiting are the requests now.
	Running, Waiting int

	// Saturation is the reason why the server is saturated now; empty if it is not. A paused server is not.
	Saturation Saturation
}

// Serve subscribes and serves requests until [Server.Shutdown], or until the connection is closed. It returns when the
// server has confirmed the subscriptions. The contexts of handlers carry the values of ctx, but not its end.
func (r *Router) Serve(ctx context.Context, conn *Conn, options ...ServeOption) (*Server, error) {
	s := &Server{
		conn: conn, prefix: conn.prefixOr(r.prefix), routes: r.routes, done: make(chan struct{}),
		parent: context.WithoutCancel(ctx),
	}
	s.options = serveOptions{
		limits: limits{concurrency: 1024, queue: 16_384, reserve: 16, bytes: 64 << 20},
		grace:  time.Second, drain: 20 * time.Second,
	}
	for _, option := range options {
		option(&s.options)
	}
	if s.options.limits.perKey == 0 {
		s.options.limits.perKey = max(s.options.limits.queue/8, 1)
	}
	s.exact = r.exactRoutes(s.prefix)
	s.schedule = schedule{limits: s.options.limits, lanes: make(map[string]*lane)}
	if s.options.dedup != nil {
		s.dedup = newDedup(*s.options.dedup)
	}
	for i := range r.listens {
		if err := s.listen(ctx, &r.listens[i]); err != nil {
			s.unsubscribe()
			return nil, err
		}
	}
	s.forget = conn.Notify(func(event transport.Event) {
		if event.Kind == transport.Closed {
			go s.close()
		}
	})
	return s, nil
}

func (s *Server) listen(ctx context.Context, l *listen) error {
	for _, param := range l.known {
		if err := subject.CheckToken(param); err != nil {
			return err
		}
	}
	pattern := l.template.Fill(s.prefix, l.params)
	subscription, err := s.conn.core.transport.Subscribe(ctx, pattern, l.queue, func(m transport.Message) {
		s.receive(&l.template, m)
	})
	if err != nil {
		return fmt.Errorf("subscribe to %s: %w", pattern, err)
	}
	s.subscriptions = append(s.subscriptions, subscription)
	return nil
}

// receive adds a request to the schedule.
func (s *Server) receive(template *subject.Template, m transport.Message) {
	s.counters.received.Add(1)
	r := s.find(m.Subject)
	if m.Reply == "" || !subject.IsInbox(m.Reply, s.conn.core.transport.InboxPrefix()) || !s.isCaller(r, m.Reply) {
		s.counters.ignored.Add(1)
		return
	}
	if r == nil {
		s.counters.invalid.Add(1)
		s.sendFault(m.Reply, UnknownCommand.With(command(template, s.prefix, m.Subject)))
		return
	}
	now := time.Now()
	j := &job{route: r, data: m.Data, inbox: m.Reply, begin: now}
	j.parent, j.subject, j.header = s.parent, m.Subject, m.Header
	j.size = m.Size() + len(m.Subject)
	j.deadline = now.Add(timeoutOf(&m, r.operation.Timeout))
	if ordering := r.operation.Ordering; ordering != "" {
		j.key, j.hasKey = codec.FindKey(m.Data, ordering)
	}
	if s.dedup != nil && !r.operation.Idempotent && !s.isFirst(j, &m) {
		return
	}
	s.admit(j, now)
}

// isCaller returns false if the inbox belongs to a role that may not call the operation. Without a route, the inbox must
// belong to a role that may call some operation.
func (s *Server) isCaller(r *route, inbox string) bool {
	if r != nil {
		return r.operation.mayCall(inbox)
	}
	return slices.ContainsFunc(s.routes, func(r *route) bool { return r.operation.mayCall(inbox) })
}

// timeoutOf returns the remaining time of the caller. A message without the header has the timeout of the schema.
func timeoutOf(m *transport.Message, timeout time.Duration) time.Duration {
	text := m.Header.Get(timeoutHeader)
	if text == "" {
		return timeout
	}
	millis, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return timeout
	}
	const longest = 1 << 40 // 34 years
	return time.Duration(min(millis, longest)) * time.Millisecond
}

// isFirst reports whether a request is not a duplicate. It answers duplicates.
func (s *Server) isFirst(j *job, m *transport.Message) bool {
	id := m.Header.Get(requestIDHeader)
	if id == "" {
		return true
	}
	j.name, j.hasName = s.dedup.key(m, id), true
	found, known := s.dedup.begin(j.name, j.inbox, j.begin)
	switch found {
	case isNew:
		return true
	case isPending:
		s.counters.repeated.Add(1)
	case isFull:
		s.counters.refused.Add(1)
		s.sendFault(j.inbox, Overloaded.With(""))
	case isExecuted:
		s.counters.repeated.Add(1)
		if known == nil {
			s.sendFault(j.inbox, ReplyForgotten.With(""))
		} else {
			s.send(j.inbox, *known)
		}
	}
	return false
}

func (s *Server) admit(j *job, now time.Time) {
	a := s.schedule.admit(j, now)
	for _, expired := range a.expired {
		s.counters.expired.Add(1)
		s.refuse(expired, DeadlineExceeded)
	}
	for _, cancelled := range a.cancelled {
		s.counters.cancelled.Add(1)
		s.refuse(cancelled, Cancelled)
	}
	if a.overtaken != nil {
		time.AfterFunc(s.options.grace, func() { s.abort(a.overtaken) })
	}
	switch {
	case a.fault != nil:
		s.counters.refused.Add(1)
		s.refuse(j, a.fault)
	case a.start:
		s.workers.start(s, j)
	}
	if len(a.expired) > 0 || len(a.cancelled) > 0 {
		s.startReady()
	}
}

// startReady starts the jobs that may run.
func (s *Server) startReady() {
	for j := s.schedule.take(); j != nil; j = s.schedule.take() {
		s.workers.start(s, j)
	}
}

// abort stops a running job for a control request.
func (s *Server) abort(j *job) {
	if !s.schedule.abort(j) {
		return
	}
	s.counters.aborted.Add(1)
	j.end(context.Canceled)
	s.complete(j, s.faultReply(Aborted.With("")))
	s.startReady()
}

// work executes a job and those after it.
func (s *Server) work(j *job) {
	for j != nil {
		s.run(j)
		j = s.schedule.finish(j)
	}
}

func (s *Server) run(j *job) {
	if (j.isQueued || !j.begin.Before(j.deadline)) && !time.Now().Before(j.deadline) {
		s.counters.expired.Add(1)
		if s.schedule.answer(j) {
			s.refuse(j, DeadlineExceeded)
		}
		return
	}
	r, err := s.execute(j)
	j.end(context.Canceled)
	if s.schedule.answer(j) {
		s.complete(j, r)
	}
	if observer := s.conn.observer; observer != nil {
		observer.Observe(Record{
			Kind: RequestEnded, Operation: j.route.operation.Name, Subject: j.subject, Latency: time.Since(j.begin), Err: err,
		})
	}
}

// complete answers a job that was executed, and its duplicates.
func (s *Server) complete(j *job, r reply) {
	if limit := s.conn.core.transport.MaxPayload(); r.size() > limit {
		detail := strconv.Itoa(r.size()) + " bytes, the limit is " + strconv.Itoa(limit)
		r = s.faultReply(ReplyTooLarge.With(detail))
	}
	if j.hasName {
		for _, inbox := range s.endDuplicates(j, r) {
			s.send(inbox, r)
		}
	}
	s.send(j.inbox, r)
}

// endDuplicates returns the reply subjects of the duplicates of a job. It keeps the reply, unless the request may be sent
// again because it was not executed.
func (s *Server) endDuplicates(j *job, r reply) []string {
	if r.header.Has(retryHeader) {
		return s.dedup.release(j.name)
	}
	return s.dedup.complete(j.name, r, time.Now())
}

// refuse answers a job that is not executed, and its duplicates.
func (s *Server) refuse(j *job, kind *FaultKind) {
	r := s.faultReply(kind.With(""))
	if j.hasName {
		for _, inbox := range s.dedup.release(j.name) {
			s.send(inbox, r)
		}
	}
	s.send(j.inbox, r)
}

func (s *Server) faultReply(f *Fault) reply {
	var form *ErrorForm
	if len(s.routes) > 0 {
		form = s.routes[0].operation.form()
	}
	header, data := form.write(f)
	return reply{header: header, data: data}
}

func (s *Server) sendFault(inbox string, f *Fault) { s.send(inbox, s.faultReply(f)) }

func (s *Server) send(inbox string, r reply) {
	s.conn.core.transport.Post(transport.Message{Subject: inbox, Header: r.header, Data: r.data}, s, 0)
}

// NotSent counts a reply that was not sent.
func (s *Server) NotSent(_ uint64, _ error) { s.counters.unsent.Add(1) }

// Stats returns the counters.
func (s *Server) Stats() Stats {
	c := &s.counters
	running, waiting := s.schedule.load()
	return Stats{
		Received: c.received.Load(), Answered: c.answered.Load(), Invalid: c.invalid.Load(), Expired: c.expired.Load(),
		Refused: c.refused.Load(), Panicked: c.panicked.Load(), Ignored: c.ignored.Load(), Unsent: c.unsent.Load(),
		Repeated: c.repeated.Load(), Cancelled: c.cancelled.Load(), Aborted: c.aborted.Load(),
		Running: running, Waiting: waiting, Saturation: s.schedule.saturation(),
	}
}

// Done returns a channel that is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Pause stops the start of further requests. They wait, up to their deadlines and the limits of the server.
func (s *Server) Pause() { s.schedule.pause(true) }

// Resume ends a pause.
func (s *Server) Resume() {
	s.schedule.pause(false)
	s.startReady()
}

// HandOver unsubscribes and drops the requests that wait without an answer, because another server receives them as
// well. Running requests are completed. The server still needs a [Server.Shutdown].
func (s *Server) HandOver() {
	s.unsubscribe()
	for _, j := range s.schedule.clear() {
		if j.hasName {
			s.dedup.release(j.name)
		}
	}
}

// Shutdown unsubscribes, completes the received requests and sends their replies. After the end of ctx, and after the
// drain limit, requests that wait are refused as [Draining].
func (s *Server) Shutdown(ctx context.Context) error {
	err := context.Cause(ctx)
	s.shutdown.Do(func() { err = s.end(ctx) })
	select {
	case <-s.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) end(ctx context.Context) error {
	defer close(s.done)
	defer s.workers.stop()
	s.forget()
	s.Resume()
	ctx, cancel := context.WithTimeout(ctx, s.options.drain)
	defer cancel()
	var failures []error
	for _, subscription := range s.subscriptions {
		failures = append(failures, subscription.Drain(ctx))
	}
	select {
	case <-s.schedule.settled():
	case <-ctx.Done():
		failures = append(failures, ctx.Err())
		for _, j := range s.schedule.clear() {
			s.counters.refused.Add(1)
			s.refuse(j, Draining)
		}
	}
	flushed, stop := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer stop()
	if err := s.conn.Flush(flushed); err != nil && !errors.Is(err, ErrClosed) {
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// close ends the server after its connection.
func (s *Server) close() {
	s.shutdown.Do(func() {
		defer close(s.done)
		s.unsubscribe()
		for _, j := range s.schedule.clear() {
			j.end(context.Canceled)
		}
		s.workers.stop()
	})
}

func (s *Server) unsubscribe() {
	for _, subscription := range s.subscriptions {
		subscription.Unsubscribe()
	}
}
