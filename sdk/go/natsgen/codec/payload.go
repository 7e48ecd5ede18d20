package codec

import (
	"bytes"
	"sync"
)

// Decoder is a type that reads itself. Generated types implement it.
type Decoder interface{ DecodeFrom(r *Reader) }

// Encoder is a type that writes itself. Generated types implement it.
type Encoder interface{ EncodeTo(w *Writer) }

// Value is a type that reads and writes itself.
type Value interface {
	Decoder
	Encoder
}

// Side says how a reader treats unknown variants of unions and unknown enumeration values.
type Side bool

const (
	// Request refuses what the schema does not contain.
	Request Side = false

	// Reply keeps variants and enumeration values of newer peers.
	Reply Side = true
)

// maxKept is the capacity of the largest buffer that is kept for the next value.
const maxKept = 1 << 20

var (
	readers = sync.Pool{New: func() any { return new(Reader) }}
	writers = sync.Pool{New: func() any { return new(Writer) }}
)

// Decode reads a value. Its texts and raw values share the memory of data, which must not change afterwards.
func Decode(data []byte, side Side, v Decoder) error {
	r := readers.Get().(*Reader)
	r.reset(data, side == Reply)
	if r.err == nil {
		v.DecodeFrom(r)
	}
	err := r.finish()
	r.data, r.text, r.ends = nil, "", nil
	clear(r.frames[:cap(r.frames)])
	readers.Put(r)
	return err
}

// Unmarshal reads a value as a reply. It copies data, as UnmarshalJSON requires, and changes v only if data is valid.
func Unmarshal[T any, P interface {
	*T
	Decoder
}](data []byte, v P) error {
	var fresh T
	if err := Decode(bytes.Clone(data), Reply, P(&fresh)); err != nil {
		return err
	}
	*v = fresh
	return nil
}

// Append writes a value as compact JSON behind buf.
func Append(buf []byte, v Encoder) ([]byte, error) {
	w := writers.Get().(*Writer)
	defer writers.Put(w)
	w.buf, w.frames, w.err, w.isChecked = buf, w.frames[:0], nil, false
	v.EncodeTo(w)
	buf = w.buf
	w.buf = nil
	if w.err != nil {
		return buf, w.err
	}
	return buf, nil
}

// Marshal writes a value as compact JSON.
func Marshal(v Encoder) ([]byte, error) {
	data, err := Append(nil, v)
	if err != nil {
		return nil, err
	}
	return data, nil
}

// Validate returns an error if the value violates its schema.
func Validate(v Encoder) error {
	buf := GetBuffer()
	defer buf.Free()
	var err error
	buf.Bytes, err = Append(buf.Bytes, v)
	return err
}

// Buffer is a reused buffer.
type Buffer struct{ Bytes []byte }

var buffers = sync.Pool{New: func() any { return &Buffer{Bytes: make([]byte, 0, 1024)} }}

// GetBuffer returns an empty buffer.
func GetBuffer() *Buffer {
	buf := buffers.Get().(*Buffer)
	buf.Bytes = buf.Bytes[:0]
	return buf
}

// Free returns the buffer for reuse. It must not be used afterwards.
func (b *Buffer) Free() {
	if cap(b.Bytes) <= maxKept {
		buffers.Put(b)
	}
}

// Assertion validates values that a type alone cannot restrict.
type Assertion interface {
	// Check returns an error if the JSON value is not valid.
	Check(value []byte) *Error
}

// Begin returns the start of a value for [Reader.Check]; -1 inside another value that is checked.
func (r *Reader) Begin() int {
	if r.isChecked || r.err != nil {
		return -1
	}
	r.space()
	r.isChecked = true
	return r.pos
}

// Check validates the value that began at start.
func (r *Reader) Check(start int, assertion Assertion) {
	if start < 0 {
		return
	}
	r.isChecked = false
	if r.err != nil {
		return
	}
	if err := assertion.Check(r.data[start:r.pos]); err != nil {
		r.stop(pointer(r.frames)+err.Pointer, err.Reason)
	}
}

// Begin returns the start of a value for [Writer.Check]; -1 inside another value that is checked.
func (w *Writer) Begin() int {
	if w.isChecked || w.err != nil {
		return -1
	}
	w.isChecked = true
	return len(w.buf)
}

// Check validates the value that began at start.
func (w *Writer) Check(start int, assertion Assertion) {
	if start < 0 {
		return
	}
	w.isChecked = false
	if w.err != nil {
		return
	}
	if err := assertion.Check(w.buf[start:]); err != nil {
		w.err = &Error{Pointer: pointer(w.frames) + err.Pointer, Reason: err.Reason}
	}
}
