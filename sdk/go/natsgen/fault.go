package natsgen

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

const (
	// errorCodeHeader marks a reply as an error and contains its status.
	errorCodeHeader = "Nats-Service-Error-Code"

	// errorHeader contains the text of an error.
	errorHeader = "Nats-Service-Error"

	// headerTextLimit is the greatest size of a text in the header in bytes. The body contains the whole text.
	headerTextLimit = 200
)

// FaultKind is an entry of the error catalogue of a protocol. It is an error itself: a handler returns it, and a caller
// compares it with errors.Is.
type FaultKind struct {
	code      string
	text      string
	status    int
	hasDetail bool
}

// NewFaultKind returns an entry with the code on the wire, a status as in HTTP, and the text before the detail.
func NewFaultKind(code string, status int, text string, hasDetail bool) *FaultKind {
	return &FaultKind{code: code, status: status, text: text, hasDetail: hasDetail}
}

// Code returns the code on the wire.
func (k *FaultKind) Code() string { return k.code }

// Status returns the status, as in HTTP.
func (k *FaultKind) Status() int { return k.status }

// Error returns the text without a detail.
func (k *FaultKind) Error() string { return strings.TrimSuffix(k.text, ": ") }

// With returns the fault with a detail.
func (k *FaultKind) With(detail string) *Fault { return &Fault{Kind: k, Detail: detail} }

// Fault is an error that a peer returned for a request.
type Fault struct {
	// Kind is the entry of the catalogue; nil for an error that this version of the protocol does not know.
	Kind *FaultKind

	// Code is the code of an unknown error, if the peer sent one.
	Code string

	// Detail follows the text of the kind. For an unknown error it is the whole text.
	Detail string

	// Pointer is the JSON pointer of the invalid value of a [BadRequest].
	Pointer string
}

// Error returns the text.
func (f *Fault) Error() string {
	text := codec.Printable(f.text())
	if f.Pointer != "" {
		text += " at " + codec.Printable(f.Pointer)
	}
	if f.Kind == nil && f.Code != "" {
		text += " (" + codec.Printable(f.Code) + ")"
	}
	return text
}

func (f *Fault) text() string {
	if f.Kind == nil {
		return f.Detail
	}
	return f.Kind.text + f.Detail
}

// Is reports whether the fault is of this kind.
func (f *Fault) Is(target error) bool {
	kind, ok := target.(*FaultKind)
	return ok && kind == f.Kind
}

// Standard faults, which servers return for each operation.
var (
	// BadRequest says that the request violates its schema.
	BadRequest = NewFaultKind("bad_request", 400, "bad request: ", true)

	// UnknownCommand says that the server has no operation with this subject.
	UnknownCommand = NewFaultKind("unknown_command", 404, "unknown command: ", true)

	// DeadlineExceeded says that the deadline passed before the server started the request. It was not executed.
	DeadlineExceeded = NewFaultKind("deadline_exceeded", 408, "deadline exceeded", false)

	// Overloaded says that the queue of the server is full. The request was not executed.
	Overloaded = NewFaultKind("overloaded", 429, "overloaded", false)

	// KeyOverloaded says that too many requests wait for the ordering key. The request was not executed.
	KeyOverloaded = NewFaultKind("key_overloaded", 429, "overloaded: too many requests with this ordering key", false)

	// Draining says that the server shuts down. The request was not executed.
	Draining = NewFaultKind("draining", 503, "draining", false)

	// Cancelled says that a control request overtook the request. It was not executed.
	Cancelled = NewFaultKind("cancelled", 409, "cancelled", false)

	// Aborted says that a control request stopped the running request. Its effects are unknown.
	Aborted = NewFaultKind("aborted", 409, "aborted", false)

	// Internal is an error of the server without details.
	Internal = NewFaultKind("internal", 500, "internal error", false)

	// ReplyTooLarge says that the request was executed, but the reply exceeds the size of a message.
	ReplyTooLarge = NewFaultKind("reply_too_large", 413, "reply too large: ", true)

	// ReplyForgotten says that an earlier request with this id was executed, but the server no longer has the reply.
	ReplyForgotten = NewFaultKind("reply_forgotten", 410, "executed before, reply forgotten", false)
)

var standard = NewCatalogue(
	BadRequest, UnknownCommand, DeadlineExceeded, Overloaded, KeyOverloaded, Draining, Cancelled, Aborted, Internal,
	ReplyTooLarge, ReplyForgotten,
)

// isUnexecuted reports whether the server did not execute the request.
func isUnexecuted(kind *FaultKind) bool { return isLater(kind) || kind == Cancelled }

// isLater reports whether the server did not execute the request, and a later attempt can succeed.
func isLater(kind *FaultKind) bool {
	return kind == DeadlineExceeded || kind == Overloaded || kind == KeyOverloaded || kind == Draining
}

// Catalogue contains the errors of a protocol.
type Catalogue struct {
	kinds  []*FaultKind
	byCode map[string]*FaultKind
	form   *ErrorForm
}

// NewCatalogue returns the catalogue with these errors.
func NewCatalogue(kinds ...*FaultKind) *Catalogue {
	c := &Catalogue{kinds: kinds, byCode: make(map[string]*FaultKind, len(kinds))}
	for _, kind := range kinds {
		c.byCode[kind.code] = kind
	}
	return c
}

// InForm sets the form of errors in replies.
func (c *Catalogue) InForm(form ErrorForm) *Catalogue {
	c.form = &form
	return c
}

// Find returns the error with this code; nil if there is none.
func (c *Catalogue) Find(code string) *FaultKind { return c.byCode[code] }

// byText returns the kind with the longest text that begins text.
func (c *Catalogue) byText(text string) (*FaultKind, string) {
	var found *FaultKind
	for _, kind := range c.kinds {
		detail, ok := strings.CutPrefix(text, kind.text)
		if ok && (kind.hasDetail || detail == "") && (found == nil || len(kind.text) > len(found.text)) {
			found = kind
		}
	}
	if found == nil {
		return nil, text
	}
	return found, text[len(found.text):]
}

// faultBody is the payload of an error. Peers without codes send only the text.
type faultBody struct {
	Error   *string
	Code    *string
	Pointer *string
}

var faultFields = codec.NewFields(0, "error", "code", "pointer")

func (b *faultBody) DecodeFrom(r *codec.Reader) {
	o := r.Object(&faultFields)
	for o.Next() {
		raw := r.Raw()
		var text string
		if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
			continue
		}
		switch o.Field {
		case 0:
			b.Error = &text
		case 1:
			b.Code = &text
		case 2:
			b.Pointer = &text
		}
	}
}

func (b *faultBody) EncodeTo(w *codec.Writer) {
	w.Object()
	for i, text := range []*string{b.Error, b.Code, b.Pointer} {
		if text != nil {
			w.Field([]string{"error", "code", "pointer"}[i])
			w.String(*text, 0, -1)
		}
	}
	w.EndObject()
}

// writeFault returns headers and payload of an error reply.
func writeFault(f *Fault) (transport.Header, []byte) {
	text := strings.ToValidUTF8(f.text(), "\ufffd")
	pointer := strings.ToValidUTF8(f.Pointer, "\ufffd")
	body := faultBody{Error: &text, Code: &f.Kind.code}
	if f.Kind == BadRequest {
		body.Pointer = &pointer
	}
	data, err := codec.Marshal(&body)
	if err != nil {
		// The body consists of valid texts.
		data = []byte("{}")
	}
	return transport.Header{
		errorCodeHeader: {strconv.Itoa(f.Kind.status)},
		errorHeader:     {oneLine(text)},
	}, data
}

func oneLine(text string) string {
	if len(text) > headerTextLimit {
		end := headerTextLimit
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	return transport.CleanValue(text)
}

// readFault returns the error that a reply describes; nil if it describes none.
func readFault(m *transport.Message, operation *Operation) *Fault {
	var body faultBody
	if codec.Decode(m.Data, codec.Reply, &body) != nil {
		body = faultBody{}
	}
	if body.Error == nil {
		if !m.Header.Has(errorCodeHeader) {
			return nil
		}
		text := m.Header.Get(errorHeader)
		body.Error = &text
	}
	fault := &Fault{Detail: *body.Error}
	if body.Code != nil {
		fault.Code = *body.Code
		if fault.Kind = operation.declared(fault.Code); fault.Kind == nil {
			fault.Kind = standard.byCode[fault.Code]
		}
		if fault.Kind != nil {
			fault.Detail = strings.TrimPrefix(fault.Detail, fault.Kind.text)
		}
	} else {
		fault.Kind, fault.Detail = operation.byText(*body.Error)
		if fault.Kind != nil {
			fault.Code = fault.Kind.code
			if standard.byCode[fault.Code] != fault.Kind && operation.declared(fault.Code) == nil {
				// The operation does not declare this error of the catalogue.
				fault.Kind, fault.Detail = nil, *body.Error
			}
		}
	}
	if fault.Kind != nil {
		fault.Code = fault.Kind.code
		if body.Pointer != nil {
			fault.Pointer = *body.Pointer
		}
	}
	return fault
}

// faultOf returns the declared fault in err; nil if there is none.
func faultOf(err error, operation *Operation) *Fault {
	var fault *Fault
	if !errors.As(err, &fault) {
		var kind *FaultKind
		if !errors.As(err, &kind) {
			return nil
		}
		fault = &Fault{Kind: kind}
	}
	if fault.Kind == nil || operation.declared(fault.Kind.code) != fault.Kind {
		return nil
	}
	return fault
}
