package corpus

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// longest is the size of the largest document that the validator reads. Larger ones take it too long.
const longest = 200_000

// TestSchemasAgreeWithSanthosh asks another validator for the verdicts of the corpora. There is no known disagreement.
func TestSchemasAgreeWithSanthosh(t *testing.T) {
	count := 0
	for protocol, schemas := range map[string]string{
		"varpulis": "../../../../schema",
		"keyvalue": "../../../keyvalue/schema",
	} {
		compiler, base := compiler(t, schemas)
		walk(t, "../../../vectors/corpus/"+protocol, func(text []byte) {
			var corpus struct {
				Schema         string
				Valid, Invalid []document
			}
			if err := json.Unmarshal(text, &corpus); err != nil {
				t.Fatal(err)
			}
			schema, err := compiler.Compile(base + strings.TrimSuffix(corpus.Schema, "#"))
			if err != nil {
				t.Fatal(err)
			}
			check := func(document document, isValid bool) {
				text := expanded(t, document, document.Document)
				if len(text) > longest {
					return
				}
				count++
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(value); (err == nil) != isValid {
					t.Errorf("%s, %s at %q: %v", corpus.Schema, document.Name, document.Pointer, err)
				}
			}
			for _, document := range corpus.Valid {
				check(document, true)
			}
			for _, document := range corpus.Invalid {
				check(document, false)
			}
		})
	}
	t.Logf("%d documents", count)
	if count < 7000 {
		t.Errorf("%d documents are too few", count)
	}
}

// compiler returns a compiler with all schemas, and the address of their folder.
func compiler(t *testing.T, directory string) (*jsonschema.Compiler, string) {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	base := ""
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(filepath.Dir(path)) == "meta" {
			return err
		}
		if filepath.Ext(path) != ".json" || entry.Name() == "manifest.json" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		below, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		document := schema.(map[string]any)
		// The meta-schemas of the documents only add x-nats and annotations to this one.
		document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
		id := document["$id"].(string)
		base = strings.TrimSuffix(id, filepath.ToSlash(below))
		return compiler.AddResource(id, schema)
	})
	if err != nil {
		t.Fatal(err)
	}
	return compiler, base
}
