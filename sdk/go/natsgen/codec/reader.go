package codec

import (
	"encoding/json"
	"time"
	"unicode/utf8"
	"unsafe"
)

// Limits of a text.
const (
	// MaxDepth is the greatest number of open objects and arrays.
	MaxDepth = 127

	// MaxLength is the greatest length of a text in bytes.
	MaxLength = 64 << 20

	// MaxValues is the greatest number of items and members in a text.
	MaxValues = 1_000_000
)

// A Reader decodes a JSON text from start to end. Each method reads the next value. After the first error all methods
// return zero values.
type Reader struct {
	data   []byte
	text   string // the same memory as data
	pos    int
	values int
	frames []frame
	keys   []string // keys of open objects in free-form values
	err    *Error
	room   []byte // buffer for texts with escapes

	// isOpen says that unknown variants and enumeration values are kept.
	isOpen bool

	// isChecked says that an assertion validates a value around the current one.
	isChecked bool

	// ends maps the start of containers to their ends, for values that were skipped in search of a tag.
	ends map[int]int
}

// reset starts to read data. The strings and raw values that are read share the memory of data.
func (r *Reader) reset(data []byte, isOpen bool) {
	*r = Reader{data: data, frames: r.frames[:0], keys: r.keys[:0], room: r.room[:0], isOpen: isOpen, values: MaxValues}
	switch {
	case len(data) > MaxLength:
		r.fail("expected a text of at most 64 MiB")
	case !utf8.Valid(data):
		r.fail("expected UTF-8")
	default:
		r.text = unsafe.String(unsafe.SliceData(data), len(data))
	}
}

// finish checks that only white space follows, and returns the first error.
func (r *Reader) finish() error {
	r.space()
	if r.err == nil && r.pos < len(r.text) {
		r.syntax("expected no more text")
	}
	if r.err != nil {
		return r.err
	}
	return nil
}

// Failed reports whether an error occurred.
func (r *Reader) Failed() bool { return r.err != nil }

// Fail records that the current value is invalid, unless there is an earlier error.
func (r *Reader) Fail(reason string) { r.fail(reason) }

func (r *Reader) fail(reason string) {
	if r.err == nil {
		r.stop(pointer(r.frames), reason)
	}
}

// failContainer records an error of the innermost open container.
func (r *Reader) failContainer(reason string) {
	if r.err == nil {
		r.stop(pointer(r.frames[:len(r.frames)-1]), reason)
	}
}

// syntax records an error of the whole text.
func (r *Reader) syntax(reason string) {
	if r.err == nil {
		r.stop("", reason)
	}
}

func (r *Reader) stop(place, reason string) {
	r.err = &Error{Pointer: place, Reason: reason}
	r.pos = len(r.text)
}

// mistyped records that the value has the wrong type, or that there is no value.
func (r *Reader) mistyped(expected string) {
	switch r.space() {
	case '"', '{', '[', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 't', 'f', 'n':
		r.fail(expected)
	default:
		r.syntax("expected a JSON value")
	}
}

// space skips white space and returns the next byte; 0 at the end.
func (r *Reader) space() byte {
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		if c > ' ' {
			return c
		}
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return c
		}
		r.pos++
	}
	return 0
}

func (r *Reader) push(index int) bool {
	if len(r.frames) >= MaxDepth {
		r.syntax("expected at most 127 levels")
		return false
	}
	r.frames = append(r.frames, frame{index: index})
	return true
}

func (r *Reader) pop() { r.frames = r.frames[:len(r.frames)-1] }

func (r *Reader) count() bool {
	r.values--
	if r.values < 0 {
		r.syntax("expected at most 1000000 values")
		return false
	}
	return true
}

func (r *Reader) word(word string) bool {
	if len(r.text)-r.pos < len(word) || r.text[r.pos:r.pos+len(word)] != word {
		return false
	}
	r.pos += len(word)
	return true
}

// Null consumes null if it is next, and reports whether it did.
func (r *Reader) Null() bool { return r.space() == 'n' && r.word("null") }

// Bool reads true or false.
func (r *Reader) Bool() bool {
	switch r.space() {
	case 't':
		if r.word("true") {
			return true
		}
	case 'f':
		if r.word("false") {
			return false
		}
	}
	r.mistyped("expected true or false")
	return false
}

// Only reads the boolean want.
func (r *Reader) Only(want bool) bool {
	if got := r.Bool(); got != want && r.err == nil {
		if want {
			r.fail("expected true")
		} else {
			r.fail("expected false")
		}
	}
	return want
}

// String reads a text of low to high characters; high -1 means no limit.
func (r *Reader) String(low, high int) string {
	text, ok := r.string()
	if !ok {
		return ""
	}
	if reason := checkLength(text, low, high); reason != "" {
		r.fail(reason)
		return ""
	}
	return text
}

// Text reads a text that satisfies rule.
func (r *Reader) Text(rule *Text) string {
	text, ok := r.string()
	if !ok {
		return ""
	}
	if reason := rule.reason(text); reason != "" {
		r.fail(reason)
		return ""
	}
	return text
}

// Duration reads a duration, an integer from low to high in this unit.
func (r *Reader) Duration(unit time.Duration, low, high int64) time.Duration {
	return time.Duration(r.Int(low, high)) * unit
}

// Raw reads any value. It shares the memory of the text.
func (r *Reader) Raw() json.RawMessage {
	r.space()
	start := r.pos
	r.skip(true)
	if r.err != nil {
		return nil
	}
	return json.RawMessage(r.data[start:r.pos:r.pos])
}

// ReadRaw reads any value into v.
func ReadRaw(v *json.RawMessage, r *Reader) { *v = r.Raw() }

// skip reads over a value. Duplicate members are an error if the value is kept.
func (r *Reader) skip(isKept bool) {
	switch c := r.space(); c {
	case '"':
		r.skipString()
	case '{', '[':
		r.skipContainer(c, isKept)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		r.number()
	case 't':
		if !r.word("true") {
			r.syntax("expected a JSON value")
		}
	case 'f':
		if !r.word("false") {
			r.syntax("expected a JSON value")
		}
	case 'n':
		if !r.word("null") {
			r.syntax("expected a JSON value")
		}
	default:
		r.syntax("expected a JSON value")
	}
}

func (r *Reader) skipContainer(open byte, isKept bool) {
	start := r.pos
	if !isKept && r.ends != nil {
		if end, ok := r.ends[start]; ok {
			r.pos = end
			return
		}
	}
	if open == '[' {
		r.skipArray(isKept)
	} else {
		r.skipObject(isKept)
	}
	if !isKept && r.ends != nil && r.err == nil {
		r.ends[start] = r.pos
	}
}

func (r *Reader) skipArray(isKept bool) {
	a := r.array()
	for a.next() {
		r.skip(isKept)
	}
}

func (r *Reader) skipObject(isKept bool) {
	o := Object{r: r}
	o.enter()
	first := len(r.keys)
	for {
		key, ok := o.nextKey()
		if !ok {
			break
		}
		if isKept {
			r.keys = append(r.keys, key)
		}
		r.skip(isKept)
	}
	if isKept {
		if key, ok := duplicate(r.keys[first:]); ok && r.err == nil {
			r.fail("expected one member `" + key + "`")
		}
		clear(r.keys[first:])
		r.keys = r.keys[:first]
	}
}

// few is the number of keys that are compared pairwise.
const few = 16

func duplicate(keys []string) (string, bool) {
	if len(keys) > few {
		seen := make(map[string]struct{}, len(keys))
		for _, key := range keys {
			if _, ok := seen[key]; ok {
				return key, true
			}
			seen[key] = struct{}{}
		}
		return "", false
	}
	for i := 1; i < len(keys); i++ {
		for _, earlier := range keys[:i] {
			if earlier == keys[i] {
				return earlier, true
			}
		}
	}
	return "", false
}
