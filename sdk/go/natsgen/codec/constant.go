package codec

// True is the value true.
type True struct{}

// DecodeFrom reads true.
func (*True) DecodeFrom(r *Reader) { r.Only(true) }

// EncodeTo writes true.
func (*True) EncodeTo(w *Writer) { w.Bool(true) }

// False is the value false.
type False struct{}

// DecodeFrom reads false.
func (*False) DecodeFrom(r *Reader) { r.Only(false) }

// EncodeTo writes false.
func (*False) EncodeTo(w *Writer) { w.Bool(false) }

// Default returns the value behind a pointer, or the default of the schema for nil.
func Default[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}

// DefaultFrom returns value, or for nil the default of the schema. natsgen has checked the text.
func DefaultFrom[T any](value *T, text string, read func(*T, *Reader)) *T {
	if value != nil {
		return value
	}
	value = new(T)
	var r Reader
	r.reset([]byte(text), false)
	read(value, &r)
	if err := r.finish(); err != nil {
		panic("codec: the default " + text + " is not valid: " + err.Error())
	}
	return value
}

// DefaultTo returns value, or a pointer to the default of the schema for nil.
func DefaultTo[T any](value *T, otherwise T) *T {
	if value == nil {
		return &otherwise
	}
	return value
}
