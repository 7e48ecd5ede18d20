// Package corpus runs the corpora of tests/vectors against the generated types of both protocols.
package corpus

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

type corpus struct {
	Message string
	Valid   []document
	Invalid []document
}

type document struct {
	Name     string
	Document json.RawMessage
	Written  json.RawMessage
	Pointer  string
	Repeat   *struct {
		Pointer string
		Times   int
	}
}

// messages holds a function for each message that returns a new value of its type. The generated tables fill it.
var messages = make(map[string]func() codec.Value)

func add[T any, P interface {
	*T
	codec.Value
}](message string) {
	messages[message] = func() codec.Value { return P(new(T)) }
}

func TestCorpusVerdictsPointersAndOutput(t *testing.T) {
	valid, invalid := 0, 0
	seen := map[string]bool{}
	walk(t, "../../../vectors/corpus", func(text []byte) {
		var corpus corpus
		if err := json.Unmarshal(text, &corpus); err != nil {
			t.Fatal(err)
		}
		newValue, ok := messages[corpus.Message]
		if !ok {
			t.Fatalf("%s has no type in the table", corpus.Message)
		}
		seen[corpus.Message] = true
		for _, document := range corpus.Valid {
			checkValid(t, corpus.Message, document, newValue)
		}
		for _, document := range corpus.Invalid {
			checkInvalid(t, corpus.Message, document, newValue)
		}
		valid += len(corpus.Valid)
		invalid += len(corpus.Invalid)
	})
	for message := range messages {
		if !seen[message] {
			t.Errorf("%s has no corpus", message)
		}
	}
	t.Logf("%d valid and %d invalid documents", valid, invalid)
	if valid+invalid < 7000 {
		t.Errorf("%d documents are too few", valid+invalid)
	}
}

// walk calls check with the text of each file.
func walk(t *testing.T, directory string, check func(text []byte)) {
	t.Helper()
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			check(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func checkValid(t *testing.T, message string, document document, newValue func() codec.Value) {
	text := expanded(t, document, document.Document)
	expected := text
	if document.Written != nil {
		expected = expanded(t, document, document.Written)
	}
	value := newValue()
	if err := codec.Decode(text, codec.Request, value); err != nil {
		t.Errorf("%s, %s: wrongly refused: %v", message, document.Name, err)
		return
	}
	written, err := codec.Marshal(value)
	if err != nil {
		t.Errorf("%s, %s: wrongly refused when written: %v", message, document.Name, err)
		return
	}
	if !reflect.DeepEqual(parsed(t, written), parsed(t, expected)) {
		t.Errorf("%s, %s: wrote %.300s instead of %.300s", message, document.Name, written, expected)
	}
}

func checkInvalid(t *testing.T, message string, document document, newValue func() codec.Value) {
	text := expanded(t, document, document.Document)
	name := message + ", " + document.Name + " at " + strconv.Quote(document.Pointer)
	err := codec.Decode(text, codec.Request, newValue())
	if err == nil {
		t.Errorf("%s: wrongly accepted", name)
		return
	}
	if failure, ok := errors.AsType[*codec.Error](err); !ok || failure.Pointer != document.Pointer {
		t.Errorf("%s: %v", name, err)
	}
	// A reply keeps what a newer peer added. It is refused when written.
	value := newValue()
	if err := codec.Decode(text, codec.Reply, value); err != nil {
		return
	}
	_, err = codec.Marshal(value)
	if failure, ok := errors.AsType[*codec.Error](err); !ok {
		t.Errorf("%s: wrongly written", name)
	} else if !strings.HasPrefix(document.Pointer, failure.Pointer) {
		t.Errorf("%s: written: %v", name, err)
	}
}

// expanded returns a document with its repetition.
func expanded(t *testing.T, document document, text json.RawMessage) []byte {
	t.Helper()
	if document.Repeat == nil {
		return text
	}
	value := parsed(t, text)
	place := &value
	for token := range strings.SplitSeq(strings.TrimPrefix(document.Repeat.Pointer, "/"), "/") {
		if document.Repeat.Pointer == "" {
			break
		}
		place = inside(t, place, strings.NewReplacer("~1", "/", "~0", "~").Replace(token))
	}
	*place = repeated(t, *place, document.Repeat.Times)
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// inside returns the member or item of a container; the container holds pointers afterwards.
func inside(t *testing.T, container *any, token string) *any {
	t.Helper()
	switch container := (*container).(type) {
	case map[string]any:
		member := container[token]
		container[token] = &member
		return &member
	case []any:
		index, err := strconv.Atoi(token)
		if err != nil {
			t.Fatal(err)
		}
		return &container[index]
	default:
		t.Fatalf("%s is in no container", token)
		return nil
	}
}

func repeated(t *testing.T, value any, times int) any {
	t.Helper()
	switch value := value.(type) {
	case string:
		return strings.Repeat(value, times)
	case []any:
		items := make([]any, times)
		for i := range items {
			items[i] = value[0]
		}
		return items
	case map[string]any:
		members := make(map[string]any, times)
		for key, member := range value {
			for i := range times {
				members[key+strconv.Itoa(i)] = member
			}
		}
		return members
	default:
		t.Fatalf("%v cannot be repeated", value)
		return nil
	}
}

// parsed returns a JSON value.
func parsed(t *testing.T, text []byte) any {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return exact(value)
}

// number is a number that is written as JSON.
type number struct{ text string }

func (n number) MarshalJSON() ([]byte, error) { return []byte(n.text), nil }

// exact returns a value whose integers of 64 bits are exact and whose other numbers are rounded to a float64.
func exact(value any) any {
	switch value := value.(type) {
	case json.Number:
		rational, ok := new(big.Rat).SetString(value.String())
		if ok && rational.IsInt() && rational.Num().BitLen() <= 64 {
			return number{text: rational.Num().String()}
		}
		rounded, _ := value.Float64()
		return number{text: strconv.FormatFloat(rounded, 'g', -1, 64)}
	case []any:
		for i := range value {
			value[i] = exact(value[i])
		}
	case map[string]any:
		for key, member := range value {
			value[key] = exact(member)
		}
	}
	return value
}
