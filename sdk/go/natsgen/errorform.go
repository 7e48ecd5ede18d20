package natsgen

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// ErrorForm says where errors stand in the replies of a protocol that has a form of its own. Without Text and Code, they
// stand only in the headers Nats-Service-Error-Code and Nats-Service-Error.
type ErrorForm struct {
	// Text is the JSON pointer of the text.
	Text string

	// Code is the JSON pointer of the code, an integer or a string.
	Code string

	// Status is the JSON pointer of the status, which servers write.
	Status string

	// When contains the values, as JSON texts, that each error has, by JSON pointer.
	When map[string]string

	// Unless contains values, as JSON texts, by JSON pointer. A reply with all of them is no error.
	Unless map[string]string

	// Codes contains the codes on the wire, as JSON texts, by code of the catalogue. Other codes are the same on the wire.
	Codes map[string]string
}

// find returns code and text of the error in a payload.
func (f *ErrorForm) find(data []byte) (code, text string, ok bool) {
	reply, ok := decodeAny(data)
	if !ok || (len(f.Unless) > 0 && has(reply, f.Unless)) || !has(reply, f.When) {
		return "", "", false
	}
	text, hasText := member(reply, f.Text).(string)
	code, hasCode := codeText(member(reply, f.Code))
	return code, text, hasText || hasCode || len(f.When) > 0
}

// name returns the code of the catalogue for a code on the wire.
func (f *ErrorForm) name(wire string) string {
	for name, text := range f.Codes {
		if value, ok := decodeAny([]byte(text)); ok {
			if code, _ := codeText(value); code == wire {
				return name
			}
		}
	}
	return wire
}

// write returns headers and payload of an error reply; without a form, those of this package.
func (f *ErrorForm) write(fault *Fault) (transport.Header, []byte) {
	if f == nil {
		return writeFault(fault)
	}
	text := strings.ToValidUTF8(fault.text(), "\ufffd")
	if fault.Pointer != "" {
		text += " at " + strings.ToValidUTF8(fault.Pointer, "\ufffd")
	}
	header := transport.Header{errorCodeHeader: {strconv.Itoa(fault.Kind.status)}, errorHeader: {oneLine(text)}}
	declared, isDeclared := f.Codes[fault.Kind.code]
	if f.Text == "" {
		if value, ok := decodeAny([]byte(declared)); ok {
			code, _ := codeText(value)
			header[errorCodeHeader] = []string{code}
		}
		return header, nil
	}
	var code any = fault.Kind.code
	switch {
	case isDeclared:
		code, _ = decodeAny([]byte(declared))
	case f.hasNumbers():
		code = fault.Kind.status
	}
	var reply any
	for pointer, text := range f.When {
		value, _ := decodeAny([]byte(text))
		reply = put(reply, pointer, value)
	}
	reply = put(reply, f.Text, text)
	if f.Code != "" {
		reply = put(reply, f.Code, code)
	}
	if f.Status != "" {
		reply = put(reply, f.Status, fault.Kind.status)
	}
	data, err := json.Marshal(reply)
	if err != nil {
		// The reply consists of valid values.
		data = []byte("{}")
	}
	return header, data
}

// hasNumbers reports whether all declared codes are numbers.
func (f *ErrorForm) hasNumbers() bool {
	for _, text := range f.Codes {
		if strings.HasPrefix(text, `"`) {
			return false
		}
	}
	return len(f.Codes) > 0
}

// read returns the error that a reply describes; nil if it describes none. Only peers with this package send standard
// faults, which they mark with a header.
func (f *ErrorForm) read(m *transport.Message, operation *Operation) *Fault {
	isMarked := m.Header.Has(errorCodeHeader)
	code, text, ok := f.find(m.Data)
	if !ok && isMarked && f.Code == "" && f.name(m.Header.Get(errorCodeHeader)) != m.Header.Get(errorCodeHeader) {
		code, text, ok = m.Header.Get(errorCodeHeader), m.Header.Get(errorHeader), true
	}
	if !ok {
		if !isMarked {
			return nil
		}
		return readFault(m, operation)
	}
	var kind *FaultKind
	if code != "" {
		kind = operation.declared(f.name(code))
	} else if found, _ := operation.Catalogue.byText(text); found != nil {
		kind = operation.declared(found.code)
	}
	if kind == nil && isMarked {
		kind, _ = standard.byText(text)
	}
	if kind == nil {
		return &Fault{Code: code, Detail: text}
	}
	detail := strings.TrimPrefix(text, kind.text)
	if !kind.hasDetail {
		detail = ""
	}
	return &Fault{Kind: kind, Code: kind.code, Detail: detail}
}

func decodeAny(data []byte) (value any, ok bool) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return value, decoder.Decode(&value) == nil
}

// has reports whether a reply has these values.
func has(reply any, values map[string]string) bool {
	for pointer, text := range values {
		expected, _ := decodeAny([]byte(text))
		if found, ok := at(reply, pointer); !ok || !reflect.DeepEqual(found, expected) {
			return false
		}
	}
	return true
}

// codeText returns a code as a text: a string, or an integer in decimal notation.
func codeText(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	default:
		return "", false
	}
}

// member returns the value at the JSON pointer of a form; nil if there is none.
func member(reply any, pointer string) any {
	if pointer == "" {
		return nil
	}
	value, _ := at(reply, pointer)
	return value
}

// at returns the value at a JSON pointer.
func at(value any, pointer string) (any, bool) {
	for step := range strings.SplitSeq(pointer[1:], "/") {
		switch inner := value.(type) {
		case map[string]any:
			next, ok := inner[unescape(step)]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(inner) {
				return nil, false
			}
			value = inner[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// put returns place with a value at a JSON pointer. The step 0 makes an array, any other step an object.
func put(place any, pointer string, value any) any {
	if pointer == "" {
		return value
	}
	step, rest, hasRest := strings.Cut(pointer[1:], "/")
	if hasRest {
		rest = "/" + rest
	}
	step = unescape(step)
	members, isObject := place.(map[string]any)
	if step == "0" && !isObject {
		items, _ := place.([]any)
		if len(items) == 0 {
			items = []any{nil}
		}
		items[0] = put(items[0], rest, value)
		return items
	}
	if !isObject {
		members = map[string]any{}
	}
	members[step] = put(members[step], rest, value)
	return members
}

func unescape(step string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
}
