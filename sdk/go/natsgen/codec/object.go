package codec

import "math/bits"

// Fields are the members of an object that a type knows.
type Fields struct {
	names    []string
	required uint64
	// more are the required members from the 65th on, in words of 64 bits.
	more     []uint64
	index    map[string]int
	isClosed bool
	isFlat   bool
}

// NewFields returns the members names. Bit i of required says that member i must be present. Other members are ignored.
func NewFields(required uint64, names ...string) Fields {
	return NewManyFields([]uint64{required}, names...)
}

// NewManyFields is like [NewFields] for more than 64 members: bit i%64 of word i/64 says that member i must be present.
func NewManyFields(required []uint64, names ...string) Fields {
	fields := Fields{names: names, required: required[0], more: required[1:]}
	if len(names) > few {
		fields.index = make(map[string]int, len(names))
		for i, name := range names {
			fields.index[name] = i
		}
	}
	return fields
}

// NewClosedFields is like [NewFields], but other members are an error.
func NewClosedFields(required uint64, names ...string) Fields {
	fields := NewFields(required, names...)
	fields.isClosed = true
	return fields
}

// NewManyClosedFields is like [NewManyFields], but other members are an error.
func NewManyClosedFields(required []uint64, names ...string) Fields {
	fields := NewManyFields(required, names...)
	fields.isClosed = true
	return fields
}

// NewManyFlatFields is like [NewManyFields], but other members are kept.
func NewManyFlatFields(required []uint64, names ...string) Fields {
	fields := NewManyFields(required, names...)
	fields.isFlat = true
	return fields
}

// NewFlatFields is like [NewFields], but other members are kept: [Object.Next] returns them with the field -1.
func NewFlatFields(required uint64, names ...string) Fields {
	fields := NewFields(required, names...)
	fields.isFlat = true
	return fields
}

func (f *Fields) find(name string) int {
	if f.index != nil {
		if i, ok := f.index[name]; ok {
			return i
		}
		return -1
	}
	for i, known := range f.names {
		if known == name {
			return i
		}
	}
	return -1
}

// Object iterates over the members of an object.
type Object struct {
	// Field is the index of the current member; -1 for a member that the type does not know.
	Field int

	r        *Reader
	fields   *Fields
	seen     uint64
	seenMore []uint64
	isBegun  bool
}

// Object begins an object with these members.
func (r *Reader) Object(fields *Fields) Object {
	o := Object{r: r, fields: fields, Field: -1}
	o.enter()
	return o
}

func (o *Object) enter() {
	r := o.r
	if r.space() != '{' {
		r.mistyped("expected an object")
		return
	}
	if r.push(noMember) {
		r.pos++
	}
}

// separator reads up to the next key. It returns false at the end of the object and after an error.
func (o *Object) separator() bool {
	r := o.r
	if r.err != nil {
		return false
	}
	c := r.space()
	if c == '}' {
		r.pos++
		r.frames[len(r.frames)-1].index = noMember
		return false
	}
	if o.isBegun {
		if c != ',' {
			r.syntax("expected a comma or the end of the object")
			return false
		}
		r.pos++
		c = r.space()
	}
	o.isBegun = true
	if c != '"' {
		r.syntax("expected the key of a member")
		return false
	}
	return r.count()
}

func (o *Object) colon() bool {
	if o.r.space() != ':' {
		o.r.syntax("expected a colon")
		return false
	}
	o.r.pos++
	return true
}

// nextKey returns the next key. At the end it closes the object.
func (o *Object) nextKey() (string, bool) {
	r := o.r
	if !o.separator() {
		if r.err == nil {
			r.pop()
		}
		return "", false
	}
	key, ok := r.string()
	if !ok || !o.colon() {
		return "", false
	}
	f := &r.frames[len(r.frames)-1]
	f.key, f.index = key, member
	return key, true
}

// Next reads the key of the next member. It returns false at the end and after an error. At the end it checks that all
// required members are present.
func (o *Object) Next() bool {
	r := o.r
	for {
		if !o.separator() {
			if r.err == nil {
				o.end()
			}
			return false
		}
		field, key := o.expected(), ""
		if field < 0 {
			var ok bool
			if key, ok = r.string(); !ok {
				return false
			}
			field = o.fields.find(key)
		} else {
			key = o.fields.names[field]
		}
		if !o.colon() {
			return false
		}
		f := &r.frames[len(r.frames)-1]
		f.key, f.index = key, member
		if field >= 0 {
			if !o.mark(field) {
				r.failContainer("expected one member `" + key + "`")
				return false
			}
			o.Field = field
			return true
		}
		switch {
		case o.fields.isFlat:
			o.Field = -1
			return true
		case o.fields.isClosed:
			r.failContainer("expected no member but " + quoted(o.fields.names))
			return false
		}
		r.skip(false)
	}
}

// mark records that a member is present. It returns false if it was present before.
func (o *Object) mark(field int) bool {
	word, bit := &o.seen, uint64(1)<<(field&63)
	if field >= 64 {
		if o.seenMore == nil {
			o.seenMore = make([]uint64, len(o.fields.names)/64)
		}
		word = &o.seenMore[field/64-1]
	}
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	return true
}

// expected reads the key if it is the one behind the previous member. Peers write members in the order of the schema.
func (o *Object) expected() int {
	r, next := o.r, o.Field+1
	if next >= len(o.fields.names) {
		return -1
	}
	name := o.fields.names[next]
	end := r.pos + 1 + len(name)
	if end < len(r.text) && r.text[end] == '"' && r.text[r.pos+1:end] == name {
		r.pos = end + 1
		return next
	}
	return -1
}

func (o *Object) end() {
	if missing := o.fields.required &^ o.seen; missing != 0 {
		o.missing(bits.TrailingZeros64(missing))
		return
	}
	for i, required := range o.fields.more {
		if o.seenMore != nil {
			required &^= o.seenMore[i]
		}
		if required != 0 {
			o.missing(64*(i+1) + bits.TrailingZeros64(required))
			return
		}
	}
	o.r.pop()
}

func (o *Object) missing(field int) {
	o.r.failContainer("expected a member `" + o.fields.names[field] + "`")
}

// Member reads the value of a member that the type does not know, and adds it to members.
func Member[V any](r *Reader, members *map[string]V, read func(*V, *Reader)) {
	key := r.frames[len(r.frames)-1].key
	if _, ok := (*members)[key]; ok {
		r.failContainer("expected one member `" + key + "`")
		return
	}
	var value V
	read(&value, r)
	if r.err != nil {
		return
	}
	if *members == nil {
		*members = make(map[string]V)
	}
	(*members)[key] = value
}

// KeyOf checks a key of this type.
func KeyOf[K interface {
	~string
	Validate() error
}](key K) error {
	return key.Validate()
}

// Map reads an object of low to high members with data as its keys; high -1 means no limit. Each key must satisfy check,
// unless it is nil.
func Map[K ~string, V any](r *Reader, low, high int, check func(K) error, read func(*V, *Reader)) map[K]V {
	o := Object{r: r}
	o.enter()
	members := make(map[K]V)
	var value, zero V
	for {
		key, ok := o.nextKey()
		if !ok {
			break
		}
		if _, ok := members[K(key)]; ok {
			r.failContainer("expected one member `" + key + "`")
			return nil
		}
		if check != nil && check(K(key)) != nil {
			r.failContainer("expected valid keys")
			return nil
		}
		value = zero
		read(&value, r)
		if r.err == nil {
			members[K(key)] = value
		}
	}
	if r.err != nil {
		return nil
	}
	if reason := lengthReason(len(members), low, high, "members"); reason != "" {
		r.fail(reason)
		return nil
	}
	return members
}
