package codec_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

// entry has a member of each kind.
type entry struct {
	ID     string
	Count  *int64
	Ratio  float64
	Labels map[string]string
	Next   *entry
	Choice choice
	Wait   time.Duration
	Extra  map[string]json.RawMessage
}

var (
	idRule = codec.Text{Min: 1, Max: 4, Pattern: codec.NewPattern("^[a-z-]+$", codec.NewRun("a-z-", 1, 0))}

	entryFields = codec.NewFlatFields(0b1, "id", "count", "ratio", "labels", "next", "choice", "wait")
	choiceTags  = codec.NewOpenTags(0b1, "none", "text", "list")
)

func (e *entry) DecodeFrom(r *codec.Reader) {
	o := r.Object(&entryFields)
	for o.Next() {
		switch o.Field {
		case 0:
			e.ID = r.Text(&idRule)
		case 1:
			e.Count = new(r.Int(0, 10))
		case 2:
			e.Ratio = r.Float(-1, 1)
		case 3:
			e.Labels = codec.Map[string](r, 0, 2, nil, func(v *string, r *codec.Reader) { *v = r.String(0, 3) })
		case 4:
			e.Next = codec.NewNullable(r, (*entry).DecodeFrom)
		case 5:
			e.Choice.DecodeFrom(r)
		case 6:
			e.Wait = r.Duration(time.Millisecond, 0, 1000)
		default:
			codec.Member(r, &e.Extra, codec.ReadRaw)
		}
	}
}

func (e *entry) EncodeTo(w *codec.Writer) {
	w.Object()
	w.Field("id")
	w.Text(e.ID, &idRule)
	if e.Count != nil {
		w.Field("count")
		w.Int(*e.Count, 0, 10)
	}
	w.Field("ratio")
	w.Float(e.Ratio, -1, 1)
	w.Field("labels")
	codec.WriteMap(w, e.Labels, 0, 2, nil, func(v *string, w *codec.Writer) { w.String(*v, 0, 3) })
	w.Field("next")
	codec.WriteNullable(w, e.Next, (*entry).EncodeTo)
	w.Field("choice")
	e.Choice.EncodeTo(w)
	w.Field("wait")
	w.Duration(e.Wait, time.Millisecond, 0, 1000)
	codec.WriteMembers(w, e.Extra, &entryFields, codec.WriteRaw)
	w.EndObject()
}

type choice struct {
	None    bool
	Text    *string
	List    []bool
	Unknown json.RawMessage
}

func (c *choice) DecodeFrom(r *codec.Reader) {
	u := r.Union(&choiceTags, &c.Unknown)
	for u.Next() {
		switch u.Variant {
		case 0:
			c.None = true
		case 1:
			c.Text = new(r.String(0, 3))
		case 2:
			c.List = codec.List(r, 1, 2, func(v *bool, r *codec.Reader) { *v = r.Bool() })
		}
	}
}

func (c *choice) EncodeTo(w *codec.Writer) {
	u := w.Union(&choiceTags)
	if c.None {
		u.Unit(0)
	}
	if c.Text != nil {
		u.Begin(1)
		w.String(*c.Text, 0, 3)
		u.Close()
	}
	if c.List != nil {
		u.Begin(2)
		codec.WriteList(w, c.List, 1, 2, func(v *bool, w *codec.Writer) { w.Bool(*v) })
		u.Close()
	}
	u.End()
}

func TestDecodeRefusesAtThePointer(t *testing.T) {
	nested := strings.Repeat("[", 126)
	for text, want := range map[string]string{
		`{"id":"a"}`:                                    "",
		` {"id" : "a-b" , "count":1.0 } `:               "",
		`{"id":"a","count":1e1}`:                        "",
		`{"id":"a","count":-0}`:                         "",
		`{"id":"a","count":11}`:                         "/count: expected an integer from 0 to 10",
		`{"id":"a","count":0.5}`:                        "/count: expected an integer from 0 to 10",
		`{"id":"a","count":1e400}`:                      ": expected a number that 64-bit floating point can hold",
		`{"id":"a","count":01}`:                         ": expected a number of JSON",
		`{"id":"a","count":null}`:                       "/count: expected an integer",
		`{"id":"A"}`:                                    "/id: expected a text that matches ^[a-z-]+$",
		`{"id":"abcde"}`:                                "/id: expected at most 4 characters",
		`{"id":""}`:                                     "/id: expected at least 1 characters",
		`{"id":"\u0061\n"}`:                             "/id: expected a text that matches ^[a-z-]+$",
		`{"id":"a\ud800"}`:                              ": expected an escape of JSON without lone surrogates",
		`{"id":"a","x":"\ud83d\ude00"}`:                 "",
		"{\"id\":\"a\",\"x\":\"\xff\"}":                 ": expected UTF-8",
		"{\"id\":\"a\",\"x\":\"\n\"}":                   ": expected no control character in a text",
		`{}`:                                            ": expected a member `id`",
		`{"id":"a","id":"a"}`:                           ": expected one member `id`",
		`{"id":"a","x":1,"x":1}`:                        ": expected one member `x`",
		`{"id":"a","x":{"y":[{"z":1,"z":2}]}}`:          "/x/y/0: expected one member `z`",
		`{"id":"a","x":1e400}`:                          ": expected a number that 64-bit floating point can hold",
		`{"id":"a","ratio":-0.0}`:                       "",
		`{"id":"a","ratio":1.5}`:                        "/ratio: expected a number up to 1",
		`{"id":"a","labels":{"a/b":"x"}}`:               "",
		`{"id":"a","labels":{"a/b~":"long"}}`:           "/labels/a~1b~0: expected at most 3 characters",
		`{"id":"a","labels":{"a":"","a":""}}`:           "/labels: expected one member `a`",
		`{"id":"a","next":{"id":"a","next":{}}}`:        "/next/next: expected a member `id`",
		`{"id":"a","choice":"none"}`:                    "",
		`{"id":"a","choice":"text"}`:                    "/choice: expected the content that belongs to its tag",
		`{"id":"a","choice":{"none":1}}`:                "/choice: expected a tag without content",
		`{"id":"a","choice":{"list":[]}}`:               "/choice/list: expected at least 1 items",
		`{"id":"a","choice":{"list":[true,1]}}`:         "/choice/list/1: expected true or false",
		`{"id":"a","choice":{"list":[true],"text":""}}`: "/choice: expected one member",
		`{"id":"a","choice":{"new":1}}`:                 "/choice: expected one of `none`, `text`, `list`",
		`{"id":"a",}`:                                   ": expected the key of a member",
		`{"id":"a"}x`:                                   ": expected no more text",
		"\ufeff{}":                                      ": expected a JSON value",
		``:                                              ": expected a JSON value",
		`{"id":"a"`:                                     ": expected a comma or the end of the object",
		`{"id":"a","x":` + nested + strings.Repeat("]", 126) + `}`:        "",
		`{"id":"a","x":` + nested + "[" + strings.Repeat("]", 127) + "}":  ": expected at most 127 levels",
		`{"id":"a","x":` + strings.Repeat("[", 100_000):                   ": expected at most 127 levels",
		`{"id":"a","wait":1001}`:                                          "/wait: expected an integer from 0 to 1000",
		`{"id":"a","x":` + strings.Repeat(`{"a":`, 50):                    ": expected a JSON value",
		`{"id":"a","x":[` + strings.Repeat("0,", codec.MaxValues) + "0]}": ": expected at most 1000000 values",
		`{"id":"a","next":{"id":"a","labels":{"a":"","b":"","c":""}}}`:    "/next/labels: expected at most 2 members",
		`{"id":"a","next":{"id":"a","x":[1,2,{"a~/b":[{"c":1,"c":1}]}]}}`: "/next/x/2/a~0~1b/0: expected one member `c`",
	} {
		var e entry
		err := codec.Decode([]byte(text), codec.Request, &e)
		if got := describe(err); got != want {
			t.Errorf("%.80s: %q, want %q", text, got, want)
		}
	}
}

func describe(err error) string {
	if err == nil {
		return ""
	}
	failure := err.(*codec.Error)
	return failure.Pointer + ": " + failure.Reason
}

func TestDecodeKeepsUnknownVariantsOfReplies(t *testing.T) {
	for _, value := range []string{`"new"`, `{"new":[1, 2]}`} {
		var e entry
		text := `{"id":"a","choice":` + value + `,"count":1}`
		if err := codec.Decode([]byte(text), codec.Reply, &e); err != nil {
			t.Fatal(err)
		}
		if string(e.Choice.Unknown) != value || *e.Count != 1 {
			t.Errorf("%s: %+v", text, e)
		}
		if _, err := codec.Marshal(&e); describe(err) != "/choice: expected one of `none`, `text`, `list`" {
			t.Errorf("an unknown variant was written: %v", err)
		}
	}
	for _, value := range []string{`"error"`, `{"error":1}`} {
		if err := codec.Decode([]byte(`{"id":"a","choice":`+value+`}`), codec.Reply, new(entry)); err == nil {
			t.Errorf("%s was kept", value)
		}
	}
}

func TestEncodeRefusesWhatDecodeRefuses(t *testing.T) {
	valid := func() entry { return entry{ID: "a", Choice: choice{None: true}} }
	for want, change := range map[string]func(*entry){
		"":                                    func(*entry) {},
		"/id: expected at least 1 characters": func(e *entry) { e.ID = "" },
		"/count: expected an integer from 0 to 10":        func(e *entry) { e.Count = new(int64(11)) },
		"/ratio: expected a finite number":                func(e *entry) { e.Ratio = math.NaN() },
		"/wait: expected a multiple of 1ms":               func(e *entry) { e.Wait = 1 },
		"/next/id: expected at least 1 characters":        func(e *entry) { e.Next = new(entry) },
		"/choice: expected one of `none`, `text`, `list`": func(e *entry) { e.Choice.Text = new("x") },
		"/x: expected a JSON value":                       func(e *entry) { e.Extra = map[string]json.RawMessage{"x": []byte("{")[:0]} },
		": expected one member `id`":                      func(e *entry) { e.Extra = map[string]json.RawMessage{"id": []byte("1")} },
	} {
		e := valid()
		change(&e)
		if _, err := codec.Marshal(&e); describe(err) != want {
			t.Errorf("%q, want %q", describe(err), want)
		}
	}
}

func TestEncodeWritesWhatDecodeReads(t *testing.T) {
	e := entry{
		ID: "a-b", Count: new(int64(3)), Ratio: -0.125, Labels: map[string]string{"b": "é😀\"", "a": "\\\n\x01"},
		Next: &entry{ID: "n", Choice: choice{List: []bool{true, false}}}, Choice: choice{Text: new("x")},
		Wait: 7 * time.Millisecond, Extra: map[string]json.RawMessage{"z": []byte(`{"a":[1,2]}`)},
	}
	text, err := codec.Marshal(&e)
	if err != nil || !json.Valid(text) {
		t.Fatal(err, string(text))
	}
	var back entry
	if err := codec.Decode(text, codec.Request, &back); err != nil {
		t.Fatal(err)
	}
	again, err := codec.Marshal(&back)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("%s, then %s, %v", text, again, err)
	}
}

func TestSecretIsHidden(t *testing.T) {
	secret := codec.Secret("hunter2")
	for _, format := range []string{"%v", "%s", "%q", "%#v", "%x", "%d"} {
		if text := fmt.Sprintf(format, secret); strings.Contains(text, "hunter") || strings.Contains(text, "68756e") {
			t.Errorf("%s shows %s", format, text)
		}
	}
}

func TestPrintableEscapesControlCharacters(t *testing.T) {
	if got := codec.Printable("a\x1b[31m\"é\n"); got != `a\x1b[31m"é\n` {
		t.Error(got)
	}
}

// FuzzRaw compares the reader with encoding/json, which accepts a superset.
func FuzzRaw(f *testing.F) {
	for _, seed := range []string{`{"a":[1,2.5e3,"\u00e9\ud83d\ude00"],"b":null}`, `[true,false]`, "\"\x7f\"", `-0`, `1E+2`, `{"a":1,"a":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var raw rawValue
		err := codec.Decode(data, codec.Request, &raw)
		if err == nil && !json.Valid(data) {
			t.Fatalf("%q was accepted", data)
		}
		if err != nil && json.Valid(data) && !isStricter(err.(*codec.Error).Reason) {
			t.Fatalf("%q was refused: %v", data, err)
		}
		if err == nil {
			text, err := codec.Marshal(&raw)
			if err != nil || string(text) != string(raw) {
				t.Fatalf("%q was written as %q, %v", raw, text, err)
			}
		}
	})
}

func isStricter(reason string) bool {
	for _, part := range []string{"UTF-8", "one member", "surrogates", "floating point", "levels"} {
		if strings.Contains(reason, part) {
			return true
		}
	}
	return false
}

type rawValue json.RawMessage

func (v *rawValue) DecodeFrom(r *codec.Reader) { *v = rawValue(r.Raw()) }

func (v *rawValue) EncodeTo(w *codec.Writer) { w.Raw(json.RawMessage(*v)) }

// many has more members than a word has bits.
type many struct{ last, extra int64 }

var manyFields = func() codec.Fields {
	names := make([]string, 130)
	for i := range names {
		names[i] = fmt.Sprint("m", i)
	}
	return codec.NewManyClosedFields([]uint64{1, 0, 0b10}, names...)
}()

func (m *many) DecodeFrom(r *codec.Reader) {
	o := r.Object(&manyFields)
	for o.Next() {
		switch o.Field {
		case 129:
			m.last = r.Int(0, 9)
		default:
			m.extra += r.Int(0, 9)
		}
	}
}

func TestObjectsCanHaveMoreMembersThanBits(t *testing.T) {
	for text, want := range map[string]string{
		`{"m0":1,"m129":2,"m70":3,"m64":4}`: "",
		`{"m0":1}`:                          ": expected a member `m129`",
		`{"m129":1}`:                        ": expected a member `m0`",
		`{"m0":1,"m129":1,"m129":1}`:        ": expected one member `m129`",
		`{"m0":1,"m129":1,"m64":10}`:        "/m64: expected an integer from 0 to 9",
	} {
		var m many
		if got := describe(codec.Decode([]byte(text), codec.Request, &m)); got != want {
			t.Errorf("%s: %q", text, got)
		}
		if want == "" && (m.last != 2 || m.extra != 8) {
			t.Errorf("%+v", m)
		}
	}
}
