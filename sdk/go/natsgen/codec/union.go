package codec

import "encoding/json"

// Tags are the variants of a union.
type Tags struct {
	// member is the member with the tag; empty if the tag is the text itself or the only key.
	member string
	names  []string
	units  uint64
	isOpen bool

	// isUntagged says that the names of variants with a value are the JSON types of the value.
	isUntagged bool
}

// NewTags returns the variants of a union whose tag is a text, or the only key of an object. Bit i of units says that
// variant i is only a text.
func NewTags(units uint64, names ...string) Tags {
	return Tags{names: names, units: units}
}

// NewOpenTags is like [NewTags], but unknown variants are kept in replies and events.
func NewOpenTags(units uint64, names ...string) Tags {
	return Tags{names: names, units: units, isOpen: true}
}

// NewTagsBy returns the variants of a union whose tag is a member of each variant.
func NewTagsBy(member string, names ...string) Tags {
	return Tags{member: member, names: names}
}

// NewOpenTagsBy is like [NewTagsBy], but unknown variants are kept in replies and events.
func NewOpenTagsBy(member string, names ...string) Tags {
	return Tags{member: member, names: names, isOpen: true}
}

func (t *Tags) find(name string) int {
	for i, known := range t.names {
		if known == name {
			return i
		}
	}
	return -1
}

// isKeyed reports whether the tag is the only key of an object.
func (t *Tags) isKeyed() bool { return t.member == "" && !t.isUntagged }

func (t *Tags) isUnit(variant int) bool { return t.units&(1<<variant) != 0 }

func (t *Tags) expected() string { return "expected one of " + quoted(t.names) }

// Union reads a union: [Union.Next] returns true for a known variant, whose value must be read then.
type Union struct {
	// Variant is the index of the variant.
	Variant int

	r       *Reader
	tags    *Tags
	unknown *json.RawMessage
	object  Object
	isBegun bool
	isKeyed bool
}

// Union begins a union. An unknown variant is stored in unknown, if tags are open and the text is a reply or an event.
func (r *Reader) Union(tags *Tags, unknown *json.RawMessage) Union {
	return Union{r: r, tags: tags, unknown: unknown, Variant: -1}
}

// Next reads the tag at the first call, and the end of the union at the second.
func (u *Union) Next() bool {
	if u.isBegun {
		if u.isKeyed {
			u.close()
		}
		return false
	}
	u.isBegun = true
	switch {
	case u.r.err != nil:
		return false
	case u.tags.member != "":
		return u.byMember()
	}
	switch u.r.space() {
	case '"':
		return u.text()
	case '{':
		return u.key()
	default:
		u.r.mistyped(u.tags.expected())
		return false
	}
}

func (u *Union) keepsUnknown() bool { return u.tags.isOpen && u.r.isOpen }

func (u *Union) text() bool {
	r, start := u.r, u.r.pos
	tag, ok := r.string()
	if !ok {
		return false
	}
	u.Variant = u.tags.find(tag)
	switch {
	case u.Variant < 0 && u.keepsUnknown() && tag != "error":
		*u.unknown = json.RawMessage(r.data[start:r.pos:r.pos])
		return false
	case u.Variant < 0:
		r.fail(u.tags.expected())
		return false
	case !u.tags.isUnit(u.Variant):
		r.fail("expected the content that belongs to its tag")
		return false
	}
	return true
}

func (u *Union) key() bool {
	r, start := u.r, u.r.pos
	u.object = Object{r: r}
	u.object.enter()
	tag, ok := u.object.nextKey()
	if !ok {
		r.fail(u.tags.expected())
		return false
	}
	u.Variant = u.tags.find(tag)
	switch {
	case u.Variant < 0 && u.keepsUnknown() && tag != "error":
		r.skip(true)
		u.close()
		if r.err == nil {
			*u.unknown = json.RawMessage(r.data[start:r.pos:r.pos])
		}
		return false
	case u.Variant < 0:
		r.failContainer(u.tags.expected())
		return false
	case u.tags.isUnit(u.Variant):
		r.failContainer("expected a tag without content")
		return false
	}
	u.isKeyed = true
	return true
}

func (u *Union) close() {
	if _, ok := u.object.nextKey(); ok {
		u.r.failContainer("expected one member")
	}
}

func (u *Union) byMember() bool {
	r := u.r
	tag, ok := r.find(u.tags.member)
	if r.err != nil {
		return false
	}
	if !ok {
		r.fail("expected a member `" + u.tags.member + "`")
		return false
	}
	u.Variant = u.tags.find(tag)
	if u.Variant >= 0 {
		return true
	}
	if u.keepsUnknown() {
		*u.unknown = r.Raw()
		return false
	}
	r.frames = append(r.frames, frame{key: u.tags.member, index: member})
	r.fail(u.tags.expected())
	return false
}

// find returns the text of a member of the next object. The position does not change.
func (r *Reader) find(name string) (string, bool) {
	r.space()
	start, values, depth := r.pos, r.values, len(r.frames)
	o := Object{r: r}
	o.enter()
	for {
		key, ok := o.nextKey()
		if !ok {
			break
		}
		if key == name {
			text, ok := r.string()
			if ok {
				r.pos, r.values, r.frames = start, values, r.frames[:depth]
			}
			return text, ok
		}
		if r.ends == nil {
			r.ends = make(map[int]int)
		}
		r.skip(false)
	}
	if r.err == nil {
		r.pos, r.values, r.frames = start, values, r.frames[:depth]
	}
	return "", false
}
