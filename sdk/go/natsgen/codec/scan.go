package codec

import (
	"encoding/binary"
	"math"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	highs = 0x8080808080808080
	ones  = 0x0101010101010101
)

// plainEnd returns the index of the first quote, backslash or control character from i on.
func plainEnd(data []byte, i int) int {
	for i+8 <= len(data) {
		word := binary.LittleEndian.Uint64(data[i:])
		// A byte of stop has its high bit if the byte of word is a quote, a backslash or below 0x20. Bytes behind such a
		// byte can have it by mistake, so the loop below looks for the first.
		quote, slash := word^(ones*'"'), word^(ones*'\\')
		stop := (quote-ones)&^quote | (slash-ones)&^slash | (word-ones*0x20)&^word
		if stop&highs != 0 {
			break
		}
		i += 8
	}
	for i < len(data) {
		if c := data[i]; c == '"' || c == '\\' || c < 0x20 {
			break
		}
		i++
	}
	return i
}

// string reads a text. Without escapes it shares the memory of the whole text.
func (r *Reader) string() (string, bool) {
	if r.space() != '"' {
		r.mistyped("expected a text")
		return "", false
	}
	start := r.pos + 1
	end := plainEnd(r.data, start)
	if end < len(r.text) && r.text[end] == '"' {
		r.pos = end + 1
		return r.text[start:end], true
	}
	buffer, ok := r.escaped(append(r.room[:0], r.text[start:end]...), end)
	if cap(buffer) <= maxKept {
		r.room = buffer[:0]
	}
	return string(buffer), ok
}

func (r *Reader) skipString() {
	end := plainEnd(r.data, r.pos+1)
	if end < len(r.text) && r.text[end] == '"' {
		r.pos = end + 1
		return
	}
	r.escaped(nil, end)
}

// escaped reads the rest of a text from index i on and appends it to buffer.
func (r *Reader) escaped(buffer []byte, i int) ([]byte, bool) {
	for i < len(r.text) {
		switch c := r.text[i]; {
		case c == '"':
			r.pos = i + 1
			return buffer, true
		case c != '\\':
			r.syntax("expected no control character in a text")
			return nil, false
		}
		char, length := r.escape(i + 1)
		if length == 0 {
			r.syntax("expected an escape of JSON without lone surrogates")
			return nil, false
		}
		buffer = utf8.AppendRune(buffer, char)
		start := i + 1 + length
		i = plainEnd(r.data, start)
		buffer = append(buffer, r.text[start:i]...)
	}
	r.syntax("expected the end of the text")
	return nil, false
}

// escape returns the character of the escape behind the backslash, and its length.
func (r *Reader) escape(i int) (rune, int) {
	if i >= len(r.text) {
		return 0, 0
	}
	switch c := r.text[i]; c {
	case '"', '\\', '/':
		return rune(c), 1
	case 'b':
		return '\b', 1
	case 'f':
		return '\f', 1
	case 'n':
		return '\n', 1
	case 'r':
		return '\r', 1
	case 't':
		return '\t', 1
	case 'u':
		first := r.hex(i + 1)
		if first < 0 {
			return 0, 0
		}
		if !utf16.IsSurrogate(first) {
			return first, 5
		}
		if i+6 >= len(r.text) || r.text[i+5] != '\\' || r.text[i+6] != 'u' {
			return 0, 0
		}
		if char := utf16.DecodeRune(first, r.hex(i+7)); char != utf8.RuneError {
			return char, 11
		}
	}
	return 0, 0
}

func (r *Reader) hex(i int) rune {
	if i+4 > len(r.text) {
		return -1
	}
	var value rune
	for _, c := range []byte(r.text[i : i+4]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		value = value<<4 | rune(c)
	}
	return value
}

// number is the text of a number.
type number struct {
	text string

	// isInteger says that there is neither a fraction nor an exponent.
	isInteger bool
}

// number reads over a number.
func (r *Reader) number() (number, bool) {
	text := r.text[r.pos:]
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	digits := digitsEnd(text, i)
	if digits == i || (text[i] == '0' && digits > i+1) {
		r.syntax("expected a number of JSON")
		return number{}, false
	}
	i, isInteger, hasExponent := digits, true, false
	if i < len(text) && text[i] == '.' {
		isInteger = false
		end := digitsEnd(text, i+1)
		if end == i+1 {
			r.syntax("expected a number of JSON")
			return number{}, false
		}
		i = end
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		isInteger, hasExponent = false, true
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		end := digitsEnd(text, i)
		if end == i {
			r.syntax("expected a number of JSON")
			return number{}, false
		}
		i = end
	}
	n := number{text: text[:i], isInteger: isInteger}
	if (hasExponent || i > plainDigits) && !n.isFinite() {
		r.syntax("expected a number that 64-bit floating point can hold")
		return number{}, false
	}
	r.pos += i
	return n, true
}

// plainDigits is the length up to which a number without an exponent is finite.
const plainDigits = 300

func (n number) isFinite() bool {
	_, err := strconv.ParseFloat(n.text, 64)
	return err == nil
}

func digitsEnd(text string, i int) int {
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	return i
}

func (r *Reader) nextNumber(expected string) (number, bool) {
	if c := r.space(); c != '-' && c-'0' > 9 {
		r.mistyped(expected)
		return number{}, false
	}
	return r.number()
}

// Int reads an integer from low to high. 1.0 and 1e2 are integers.
func (r *Reader) Int(low, high int64) int64 {
	n, ok := r.nextNumber("expected an integer")
	if !ok {
		return 0
	}
	value, ok := n.int()
	if !ok || value < low || value > high {
		r.fail("expected an integer from " + strconv.FormatInt(low, 10) + " to " + strconv.FormatInt(high, 10))
		return 0
	}
	return value
}

// Uint reads an integer from low to high. 1.0 and 1e2 are integers.
func (r *Reader) Uint(low, high uint64) uint64 {
	n, ok := r.nextNumber("expected an integer")
	if !ok {
		return 0
	}
	value, isNegative, ok := n.magnitude()
	if !ok || (isNegative && value > 0) || value < low || value > high {
		r.fail("expected an integer from " + strconv.FormatUint(low, 10) + " to " + strconv.FormatUint(high, 10))
		return 0
	}
	return value
}

func (n number) int() (int64, bool) {
	if n.isInteger && len(n.text) <= 18 {
		text, isNegative := n.text, false
		if text[0] == '-' {
			text, isNegative = text[1:], true
		}
		var value int64
		for i := range len(text) {
			value = value*10 + int64(text[i]-'0')
		}
		if isNegative {
			value = -value
		}
		return value, true
	}
	value, isNegative, ok := n.magnitude()
	switch {
	case !ok:
		return 0, false
	case isNegative && value == 1<<63:
		return math.MinInt64, true
	case value > math.MaxInt64:
		return 0, false
	case isNegative:
		return -int64(value), true
	default:
		return int64(value), true
	}
}

// magnitude returns the integer without its sign, unless it has a fraction or exceeds 64 bits.
func (n number) magnitude() (value uint64, isNegative, ok bool) {
	text := n.text
	if text[0] == '-' {
		text, isNegative = text[1:], true
	}
	if n.isInteger {
		value, err := strconv.ParseUint(text, 10, 64)
		return value, isNegative, err == nil
	}
	digits := make([]byte, 0, len(text))
	exponent, i := 0, 0
	for ; i < len(text) && text[i]|0x20 != 'e'; i++ {
		if text[i] == '.' {
			exponent -= len(text) - i - 1
			continue
		}
		digits = append(digits, text[i])
	}
	if i < len(text) {
		if exponent < 0 {
			exponent += len(text) - i
		}
		shift, err := strconv.Atoi(text[i+1:])
		if err != nil || shift > 1<<30 || shift < -1<<30 {
			// Only zero has such an exponent and is an integer.
			for _, digit := range digits {
				if digit != '0' {
					return 0, false, false
				}
			}
			return 0, isNegative, true
		}
		exponent += shift
	}
	return scale(digits, exponent, isNegative)
}

func scale(digits []byte, exponent int, isNegative bool) (uint64, bool, bool) {
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
		exponent++
	}
	for len(digits) > 0 && digits[0] == '0' {
		digits = digits[1:]
	}
	if len(digits) == 0 {
		return 0, isNegative, true
	}
	if exponent < 0 || len(digits)+exponent > 20 {
		return 0, false, false
	}
	for range exponent {
		digits = append(digits, '0')
	}
	value, err := strconv.ParseUint(string(digits), 10, 64)
	return value, isNegative, err == nil
}

// exactDigits is the number of digits that a float64 always holds.
const exactDigits = 15

// Float reads a number from low to high. An integer of 64 bits that a float64 would round is an error.
func (r *Reader) Float(low, high float64) float64 {
	n, ok := r.nextNumber("expected a number")
	if !ok {
		return 0
	}
	value, err := strconv.ParseFloat(n.text, 64)
	if err != nil {
		r.fail("expected a number that 64-bit floating point can hold")
		return 0
	}
	if n.isInteger && len(n.text) > exactDigits && isRounded(n, value) {
		r.fail("expected a number that 64-bit floating point represents exactly")
		return 0
	}
	if reason := rangeReason(value, low, high); reason != "" {
		r.fail(reason)
		return 0
	}
	return value
}

func isRounded(n number, value float64) bool {
	integer, isNegative, ok := n.magnitude()
	if !ok || (isNegative && integer > 1<<63) {
		return false
	}
	value = math.Abs(value)
	return value >= 1<<64 || uint64(value) != integer
}

func rangeReason(value, low, high float64) string {
	switch {
	case value < low:
		return "expected a number from " + strconv.FormatFloat(low, 'g', -1, 64)
	case value > high:
		return "expected a number up to " + strconv.FormatFloat(high, 'g', -1, 64)
	default:
		return ""
	}
}
