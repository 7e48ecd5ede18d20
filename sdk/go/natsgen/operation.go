package natsgen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/subject"
)

// Operation describes a request or an event. Generated packages contain one for each.
type Operation struct {
	// Name is the name in the schema.
	Name string

	// Subject is the subject below the prefix.
	Subject Subject

	// From is the role that calls the operation.
	From string

	// Roles are all roles of the protocol.
	Roles []string

	// Timeout is the timeout of a call.
	Timeout time.Duration

	// Catalogue contains the errors of the protocol.
	Catalogue *Catalogue

	// Faults are the errors that the operation declares.
	Faults []*FaultKind

	// Queue is the queue group of the subscribers to an event; empty if all receive it.
	Queue string

	// Ordering is the member of the request whose value orders requests; empty if they run in parallel.
	Ordering string

	// Idempotent says that a second execution has no further effect.
	Idempotent bool

	// Control says that requests overtake other requests with the same ordering key.
	Control bool
}

// mayCall returns false if the inbox belongs to a role that may not call the operation. An inbox without the name of a
// role may belong to each role.
func (o *Operation) mayCall(inbox string) bool {
	label := subject.InboxLabel(inbox)
	return label == o.From || !slices.Contains(o.Roles, label)
}

func (o *Operation) declared(code string) *FaultKind {
	for _, kind := range o.Faults {
		if kind.code == code {
			return kind
		}
	}
	return nil
}

// form returns the form of errors; nil for the form of this package.
func (o *Operation) form() *ErrorForm {
	if o.Catalogue == nil {
		return nil
	}
	return o.Catalogue.form
}

func (o *Operation) byText(text string) (*FaultKind, string) {
	if o.Catalogue != nil {
		if kind, detail := o.Catalogue.byText(text); kind != nil {
			return kind, detail
		}
	}
	return standard.byText(text)
}

// Subject is the subject of an operation with its parameters.
type Subject struct {
	template subject.Template
	checks   []func(string) error
}

// NewSubject parses the template of a subject. Each parameter has a check.
func NewSubject(template string, checks ...func(string) error) Subject {
	s := Subject{template: subject.NewTemplate(template), checks: checks}
	if len(checks) != len(s.template.Names()) {
		panic("natsgen: " + template + " needs a check for each parameter")
	}
	return s
}

// Param checks a parameter of this text type.
func Param[T interface {
	~string
	Validate() error
}](token string) error {
	return T(token).Validate()
}

// EnumParam returns the check of a parameter that is one of these texts.
func EnumParam(texts ...string) func(string) error {
	return func(token string) error {
		if slices.Contains(texts, token) {
			return nil
		}
		return &codec.Error{Reason: "expected one of " + strings.Join(texts, ", ")}
	}
}

// IntParam checks a parameter of this integer type.
func IntParam[T interface {
	~int64
	Validate() error
}](token string) error {
	value, err := strconv.ParseInt(token, 10, 64)
	if err != nil || strconv.FormatInt(value, 10) != token {
		return &codec.Error{Reason: "expected an integer"}
	}
	return T(value).Validate()
}

// UintParam checks a parameter of this integer type.
func UintParam[T interface {
	~uint64
	Validate() error
}](token string) error {
	value, err := strconv.ParseUint(token, 10, 64)
	if err != nil || strconv.FormatUint(value, 10) != token {
		return &codec.Error{Reason: "expected an integer"}
	}
	return T(value).Validate()
}

// IntToken returns a parameter of an integer type.
func IntToken[T ~int64](value T) string { return strconv.FormatInt(int64(value), 10) }

// UintToken returns a parameter of an integer type.
func UintToken[T ~uint64](value T) string { return strconv.FormatUint(uint64(value), 10) }

// fill returns the subject with these parameters.
func (s *Subject) fill(prefix string, params []string) (string, error) {
	for i, param := range params {
		if err := s.checks[i](param); err != nil {
			return "", err
		}
		if err := subject.CheckToken(param); err != nil {
			return "", err
		}
	}
	return s.template.Fill(prefix, params), nil
}

// parse returns the parameters of a subject that was received.
func (s *Subject) parse(prefix, text string) (Tokens, *codec.Error) {
	params, ok := s.template.Parse(prefix, text)
	if !ok {
		return nil, &codec.Error{Reason: "expected a subject of the form " + s.template.String()}
	}
	for i, param := range params {
		if s.checks[i](param) != nil {
			return nil, &codec.Error{Reason: "expected a valid `" + s.template.Names()[i] + "` in the subject"}
		}
	}
	return params, nil
}

// Tokens are the parameters of a subject, which are valid.
type Tokens []string

// Int returns an integer parameter.
func (t Tokens) Int(i int) int64 {
	// The check of the parameter has parsed it.
	value, _ := strconv.ParseInt(t[i], 10, 64)
	return value
}

// Uint returns an integer parameter.
func (t Tokens) Uint(i int) uint64 {
	// The check of the parameter has parsed it.
	value, _ := strconv.ParseUint(t[i], 10, 64)
	return value
}

// TextFilter returns a parameter of a subscription; nil matches every value.
func TextFilter[T ~string](param *T) string {
	if param == nil {
		return ""
	}
	return string(*param)
}

// IntFilter returns a parameter of a subscription; nil matches every value.
func IntFilter[T ~int64](param *T) string {
	if param == nil {
		return ""
	}
	return IntToken(*param)
}

// UintFilter returns a parameter of a subscription; nil matches every value.
func UintFilter[T ~uint64](param *T) string {
	if param == nil {
		return ""
	}
	return UintToken(*param)
}
