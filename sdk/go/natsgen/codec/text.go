package codec

import (
	"strings"
	"unicode/utf8"
)

// Text is the constraint of a text. The zero value accepts every text.
type Text struct {
	// Min and Max limit the number of characters. Max 0 means no limit.
	Min, Max int

	// Pattern is an anchored sequence of character classes; see [NewPattern].
	Pattern Pattern

	// Format is a format of JSON Schema.
	Format Format

	// Const is the only text allowed, if it is not empty.
	Const string
}

// Pattern is a sequence of repeated character classes.
type Pattern struct {
	regex string
	runs  []Run
}

// Run is a repeated class of ASCII characters.
type Run struct {
	set      [2]uint64
	min, max int
}

// NewPattern returns the pattern of these runs. The regular expression is for messages.
func NewPattern(regex string, runs ...Run) Pattern { return Pattern{regex: regex, runs: runs} }

// NewRun returns low to high characters out of a class such as "A-Za-z0-9_-"; high 0 means no limit. A backslash makes
// the next character a literal.
func NewRun(class string, low, high int) Run {
	run := Run{min: low, max: high}
	for i := 0; i < len(class); i++ {
		if class[i] == '\\' {
			i++
		}
		first := class[i]
		last := first
		if i+2 < len(class) && class[i+1] == '-' {
			i += 2
			if class[i] == '\\' {
				i++
			}
			last = class[i]
		}
		for c := first; c <= last; c++ {
			run.set[c>>6] |= 1 << (c & 63)
		}
	}
	return run
}

// match returns the length of the run at the begin of text. Adjacent runs are disjoint, so the longest is right.
func (run *Run) match(text string) (int, bool) {
	if run.max > 0 && len(text) > run.max {
		text = text[:run.max]
	}
	i := 0
	for i < len(text) && text[i] < 128 && run.set[text[i]>>6]&(1<<(text[i]&63)) != 0 {
		i++
	}
	return i, i >= run.min
}

func (p *Pattern) match(text string) bool {
	for i := range p.runs {
		length, ok := p.runs[i].match(text)
		if !ok {
			return false
		}
		text = text[length:]
	}
	return text == ""
}

// Check returns an error if text violates the constraint.
func (t *Text) Check(text string) error {
	if !utf8.ValidString(text) {
		return &Error{Reason: "expected UTF-8"}
	}
	if reason := t.reason(text); reason != "" {
		return &Error{Reason: reason}
	}
	return nil
}

// reason returns what the constraint expects; empty if text satisfies it.
func (t *Text) reason(text string) string {
	if t.Const != "" && text != t.Const {
		return "expected `" + t.Const + "`"
	}
	high := t.Max
	if high == 0 {
		high = -1
	}
	if reason := checkLength(text, t.Min, high); reason != "" {
		return reason
	}
	if t.Pattern.regex != "" && !t.Pattern.match(text) {
		return "expected a text that matches " + t.Pattern.regex
	}
	if t.Format.accepts != nil && !t.Format.accepts(text) {
		return "expected " + t.Format.name
	}
	return ""
}

func checkLength(text string, low, high int) string {
	// A character takes 1 to 4 bytes, so most texts need no count.
	if (high < 0 || len(text) <= high) && len(text) >= 4*low {
		return ""
	}
	return lengthReason(utf8.RuneCountInString(text), low, high, "characters")
}

// Format is a format of JSON Schema that is asserted.
type Format struct {
	name    string
	accepts func(string) bool
}

// NewFormat returns a format. The name follows the word "expected" in messages.
func NewFormat(name string, accepts func(string) bool) Format {
	return Format{name: name, accepts: accepts}
}

// Formats.
var (
	// DateTime is a date and time of RFC 3339.
	DateTime = NewFormat("a date and time of RFC 3339", isDateTime)

	// Date is a date of RFC 3339.
	Date = NewFormat("a date of RFC 3339", isDate)

	// Time is a time of RFC 3339 with its offset.
	Time = NewFormat("a time with its offset of RFC 3339", isTime)

	// Duration is a duration of RFC 3339, appendix A.
	Duration = NewFormat("a duration of RFC 3339", isDuration)

	// UUID is a UUID with hyphens, in any case.
	UUID = NewFormat("a UUID", isUUID)

	// IPv4 is an IPv4 address.
	IPv4 = NewFormat("an IPv4 address", isIPv4)

	// IPv6 is an IPv6 address without a zone.
	IPv6 = NewFormat("an IPv6 address", isIPv6)

	// JSONPointer is a pointer of RFC 6901.
	JSONPointer = NewFormat("a JSON pointer", isPointer)

	// RelativeJSONPointer is a relative JSON pointer.
	RelativeJSONPointer = NewFormat("a relative JSON pointer", isRelativePointer)
)

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch i {
		case 8, 13, 18, 23:
			if text[i] != '-' {
				return false
			}
		default:
			if c := text[i] | 0x20; text[i]-'0' > 9 && (c < 'a' || c > 'f') {
				return false
			}
		}
	}
	return true
}

func isPointer(text string) bool {
	if text != "" && text[0] != '/' {
		return false
	}
	for i := range len(text) {
		if text[i] == '~' && (i+1 == len(text) || (text[i+1] != '0' && text[i+1] != '1')) {
			return false
		}
	}
	return true
}

func isRelativePointer(text string) bool {
	end := digitsEnd(text, 0)
	if end == 0 || (text[0] == '0' && end > 1) {
		return false
	}
	rest := text[end:]
	return rest == "#" || (isPointer(rest) && !strings.HasPrefix(rest, "#"))
}
