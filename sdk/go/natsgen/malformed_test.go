package natsgen_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
)

// malformed are the subjects, reply subjects and headers of messages that a server forwards.
var malformed = map[string][3]string{
	"no version":                   {"acme.changed.w0", "", "garbage\r\n\r\n"},
	"no colon":                     {"acme.changed.w0", "", "NATS/1.0\r\nno colon\r\n\r\n"},
	"invalid name":                 {"acme.changed.w0", "", "NATS/1.0\r\na b: c\r\n\r\n"},
	"status below 100":             {"acme.changed.w0", "", "NATS/1.0 99\r\n\r\n"},
	"status of letters":            {"acme.changed.w0", "", "NATS/1.0 abc\r\n\r\n"},
	"header of other bytes":        {"acme.changed.w0", "", "NATS/1.0\r\na: \xff\r\n\r\n"},
	"subject of other bytes":       {"acme.changed.\xff", "", "NATS/1.0\r\n\r\n"},
	"reply subject of other bytes": {"acme.changed.w0", "_INBOX.\xff", "NATS/1.0\r\n\r\n"},
	"request without a version":    {"acme.cmd.w0.get", "_INBOX.x", "garbage\r\n\r\n"},
	"request of other bytes":       {"acme.cmd.w0.\xff", "_INBOX.\xff", "NATS/1.0\r\n\xff: \xff\r\n\r\n"},
}

func TestMalformedMessageEndsNeitherConnectionNorCalls(t *testing.T) {
	server := natsserver.Start(t, "")
	conn := connect(t, server)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	release := make(chan struct{}, 1)
	serve(t, conn, "w0", func(_ context.Context, i item) (item, error) {
		if i.Key == "wait" {
			<-release
		}
		return i, nil
	})
	read := func(natsgen.Tokens) int { return 0 }
	events, err := natsgen.Subscribe[item](ctx, conn, "acme", &changedOperation, read, nil, "")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := net.Dial("tcp", strings.TrimPrefix(server.URL, "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	fmt.Fprint(raw, "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true}\r\n")
	for name, message := range malformed {
		running := make(chan error, 1)
		go func() {
			_, err := newClient(conn).call(ctx, &getOperation, "w0", item{Key: "wait"})
			running <- err
		}()
		subject, reply, header := message[0], message[1], message[2]
		fmt.Fprintf(raw, "HPUB %s %s %d %d\r\n%s\r\n", subject, reply, len(header), len(header), header)
		valid := fmt.Sprintf(`{"key":"valid","text":%q}`, name)
		fmt.Fprintf(raw, "PUB acme.changed.w0 %d\r\n%s\r\n", len(valid), valid)
		for {
			// An unreadable event is an error, and the subscription continues.
			received, err := events.Next(ctx)
			if ctx.Err() != nil {
				t.Fatal(name, ctx.Err())
			}
			if err == nil && received.Event.Text == name {
				break
			}
		}
		release <- struct{}{}
		if err := <-running; err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
