// Package subject checks NATS subjects and reads their parameters.
package subject

import (
	"fmt"
	"strings"
)

// MaxLength is the greatest length of a subject in bytes.
const MaxLength = 1024

// MaxToken is the greatest length of a parameter in bytes.
const MaxToken = 255

// DefaultInboxes is the prefix of inboxes if the options of a connection set none.
const DefaultInboxes = "_INBOX"

// RoleInbox is the beginning of the first token of the inboxes of a role; the name of the role follows.
const RoleInbox = "_INBOX_"

// Error is the reason why a text is not a valid subject, pattern or prefix.
type Error struct {
	// Text is the invalid text.
	Text string

	// Reason says what is wrong.
	Reason string
}

// Error returns text and reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%+q is not a valid subject: %s", e.Text, e.Reason)
}

// Check returns an error if text is not a subject: it has an empty token, a wildcard, a character outside of printable
// ASCII, or more than 1,024 bytes.
func Check(text string) error {
	if reason := flaw(text, false); reason != "" {
		return &Error{Text: text, Reason: reason}
	}
	return nil
}

// CheckPattern is like [Check], but a token may be *, and the last token may be >.
func CheckPattern(text string) error {
	if reason := flaw(text, true); reason != "" {
		return &Error{Text: text, Reason: reason}
	}
	return nil
}

// CheckToken returns an error if text is not a single token of at most 255 bytes.
func CheckToken(text string) error {
	switch {
	case len(text) > MaxToken:
		return &Error{Text: text, Reason: "it is longer than 255 bytes"}
	case strings.Contains(text, "."):
		return &Error{Text: text, Reason: "it has a dot"}
	default:
		return Check(text)
	}
}

func flaw(text string, isPattern bool) string {
	if len(text) > MaxLength {
		return "it is longer than 1,024 bytes"
	}
	start := 0
	for i := 0; i <= len(text); i++ {
		if i == len(text) || text[i] == '.' {
			if i == start {
				return "it has an empty token"
			}
			start = i + 1
			continue
		}
		switch c := text[i]; {
		case c == '*' || c == '>':
			isLast := i+1 == len(text)
			isWhole := i == start && (isLast || (c == '*' && text[i+1] == '.'))
			if !isWhole || !isPattern {
				return "it has a wildcard where none may stand"
			}
		case c <= ' ' || c > '~':
			return "it has a character outside of printable ASCII"
		}
	}
	return ""
}

// Matches reports whether pattern matches subject.
func Matches(pattern, subject string) bool {
	for {
		token, patternRest, hasPattern := strings.Cut(pattern, ".")
		actual, subjectRest, hasSubject := strings.Cut(subject, ".")
		switch {
		case token == ">":
			return true
		case token != "*" && token != actual:
			return false
		case !hasPattern || !hasSubject:
			return hasPattern == hasSubject
		}
		pattern, subject = patternRest, subjectRest
	}
}

// IsInbox reports whether a subject is an inbox: it begins with _INBOX or with the prefix own, or a server made it for
// such a subject. A reply to another subject could be taken for a request.
func IsInbox(subject, own string) bool {
	isOwn := func(subject string) bool {
		rest, ok := strings.CutPrefix(subject, own)
		return strings.HasPrefix(subject, "_INBOX") || (ok && strings.HasPrefix(rest, "."))
	}
	if isOwn(subject) {
		return true
	}
	if strings.HasPrefix(subject, "_R_.") {
		return true
	}
	inner, ok := behindGateway(subject)
	return ok && (isOwn(inner) || strings.HasPrefix(inner, "_R_."))
}

// InboxLabel returns the text after _INBOX_ in the first token of an inbox that [IsInbox] accepts; empty if there is
// none. For the inboxes of a role, it is the name of the role.
func InboxLabel(subject string) string {
	if inner, ok := behindGateway(subject); ok {
		subject = inner
	}
	first, _, ok := strings.Cut(subject, ".")
	label, isRole := strings.CutPrefix(first, RoleInbox)
	if !ok || !isRole {
		return ""
	}
	return label
}

// behindGateway returns the reply subject of the requester in the form that a server makes for requests between
// clusters. Three tokens of the server precede it.
func behindGateway(subject string) (string, bool) {
	if !strings.HasPrefix(subject, "_GR_.") {
		return "", false
	}
	parts := strings.SplitN(subject, ".", 4)
	return parts[len(parts)-1], len(parts) == 4
}

// Template is a subject below a prefix, with parameters in braces: cmd.{worker_id}.deploy.
type Template struct {
	tokens []string // a parameter is an empty token
	names  []string
	text   string
}

// NewTemplate parses a template. Generated templates are valid; another text panics.
func NewTemplate(text string) Template {
	t := Template{text: text}
	for token := range strings.SplitSeq(text, ".") {
		if name, ok := strings.CutPrefix(token, "{"); ok {
			t.names = append(t.names, strings.TrimSuffix(name, "}"))
			token = ""
		} else if err := CheckPattern(token); err != nil {
			panic(err)
		}
		t.tokens = append(t.tokens, token)
	}
	return t
}

// Names returns the names of the parameters in their order.
func (t *Template) Names() []string { return t.names }

// String returns the text of the template.
func (t *Template) String() string { return t.text }

// Fill returns the subject with these parameters. An empty parameter becomes the wildcard *.
func (t *Template) Fill(prefix string, params []string) string {
	size := len(prefix) + len(t.tokens)
	for _, token := range t.tokens {
		size += len(token)
	}
	for _, param := range params {
		size += len(param) + 1
	}
	text := make([]byte, 0, size)
	text = append(text, prefix...)
	next := 0
	for _, token := range t.tokens {
		text = append(text, '.')
		if token == "" {
			token = "*"
			if next < len(params) && params[next] != "" {
				token = params[next]
			}
			next++
		}
		text = append(text, token...)
	}
	return string(text)
}

// Parse returns the parameters of a subject, if it matches the template.
func (t *Template) Parse(prefix, subject string) ([]string, bool) {
	rest, ok := strings.CutPrefix(subject, prefix)
	if !ok || rest == "" {
		return nil, false
	}
	params := make([]string, 0, len(t.names))
	for _, token := range t.tokens {
		if rest == "" || rest[0] != '.' {
			return nil, false
		}
		rest = rest[1:]
		end := strings.IndexByte(rest, '.')
		if end < 0 {
			end = len(rest)
		}
		actual := rest[:end]
		rest = rest[end:]
		if token == "" {
			if CheckToken(actual) != nil {
				return nil, false
			}
			params = append(params, actual)
		} else if token != actual {
			return nil, false
		}
	}
	return params, rest == ""
}
