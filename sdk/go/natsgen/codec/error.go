package codec

import (
	"strconv"
	"strings"
)

// Error is a violation of a schema, or a text that is not JSON.
type Error struct {
	// Pointer is the JSON pointer of the invalid value; empty for the whole text.
	Pointer string

	// Reason is what the schema expects. It never contains the value.
	Reason string
}

// Error returns reason and pointer.
func (e *Error) Error() string {
	if e.Pointer == "" {
		return e.Reason
	}
	return e.Reason + " at " + Printable(e.Pointer)
}

// Printable returns text with its control characters escaped, for logs and terminals.
func Printable(text string) string {
	for i := range len(text) {
		if c := text[i]; c < 0x20 || c >= 0x7f {
			quoted := strconv.QuoteToGraphic(text)
			return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
		}
	}
	return text
}

// frame is an open object or array.
type frame struct {
	// key is the current member; unset before the first member.
	key string

	// index is the current item, or -1 for an object without a current member, or -2 for a member.
	index int
}

const (
	noMember = -1
	member   = -2
)

// pointer returns the JSON pointer of the current value of the innermost frame.
func pointer(frames []frame) string {
	var text []byte
	for _, f := range frames {
		switch {
		case f.index >= 0:
			text = strconv.AppendInt(append(text, '/'), int64(f.index), 10)
		case f.index == member:
			text = appendToken(append(text, '/'), f.key)
		}
	}
	return string(text)
}

func appendToken(text []byte, token string) []byte {
	for i := range len(token) {
		switch token[i] {
		case '~':
			text = append(text, "~0"...)
		case '/':
			text = append(text, "~1"...)
		default:
			text = append(text, token[i])
		}
	}
	return text
}

func quoted(names []string) string {
	var text strings.Builder
	for i, name := range names {
		if i > 0 {
			text.WriteString(", ")
		}
		text.WriteString("`" + name + "`")
	}
	return text.String()
}

func lengthReason(count, low, high int, noun string) string {
	switch {
	case count < low:
		return "expected at least " + strconv.Itoa(low) + " " + noun
	case high >= 0 && count > high:
		return "expected at most " + strconv.Itoa(high) + " " + noun
	default:
		return ""
	}
}
