package natsgen_test

import (
	"context"
	"errors"
	"testing"
	"time"

	natsio "github.com/nats-io/nats.go"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
)

// formed returns an operation of a protocol with a form of errors of its own.
func formed(form natsgen.ErrorForm) *natsgen.Operation {
	o := operation("get", natsgen.Operation{})
	o.Catalogue = natsgen.NewCatalogue(full, gone).InForm(form)
	return &o
}

var (
	nested = formed(natsgen.ErrorForm{
		Text: "/error/description", Code: "/error/err_code", Status: "/error/code",
		Codes: map[string]string{"gone": "10059", "full": "10047"},
	})
	flag = formed(natsgen.ErrorForm{
		Text: "/message", Code: "/errors/0/id", When: map[string]string{"/ok": "false"},
	})
	zero    = formed(natsgen.ErrorForm{Text: "/text", Code: "/code", Unless: map[string]string{"/code": "0"}})
	headers = formed(natsgen.ErrorForm{Codes: map[string]string{"gone": `"G1"`}})
)

func TestErrorOfAForeignServerIsATypedFault(t *testing.T) {
	server := natsserver.Start(t, "")
	raw, err := natsio.Connect(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	replies := make(chan string, 1)
	if _, err := raw.Subscribe("acme.cmd.w1.get", func(m *natsio.Msg) { _ = m.Respond([]byte(<-replies)) }); err != nil {
		t.Fatal(err)
	}
	if err := raw.Flush(); err != nil {
		t.Fatal(err)
	}
	c := newClient(connect(t, server))
	for _, test := range []struct {
		operation *natsgen.Operation
		reply     string
		kind      *natsgen.FaultKind
		code      string
		detail    string
	}{
		{nested, `{"type":"x","error":{"code":404,"err_code":10059,"description":"no such thing"}}`, gone, "gone", ""},
		{nested, `{"error":{"err_code":10047,"description":"full: disk"},"key":"a","text":"b"}`, full, "full", "disk"},
		{nested, `{"error":{"err_code":10074,"description":"other"}}`, nil, "10074", "other"},
		{nested, `{"error":{"err_code":503,"description":"overloaded"}}`, nil, "503", "overloaded"},
		{flag, `{"ok":false,"message":"gone","errors":[{"id":"gone"}]}`, gone, "gone", ""},
		{flag, `{"ok":false,"message":"gone"}`, gone, "gone", ""},
		{flag, `{"ok":false}`, nil, "", ""},
		{zero, `{"code":5,"text":"no"}`, nil, "5", "no"},
	} {
		replies <- test.reply
		_, err := c.call(context.Background(), test.operation, "w1", item{})
		var fault *natsgen.Fault
		if !errors.As(err, &fault) || fault.Kind != test.kind || fault.Code != test.code || fault.Detail != test.detail {
			t.Errorf("%s: %v", test.reply, err)
		}
	}
	for o, reply := range map[*natsgen.Operation]string{
		nested:  `{"key":"a","text":"b","error":null}`,
		flag:    `{"key":"a","text":"b","ok":true,"message":"done"}`,
		zero:    `{"key":"a","text":"b","code":0}`,
		headers: `{"key":"a","text":"b","error":"x"}`,
	} {
		replies <- reply
		if got, err := c.call(context.Background(), o, "w1", item{}); err != nil || got.Text != "b" {
			t.Errorf("%s: %v", reply, err)
		}
	}
}

func TestServerWritesErrorsInTheFormOfTheProtocol(t *testing.T) {
	server := natsserver.Start(t, "")
	conn := connect(t, server)
	raw, err := natsio.Connect(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, test := range []struct {
		operation *natsgen.Operation
		request   string
		reply     string
		header    string
	}{
		{nested, `{"key":"gone","text":""}`, `{"error":{"code":404,"description":"gone","err_code":10059}}`, "404"},
		{nested, `{}`, `{"error":{"code":400,"description":"bad request: expected a member ` + "`key`" + `","err_code":400}}`, "400"},
		{flag, `{"key":"full","text":"x"}`, `{"errors":[{"id":"full"}],"message":"full: x","ok":false}`, "429"},
		{zero, `{"key":"panic","text":""}`, `{"code":"internal","text":"internal error"}`, "500"},
		{headers, `{"key":"gone","text":""}`, ``, "G1"},
	} {
		router := natsgen.NewRouter("acme")
		router.Listen("cmd.{node}.>", "", "node", "w0")
		natsgen.Handle(router, test.operation, func(_ context.Context, i item) (item, error) {
			switch i.Key {
			case "gone":
				return i, gone
			case "full":
				return i, full.With(i.Text)
			}
			panic("no reply")
		})
		running, err := router.Serve(context.Background(), conn)
		if err != nil {
			t.Fatal(err)
		}
		got, err := raw.Request("acme.cmd.w0.get", []byte(test.request), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if string(got.Data) != test.reply || got.Header.Get("Nats-Service-Error-Code") != test.header {
			t.Errorf("%s: %s %v", test.request, got.Data, got.Header)
		}
		if test.request == `{"key":"gone","text":""}` {
			_, err := newClient(conn).call(context.Background(), test.operation, "w0", item{Key: "gone"})
			if !errors.Is(err, gone) {
				t.Error(err)
			}
		}
		shutdown(t, running)
	}
	// Only a server with this package marks a standard fault, so that its caller may repeat the request.
	router := natsgen.NewRouter("acme")
	router.Listen("cmd.{node}.>", "", "node", "w0")
	natsgen.Handle(router, nested, func(context.Context, item) (item, error) { panic("no reply") })
	running, err := router.Serve(context.Background(), conn)
	if err != nil {
		t.Fatal(err)
	}
	_, err = newClient(conn).call(context.Background(), nested, "w0", item{})
	if !errors.Is(err, natsgen.Internal) {
		t.Error(err)
	}
	shutdown(t, running)
}
