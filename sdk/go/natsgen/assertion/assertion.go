// Package assertion validates JSON values with JSON Schema keywords that a type cannot hold, such as not and uniqueItems.
// Only generated packages with such keywords import it.
package assertion

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

const location = "mem:///assertions.json"

// Set is a schema document whose definitions are assertions. Its patterns are in the notation of RE2.
type Set struct {
	text string

	once     sync.Once
	compiler *jsonschema.Compiler

	// mutex guards compiler, which is not safe for concurrent use.
	mutex sync.Mutex
}

// New returns the set with this schema document. The document is compiled at its first use.
func New(text string) *Set { return &Set{text: text} }

func (s *Set) compile(pointer string) *jsonschema.Schema {
	s.once.Do(func() {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(s.text))
		if err != nil {
			panic("assertion: " + err.Error())
		}
		s.compiler = newCompiler()
		if err := s.compiler.AddResource(location, document); err != nil {
			panic("assertion: " + err.Error())
		}
	})
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.compiler.MustCompile(location + "#" + pointer)
}

func newCompiler() *jsonschema.Compiler {
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	for name, format := range formats {
		compiler.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			text, ok := v.(string)
			if !ok {
				return nil
			}
			rule := codec.Text{Format: format}
			return rule.Check(text)
		}})
	}
	return compiler
}

// At returns the assertion at this JSON pointer of the document.
func (s *Set) At(pointer string) codec.Assertion {
	return &definition{schema: sync.OnceValue(func() *jsonschema.Schema { return s.compile(pointer) })}
}

type definition struct{ schema func() *jsonschema.Schema }

// Check returns an error if the JSON value is not valid.
func (d *definition) Check(value []byte) *codec.Error {
	instance, err := unmarshal(value)
	if err != nil {
		return &codec.Error{Reason: "expected a JSON value"}
	}
	err = d.schema().Validate(instance)
	if err == nil {
		return nil
	}
	failure, ok := err.(*jsonschema.ValidationError)
	if !ok {
		return &codec.Error{Reason: "expected a value that its schema accepts"}
	}
	leaf := innermost(failure)
	return &codec.Error{Pointer: pointer(leaf.InstanceLocation), Reason: reason(leaf)}
}

func unmarshal(value []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var instance any
	err := decoder.Decode(&instance)
	return instance, err
}

// innermost returns the first failure without causes. A union without a matching branch has no cause of its own.
func innermost(failure *jsonschema.ValidationError) *jsonschema.ValidationError {
	for len(failure.Causes) > 0 {
		switch failure.ErrorKind.(type) {
		case *kind.AnyOf, *kind.OneOf, *kind.Not, *kind.Contains:
			return failure
		case *kind.PropertyNames:
			return failure
		}
		failure = failure.Causes[0]
	}
	return failure
}

// reason names the keyword. The messages of the validator contain values, which can be secrets.
func reason(failure *jsonschema.ValidationError) string {
	path := failure.ErrorKind.KeywordPath()
	if len(path) == 0 {
		return "expected a value that its schema accepts"
	}
	return "expected a value that satisfies `" + path[0] + "` of its schema"
}

func pointer(tokens []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	var text strings.Builder
	for _, token := range tokens {
		text.WriteString("/" + escape.Replace(token))
	}
	return text.String()
}
