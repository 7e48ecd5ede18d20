package natsgen

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/subject"
)

// Router contains the operations of a service. Generated Serve functions fill it.
type Router struct {
	prefix  string
	listens []listen
	routes  []*route
}

type listen struct {
	template subject.Template
	queue    string
	known    map[string]string
	params   []string
}

// route is an operation with its handler.
type route struct {
	operation *Operation
	// run decodes the request, calls the handler and encodes the reply.
	run func(s *Server, j *job) ([]byte, error)
}

// invalidRequest is a request that violates its schema.
type invalidRequest struct{ cause *codec.Error }

func (e *invalidRequest) Error() string { return e.cause.Error() }

// NewRouter returns a router for subjects below prefix.
func NewRouter(prefix string) *Router { return &Router{prefix: prefix} }

// Listen adds a subscription to a pattern, in a queue group unless queue is empty. Names and values of its parameters
// follow in turn. A parameter without a value is a wildcard.
func (r *Router) Listen(pattern, queue string, params ...string) {
	l := listen{template: subject.NewTemplate(pattern), queue: queue, known: make(map[string]string)}
	for i := 0; i+1 < len(params); i += 2 {
		l.known[params[i]] = params[i+1]
	}
	for _, name := range l.template.Names() {
		l.params = append(l.params, l.known[name])
	}
	r.listens = append(r.listens, l)
}

// Handle adds an operation.
func Handle[Request, Reply any, PRequest interface {
	*Request
	codec.Decoder
}, PReply interface {
	*Reply
	codec.Encoder
}](r *Router, operation *Operation, handler func(context.Context, Request) (Reply, error)) {
	r.routes = append(r.routes, &route{operation: operation, run: func(_ *Server, j *job) ([]byte, error) {
		var request Request
		if err := decode(j.data, PRequest(&request)); err != nil {
			return nil, err
		}
		reply, err := handler(j, request)
		if err != nil {
			return nil, err
		}
		return encode(operation, PReply(&reply))
	}})
}

// HandleParams adds an operation whose subject has parameters beside that of the instance.
func HandleParams[Params, Request, Reply any, PRequest interface {
	*Request
	codec.Decoder
}, PReply interface {
	*Reply
	codec.Encoder
}](r *Router, operation *Operation, read func(Tokens) Params, handler func(context.Context, Params, Request) (Reply, error)) {
	r.routes = append(r.routes, &route{operation: operation, run: func(s *Server, j *job) ([]byte, error) {
		tokens, invalid := operation.Subject.parse(s.prefix, j.subject)
		if invalid != nil {
			return nil, &invalidRequest{cause: invalid}
		}
		var request Request
		if err := decode(j.data, PRequest(&request)); err != nil {
			return nil, err
		}
		reply, err := handler(j, read(tokens), request)
		if err != nil {
			return nil, err
		}
		return encode(operation, PReply(&reply))
	}})
}

func decode(data []byte, request codec.Decoder) error {
	err := codec.Decode(data, codec.Request, request)
	var invalid *codec.Error
	if errors.As(err, &invalid) {
		return &invalidRequest{cause: invalid}
	}
	return err
}

func encode(operation *Operation, reply codec.Encoder) ([]byte, error) {
	buffer := codec.GetBuffer()
	defer buffer.Free()
	var err error
	if buffer.Bytes, err = codec.Append(buffer.Bytes, reply); err != nil {
		slog.Error("a reply breaks its schema", "operation", operation.Name, "error", err)
		return nil, Internal
	}
	return append(make([]byte, 0, len(buffer.Bytes)), buffer.Bytes...), nil
}

// execute calls the handler of a job. A panic becomes the fault [Internal].
func (s *Server) execute(j *job) (r reply, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.counters.panicked.Add(1)
			slog.Error("a handler panicked",
				"operation", j.route.operation.Name, "cause", cause, "stack", string(debug.Stack()))
			r.header, r.data = j.route.operation.form().write(Internal.With(""))
			err = Internal
		}
	}()
	r.data, err = j.route.run(s, j)
	if err == nil {
		s.counters.answered.Add(1)
		return r, nil
	}
	fault := s.faultOf(j, err)
	r.header, r.data = j.route.operation.form().write(fault)
	if millis := j.retry.Load(); millis > 0 && j.route.operation.declared(fault.Kind.code) == fault.Kind {
		r.header[retryHeader] = []string{strconv.FormatInt(millis, 10)}
	}
	return r, err
}

func (s *Server) faultOf(j *job, err error) *Fault {
	var invalid *invalidRequest
	if errors.As(err, &invalid) {
		s.counters.invalid.Add(1)
		return &Fault{Kind: BadRequest, Detail: invalid.cause.Reason, Pointer: invalid.cause.Pointer}
	}
	s.counters.answered.Add(1)
	operation := j.route.operation
	if fault := faultOf(err, operation); fault != nil {
		return fault
	}
	if !errors.Is(err, Internal) {
		slog.Error("a handler failed", "operation", operation.Name, "error", err)
	}
	return Internal.With("")
}

// find returns the route of a subject.
func (s *Server) find(text string) *route {
	if r, ok := s.exact[text]; ok {
		return r
	}
	for _, r := range s.routes {
		if _, ok := r.operation.Subject.template.Parse(s.prefix, text); ok {
			return r
		}
	}
	return nil
}

// exactRoutes returns the routes whose subjects the parameters of the subscriptions determine.
func (r *Router) exactRoutes(prefix string) map[string]*route {
	known := make(map[string]string)
	for i := range r.listens {
		maps.Copy(known, r.listens[i].known)
	}
	exact := make(map[string]*route)
	for _, route := range r.routes {
		template := &route.operation.Subject.template
		params := make([]string, 0, len(template.Names()))
		for _, name := range template.Names() {
			if value, ok := known[name]; ok {
				params = append(params, value)
			}
		}
		if len(params) == len(template.Names()) {
			exact[template.Fill(prefix, params)] = route
		}
	}
	return exact
}

// command returns the tokens of a subject that name the operation.
func command(template *subject.Template, prefix, text string) string {
	rest := strings.TrimPrefix(text, prefix+".")
	for range strings.Count(template.String(), ".") {
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		rest = after
	}
	return rest
}
