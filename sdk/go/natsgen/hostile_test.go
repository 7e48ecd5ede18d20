package natsgen_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// hostile makes payloads and headers that a peer could send.
type hostile struct{ *rand.Rand }

func (h hostile) pick(texts ...string) string { return texts[h.IntN(len(texts))] }

func (h hostile) payload() []byte {
	data := []byte(h.pick(
		`{"key":"a","text":"b"}`, `{"error":"full: x","code":"full","pointer":"/a"}`, `{"error":{"description":1},"stream":"s"}`,
		`{"stream":"s","seq":18446744073709551616}`, `[[[[]]]]`, `"`, `null`, `{"key":`, `{"code":5,"error":"\ud800"}`, "",
	))
	for range h.IntN(3) {
		if len(data) > 0 {
			data[h.IntN(len(data))] = byte(h.IntN(256))
		}
	}
	return data
}

func (h hostile) header() transport.Header {
	header := transport.Header{}
	for _, name := range []string{
		"Request-Id", "request-timeout", "Request-Timeout", "Nats-Service-Error-Code", "Nats-Service-Error", "traceparent", "Status",
	} {
		if h.IntN(4) == 0 {
			value := h.pick("", "0", "-1", "18446744073709551615", "99999999999999999999", "503", "x\x00", "1e3", "\u00e9")
			header[name] = []string{value, value}[:h.IntN(3)]
		}
	}
	return header
}

// A peer can cause only typed errors.
func TestHostileMessagesHarmNeitherServerNorClient(t *testing.T) {
	conn := natsgen.InProcess()
	inner := natsgen.TransportOf(conn)
	h := hostile{rand.New(rand.NewPCG(1, 2))}
	server := serve(t, conn, "w0", nil, natsgen.Deduplicate(10, 1000, time.Millisecond), natsgen.Queue(10))
	for range 20_000 {
		m := transport.Message{
			Subject: "acme.cmd.w0." + h.pick("get", "put", "stop", "x", "get.get"), Reply: h.pick("_INBOX.a.b", "_INBOX.c", "", "x"),
			Header: h.header(), Data: h.payload(),
		}
		if err := inner.Publish(&m); err != nil {
			t.Fatal(err)
		}
	}
	c := newClient(conn, natsgen.Timeout(5*time.Second))
	eventually(t, "the server answers", func() bool {
		_, err := c.call(context.Background(), &getOperation, "w0", item{Text: "alive"})
		return err == nil
	})
	if stats := server.Stats(); stats.Panicked != 0 {
		t.Errorf("%+v", stats)
	}
	s := rawServer(t, conn, func(transport.Message) transport.Message {
		return transport.Message{Header: h.header(), Data: h.payload()}
	})
	defer s.Unsubscribe()
	outcomes := make(map[string]int)
	for range 5000 {
		_, err := c.call(context.Background(), &getOperation, "raw", item{})
		var failure *natsgen.CallError
		switch {
		case err == nil:
			outcomes["ok"]++
		case errors.As(err, &failure) && failure.Cause != nil:
			outcomes[string(failure.Phase)]++
			_ = fmt.Sprint(err)
		default:
			t.Fatal(err)
		}
	}
	if len(outcomes) < 4 {
		t.Error(outcomes)
	}
}
