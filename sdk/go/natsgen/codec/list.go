package codec

// array iterates over the items of an array.
type array struct {
	r     *Reader
	index int
}

func (r *Reader) array() array {
	a := array{r: r, index: -1}
	if r.space() != '[' {
		r.mistyped("expected a list")
		return a
	}
	if r.push(0) {
		r.pos++
	}
	return a
}

// next returns false at the end and after an error. At the end it closes the array.
func (a *array) next() bool {
	r := a.r
	if r.err != nil {
		return false
	}
	c := r.space()
	if c == ']' {
		r.pos++
		r.pop()
		return false
	}
	if a.index >= 0 {
		if c != ',' {
			r.syntax("expected a comma or the end of the list")
			return false
		}
		r.pos++
	}
	a.index++
	r.frames[len(r.frames)-1].index = a.index
	return r.count()
}

// List reads an array of low to high items; high -1 means no limit.
func List[T any](r *Reader, low, high int, read func(*T, *Reader)) []T {
	a := r.array()
	items := []T{}
	for a.next() {
		if a.index == high {
			r.failContainer(lengthReason(high+1, low, high, "items"))
			return nil
		}
		var zero T
		items = append(items, zero)
		read(&items[a.index], r)
	}
	if r.err != nil {
		return nil
	}
	if reason := lengthReason(len(items), low, high, "items"); reason != "" {
		r.fail(reason)
		return nil
	}
	return items
}

// New reads a value behind a pointer.
func New[T any](r *Reader, read func(*T, *Reader)) *T {
	value := new(T)
	read(value, r)
	return value
}

// NewNullable reads a value, or null as nil.
func NewNullable[T any](r *Reader, read func(*T, *Reader)) *T {
	if r.Null() {
		return nil
	}
	return New(r, read)
}

// Nullable is a value or null, for members that can be absent as well.
type Nullable[T any] struct {
	// Value is the value, unless Null is true.
	Value T

	// Null stands for null.
	Null bool
}

// DecodeNullable reads a value or null.
func DecodeNullable[T any](r *Reader, read func(*T, *Reader)) *Nullable[T] {
	if r.Null() {
		return &Nullable[T]{Null: true}
	}
	value := new(Nullable[T])
	read(&value.Value, r)
	return value
}
