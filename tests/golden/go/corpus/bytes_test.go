package corpus

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

// payload is a text that no JSON value expresses, such as duplicate members.
type payload struct {
	Name  string
	Bytes []struct {
		Text  string
		Hex   string
		Times *int
	}
	Written json.RawMessage
	Pointer string
}

func (p payload) bytes(t *testing.T) []byte {
	t.Helper()
	var text []byte
	for _, segment := range p.Bytes {
		part, err := hex.DecodeString(segment.Hex)
		if err != nil {
			t.Fatal(err)
		}
		part = append(part, segment.Text...)
		times := 1
		if segment.Times != nil {
			times = *segment.Times
		}
		text = append(text, bytes.Repeat(part, times)...)
	}
	return text
}

func TestBytesVerdictsPointersAndOutput(t *testing.T) {
	count := 0
	walk(t, "../../../vectors/bytes", func(text []byte) {
		var file struct {
			Message        string
			Valid, Invalid []payload
		}
		if err := json.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		newValue, ok := messages[file.Message]
		if !ok {
			t.Fatalf("%s has no type in the table", file.Message)
		}
		for _, payload := range file.Valid {
			value := newValue()
			if err := codec.Decode(payload.bytes(t), codec.Request, value); err != nil {
				t.Errorf("%s, %s: wrongly refused: %v", file.Message, payload.Name, err)
				continue
			}
			written, err := codec.Marshal(value)
			if err != nil || !reflect.DeepEqual(parsed(t, written), parsed(t, payload.Written)) {
				t.Errorf("%s, %s: wrote %.300s, %v", file.Message, payload.Name, written, err)
			}
		}
		for _, payload := range file.Invalid {
			err := codec.Decode(payload.bytes(t), codec.Request, newValue())
			if failure, ok := errors.AsType[*codec.Error](err); !ok || failure.Pointer != payload.Pointer {
				t.Errorf("%s, %s at %q: %v", file.Message, payload.Name, payload.Pointer, err)
			}
		}
		count += len(file.Valid) + len(file.Invalid)
	})
	t.Logf("%d payloads", count)
	if count < 100 {
		t.Errorf("%d payloads are too few", count)
	}
}
