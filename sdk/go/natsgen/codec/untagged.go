package codec

import "strings"

// NewAlternatives returns the variants of a union without a tag: a value belongs to the first variant that accepts it.
// Bit i of units says that variant i is only a text. The name of another variant lists the JSON types of its values.
func NewAlternatives(units uint64, names ...string) Tags {
	return Tags{names: names, units: units, isUntagged: true}
}

// accepts reports whether a variant accepts values that start with this byte.
func (t *Tags) accepts(variant int, first byte) bool {
	if t.isUnit(variant) {
		return false
	}
	types := t.names[variant]
	switch first {
	case '"':
		return strings.Contains(types, "string")
	case '{':
		return strings.Contains(types, "object")
	case '[':
		return strings.Contains(types, "array")
	case 't', 'f':
		return strings.Contains(types, "boolean")
	case 'n':
		return strings.Contains(types, "null")
	default:
		return strings.Contains(types, "number")
	}
}

// Untagged reads a union without a tag: [Untagged.Next] returns true for each variant that may accept the value, which
// must be read then.
type Untagged struct {
	// Variant is the index of the variant.
	Variant int

	r        *Reader
	tags     *Tags
	next     int
	first    byte
	isShared bool
	isBegun  bool
	before   attempt
	deepest  *Error
}

// attempt is the state of a reader before a value.
type attempt struct {
	pos, frames, keys int
	isOpen, isChecked bool
}

// Untagged begins a union without a tag.
func (r *Reader) Untagged(tags *Tags) Untagged { return Untagged{r: r, tags: tags, Variant: -1} }

// Next finds the next variant that may accept the value, unless the last variant accepted it.
func (u *Untagged) Next() bool {
	r := u.r
	if !u.isBegun {
		return u.begin()
	}
	if u.Variant < 0 || u.tags.isUnit(u.Variant) || !u.isShared && r.err != nil {
		return false
	}
	r.isOpen, r.isChecked = u.before.isOpen, u.before.isChecked
	if r.err == nil {
		return false
	}
	if depth(r.err) < u.before.frames {
		return false // an error of the whole text
	}
	if u.deepest == nil || depth(r.err) > depth(u.deepest) {
		u.deepest = r.err
	}
	// The values of failed attempts count, so that nested attempts end.
	r.err, r.pos, r.ends = nil, u.before.pos, nil
	r.frames, r.keys = r.frames[:u.before.frames], r.keys[:u.before.keys]
	return u.find()
}

func (u *Untagged) begin() bool {
	r := u.r
	u.isBegun = true
	if r.err != nil {
		return false
	}
	u.first = r.space()
	u.before = attempt{r.pos, len(r.frames), len(r.keys), r.isOpen, r.isChecked}
	if u.first == '"' && u.tags.units != 0 && u.unit() {
		return true
	}
	if r.err != nil {
		return false
	}
	candidates := 0
	for i := range u.tags.names {
		if u.tags.accepts(i, u.first) {
			candidates++
		}
	}
	u.isShared = candidates > 1
	return u.find()
}

func (u *Untagged) unit() bool {
	r := u.r
	text, ok := r.string()
	if !ok {
		return false
	}
	for i, name := range u.tags.names {
		if u.tags.isUnit(i) && name == text {
			u.Variant = i
			return true
		}
	}
	r.pos = u.before.pos
	return false
}

func (u *Untagged) find() bool {
	r := u.r
	for ; u.next < len(u.tags.names); u.next++ {
		if u.tags.accepts(u.next, u.first) {
			u.Variant = u.next
			u.next++
			if u.isShared {
				r.isOpen, r.isChecked = false, false
			}
			return true
		}
	}
	u.Variant = -1
	if u.deepest != nil && depth(u.deepest) > len(r.frames) {
		r.stop(u.deepest.Pointer, u.deepest.Reason)
		return false
	}
	r.mistyped(u.tags.expected())
	return false
}

// depth is the number of tokens of the pointer.
func depth(err *Error) int { return strings.Count(err.Pointer, "/") }
