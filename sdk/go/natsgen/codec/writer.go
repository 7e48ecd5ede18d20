package codec

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"
)

// A Writer encodes a value as compact JSON. After the first error all methods do nothing of use.
type Writer struct {
	buf       []byte
	frames    []frame
	err       *Error
	isChecked bool
}

// Fail records that the current value is invalid, unless there is an earlier error.
func (w *Writer) Fail(reason string) { w.fail(reason) }

func (w *Writer) fail(reason string) {
	if w.err == nil {
		w.err = &Error{Pointer: pointer(w.frames), Reason: reason}
	}
}

func (w *Writer) push(index int) {
	if len(w.frames) >= MaxDepth {
		w.fail("expected at most 127 levels")
	}
	w.frames = append(w.frames, frame{index: index})
}

func (w *Writer) pop() { w.frames = w.frames[:len(w.frames)-1] }

// Object begins an object.
func (w *Writer) Object() {
	w.push(noMember)
	w.buf = append(w.buf, '{')
}

// Field begins a member.
func (w *Writer) Field(name string) {
	f := &w.frames[len(w.frames)-1]
	f.key, f.index = name, member
	if w.buf[len(w.buf)-1] != '{' {
		w.buf = append(w.buf, ',')
	}
	w.buf = append(appendString(w.buf, name), ':')
}

// EndObject ends an object.
func (w *Writer) EndObject() {
	w.pop()
	w.buf = append(w.buf, '}')
}

// Null writes null.
func (w *Writer) Null() { w.buf = append(w.buf, "null"...) }

// Bool writes true or false.
func (w *Writer) Bool(value bool) { w.buf = strconv.AppendBool(w.buf, value) }

// Only writes a boolean that must be want.
func (w *Writer) Only(value, want bool) {
	if value != want {
		w.fail("expected " + strconv.FormatBool(want))
	}
	w.Bool(value)
}

// String writes a text of low to high characters; high -1 means no limit.
func (w *Writer) String(text string, low, high int) {
	if reason := checkLength(text, low, high); reason != "" {
		w.fail(reason)
		return
	}
	w.string(text)
}

// Text writes a text that must satisfy rule.
func (w *Writer) Text(text string, rule *Text) {
	if reason := rule.reason(text); reason != "" {
		w.fail(reason)
		return
	}
	w.string(text)
}

func (w *Writer) string(text string) {
	if !utf8.ValidString(text) {
		w.fail("expected UTF-8")
		return
	}
	w.buf = appendString(w.buf, text)
}

// Int writes an integer from low to high.
func (w *Writer) Int(value, low, high int64) {
	if value < low || value > high {
		w.fail("expected an integer from " + strconv.FormatInt(low, 10) + " to " + strconv.FormatInt(high, 10))
		return
	}
	w.buf = strconv.AppendInt(w.buf, value, 10)
}

// Uint writes an integer from low to high.
func (w *Writer) Uint(value, low, high uint64) {
	if value < low || value > high {
		w.fail("expected an integer from " + strconv.FormatUint(low, 10) + " to " + strconv.FormatUint(high, 10))
		return
	}
	w.buf = strconv.AppendUint(w.buf, value, 10)
}

// Float writes a number from low to high.
func (w *Writer) Float(value, low, high float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		w.fail("expected a finite number")
		return
	}
	if reason := rangeReason(value, low, high); reason != "" {
		w.fail(reason)
		return
	}
	format := byte('f')
	if size := math.Abs(value); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	w.buf = strconv.AppendFloat(w.buf, value, format, -1, 64)
}

// Duration writes a duration as an integer from low to high in this unit.
func (w *Writer) Duration(value, unit time.Duration, low, high int64) {
	if value%unit != 0 {
		w.fail("expected a multiple of " + unit.String())
		return
	}
	w.Int(int64(value/unit), low, high)
}

// Raw writes any value, after checking that it is JSON. Nil stands for null.
func (w *Writer) Raw(value json.RawMessage) {
	if value == nil {
		w.Null()
		return
	}
	r := readers.Get().(*Reader)
	defer readers.Put(r)
	r.reset(value, true)
	r.frames = append(r.frames, w.frames...)
	r.skip(true)
	r.space()
	if r.err == nil && r.pos < len(r.text) {
		r.fail("expected a single JSON value")
	}
	if r.err != nil {
		if w.err == nil {
			w.err = r.err
			if r.err.Pointer == "" {
				w.err.Pointer = pointer(w.frames)
			}
		}
		return
	}
	w.buf = append(w.buf, value...)
}

// WriteRaw writes any value.
func WriteRaw(v *json.RawMessage, w *Writer) { w.Raw(*v) }

// WriteRequired writes the value behind a pointer, which must not be nil.
func WriteRequired[T any](w *Writer, value *T, write func(*T, *Writer)) {
	if value == nil {
		w.fail("expected a value")
		return
	}
	write(value, w)
}

// WriteNullable writes the value behind a pointer; null for nil.
func WriteNullable[T any](w *Writer, value *T, write func(*T, *Writer)) {
	if value == nil {
		w.Null()
		return
	}
	write(value, w)
}

// EncodeNullable writes a value or null.
func EncodeNullable[T any](w *Writer, value *Nullable[T], write func(*T, *Writer)) {
	if value == nil || value.Null {
		w.Null()
		return
	}
	write(&value.Value, w)
}

// WriteList writes an array of low to high items; high -1 means no limit.
func WriteList[T any](w *Writer, items []T, low, high int, write func(*T, *Writer)) {
	if reason := lengthReason(len(items), low, high, "items"); reason != "" {
		w.fail(reason)
		return
	}
	w.push(0)
	w.buf = append(w.buf, '[')
	for i := range items {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.frames[len(w.frames)-1].index = i
		write(&items[i], w)
		if w.err != nil {
			return
		}
	}
	w.pop()
	w.buf = append(w.buf, ']')
}

// WriteMap writes an object of low to high members, sorted by key; high -1 means no limit. Each key must satisfy check,
// unless it is nil.
func WriteMap[K ~string, V any](w *Writer, members map[K]V, low, high int, check func(K) error, write func(*V, *Writer)) {
	if reason := lengthReason(len(members), low, high, "members"); reason != "" {
		w.fail(reason)
		return
	}
	for key := range members {
		if check != nil && check(key) != nil {
			w.fail("expected valid keys")
			return
		}
	}
	w.Object()
	writeMembers(w, members, write)
	w.EndObject()
}

// WriteMembers writes the members that a type does not know. Their keys must differ from the known ones.
func WriteMembers[V any](w *Writer, members map[string]V, fields *Fields, write func(*V, *Writer)) {
	for key := range members {
		if fields.find(key) >= 0 {
			w.frames[len(w.frames)-1].index = noMember
			w.fail("expected one member `" + key + "`")
			return
		}
	}
	writeMembers(w, members, write)
}

func writeMembers[K ~string, V any](w *Writer, members map[K]V, write func(*V, *Writer)) {
	var few [16]K
	keys := few[:0]
	for key := range members {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	var value V
	for _, key := range keys {
		if !utf8.ValidString(string(key)) {
			w.fail("expected UTF-8")
			return
		}
		value = members[key]
		w.Field(string(key))
		write(&value, w)
	}
}

// UnionWriter writes the only variant of a union that is set.
type UnionWriter struct {
	w     *Writer
	tags  *Tags
	count int

	// variant is the variant that is written, from start on.
	variant, start int
}

// Union begins a union.
func (w *Writer) Union(tags *Tags) UnionWriter { return UnionWriter{w: w, tags: tags} }

// Unit writes a variant without a value.
func (u *UnionWriter) Unit(variant int) {
	u.count++
	u.w.buf = appendString(u.w.buf, u.tags.names[variant])
}

// Begin begins a variant, whose value must be written next.
func (u *UnionWriter) Begin(variant int) {
	u.count++
	u.variant = variant
	u.start = len(u.w.buf)
	if u.tags.isKeyed() {
		u.w.Object()
		u.w.Field(u.tags.names[variant])
	}
}

// Close ends a variant.
func (u *UnionWriter) Close() {
	switch {
	case u.w.err != nil:
	case u.tags.isKeyed():
		u.w.EndObject()
	case u.tags.isUntagged && !u.tags.accepts(u.variant, u.w.buf[u.start]):
		u.w.fail(u.tags.expected())
	}
}

// End checks that exactly one variant was written.
func (u *UnionWriter) End() {
	if u.count != 1 {
		u.w.fail(u.tags.expected())
	}
}

const hexDigits = "0123456789abcdef"

func appendString(buf []byte, text string) []byte {
	data := unsafe.Slice(unsafe.StringData(text), len(text))
	buf = append(buf, '"')
	for start := 0; ; {
		end := plainEnd(data, start)
		buf = append(buf, data[start:end]...)
		if end == len(data) {
			break
		}
		switch c := data[end]; c {
		case '"', '\\':
			buf = append(buf, '\\', c)
		case '\n':
			buf = append(buf, '\\', 'n')
		case '\r':
			buf = append(buf, '\\', 'r')
		case '\t':
			buf = append(buf, '\\', 't')
		default:
			buf = append(buf, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
		start = end + 1
	}
	return append(buf, '"')
}
