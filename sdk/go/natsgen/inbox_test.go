package natsgen_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// inboxes records the subjects of all messages without a reply subject, without their random tokens.
func inboxes(t *testing.T, conn *natsgen.Conn) func() []string {
	t.Helper()
	var mutex sync.Mutex
	var subjects []string
	random := regexp.MustCompile(`\.[0-9A-Z]{26}\.[0-9a-f]{16}$`)
	record := func(m transport.Message) {
		if m.Reply == "" {
			mutex.Lock()
			defer mutex.Unlock()
			subjects = append(subjects, random.ReplaceAllString(m.Subject, ""))
		}
	}
	if _, err := natsgen.TransportOf(conn).Subscribe(context.Background(), ">", "", record); err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mutex.Lock()
		defer mutex.Unlock()
		return slices.Sorted(slices.Values(subjects))
	}
}

func TestServerAnswersOnlyInboxesOfCallers(t *testing.T) {
	conn := natsgen.InProcess()
	replies := inboxes(t, conn)
	server := serve(t, conn, "w0", nil)
	callers := []string{"_INBOX_app.a1.x", "_INBOX_other.x"}
	var expected []string
	for _, reply := range append([]string{"_INBOX_node.w1.x", "_GR_.a.b._INBOX_node.w1.x"}, callers...) {
		for _, command := range []string{"get", "none"} {
			m := transport.Message{Subject: "acme.cmd.w0." + command, Reply: reply, Data: []byte(`{"key":"a","text":"b"}`)}
			if err := natsgen.TransportOf(conn).Publish(&m); err != nil {
				t.Fatal(err)
			}
			if slices.Contains(callers, reply) {
				expected = append(expected, reply)
			}
		}
	}
	eventually(t, "the callers get replies", func() bool { return len(replies()) >= len(expected) })
	shutdown(t, server)
	if got := replies(); !slices.Equal(got, expected) {
		t.Error(got)
	}
	if ignored := server.Stats().Ignored; ignored != 4 {
		t.Error(ignored)
	}
}

func TestIdentitySelectsTheInboxOfCalls(t *testing.T) {
	conn, ctx := natsgen.InProcess(), context.Background()
	serve(t, conn, "w0", nil)
	replies := inboxes(t, conn)
	for role, cause := range map[string]error{"app": nil, "node": context.DeadlineExceeded} {
		handle, err := conn.Identity(role, "a1")
		if err != nil {
			t.Fatal(err)
		}
		_, err = newClient(handle, natsgen.Timeout(50*time.Millisecond)).call(ctx, &getOperation, "w0", item{})
		if !errors.Is(err, cause) {
			t.Error(role, err)
		}
	}
	if _, err := newClient(conn).call(ctx, &getOperation, "w0", item{}); err != nil {
		t.Error(err)
	}
	eventually(t, "each identity has its inbox", func() bool {
		return slices.Equal(replies(), []string{"_INBOX", "_INBOX_app.a1"})
	})
	if _, err := conn.Identity("app", "a b"); err == nil {
		t.Error("an id with a space is no token")
	}
	if pending := conn.Pending(); pending != 0 {
		t.Error(pending)
	}
}
