package natsgen_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport/memory"
)

// overBoth runs a test over both transports, each with a connection for the server and one for the client.
func overBoth(t *testing.T, test func(t *testing.T, serving, calling *natsgen.Conn)) {
	t.Run("memory", func(t *testing.T) {
		broker := memory.NewBroker()
		test(t, natsgen.Over(broker.Connect()), natsgen.Over(broker.Connect()))
	})
	t.Run("nats", func(t *testing.T) {
		server := natsserver.Start(t, "")
		test(t, connect(t, server), connect(t, server))
	})
}

// raw is any payload.
type raw []byte

func (r *raw) EncodeTo(w *codec.Writer) { w.Raw([]byte(*r)) }

func (r *raw) DecodeFrom(reader *codec.Reader) { *r = raw(reader.Raw()) }

// describe returns phase and cause of a failed call.
func describe(err error) string {
	var failure *natsgen.CallError
	if !errors.As(err, &failure) {
		return fmt.Sprint(err)
	}
	return fmt.Sprintf("%s: %v, retryable %v", failure.Phase, failure.Cause, failure.IsRetryable())
}

func expect(t *testing.T, err error, want string) {
	t.Helper()
	if got := describe(err); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestCallReturnsReplyOrFault(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		server := serve(t, serving, "w0", func(_ context.Context, i item) (item, error) {
			switch i.Text {
			case "full":
				return i, full.With("8 \u00e9\n")
			case "gone":
				return i, fmt.Errorf("wrapped: %w", gone)
			case "other":
				return i, other.With("not declared")
			case "error":
				return i, errors.New("secret of the server")
			case "panic":
				panic("secret of the server")
			case "invalid reply":
				return item{Key: strings.Repeat("k", 65)}, nil
			case "large":
				return item{Text: strings.Repeat("x", 1<<20)}, nil
			}
			return item{Key: i.Key, Text: i.Text + "!"}, nil
		})
		c, ctx := newClient(calling), context.Background()
		reply, err := c.call(ctx, &getOperation, "w0", item{Key: "a", Text: "b"})
		if err != nil || reply.Text != "b!" {
			t.Fatal(reply, err)
		}
		for text, want := range map[string]string{
			"full":          `refused: full: 8 é\n, retryable false`,
			"gone":          "refused: gone, retryable false",
			"other":         "refused: internal error, retryable false",
			"error":         "refused: internal error, retryable false",
			"panic":         "refused: internal error, retryable false",
			"invalid reply": "refused: internal error, retryable false",
			"large":         "refused: reply too large: 1048596 bytes, the limit is 1048576, retryable false",
		} {
			_, err := c.call(ctx, &getOperation, "w0", item{Text: text})
			expect(t, err, want)
		}
		var fault *natsgen.Fault
		_, err = c.call(ctx, &getOperation, "w0", item{Text: "full"})
		if !errors.Is(err, full) || errors.Is(err, gone) || !errors.As(err, &fault) || fault.Detail != "8 \u00e9\n" {
			t.Errorf("%v, %+v", err, fault)
		}
		if stats := server.Stats(); stats.Panicked != 1 || stats.Answered != 9-1 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestCallRefusesBeforeItSends(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		server := serve(t, serving, "w0", nil)
		c, ctx := newClient(calling), context.Background()
		_, err := c.call(ctx, &getOperation, "w0", item{Key: strings.Repeat("k", 65)})
		expect(t, err, "not_sent: expected at most 64 characters at /key, retryable false")
		for _, node := range []string{"", "a.b", "*", ">", "a b", "a\r\n", "\u00fc", "123456789"} {
			if _, err := c.call(ctx, &getOperation, node, item{}); err == nil || !strings.HasPrefix(describe(err), "not_sent: ") {
				t.Errorf("%q: %v", node, err)
			}
		}
		_, err = c.call(ctx, &getOperation, "w0", item{Text: strings.Repeat("x", 1<<20)})
		var large *transport.TooLargeError
		if !errors.As(err, &large) || large.Limit != 1<<20 {
			t.Error(err)
		}
		_, err = c.call(ctx, &getOperation, "w1", item{})
		expect(t, err, "not_sent: no responders, retryable true")
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		_, err = c.call(cancelled, &getOperation, "w0", item{})
		expect(t, err, "not_sent: context canceled, retryable false")
		if stats := server.Stats(); stats.Received != 0 {
			t.Errorf("%+v", stats)
		}
		calling.Close()
		_, err = c.call(ctx, &getOperation, "w0", item{})
		expect(t, err, "not_sent: the connection is closed, retryable false")
	})
}

func TestCallEndsAtDeadlineAndCancellation(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		ended := make(chan error, 1)
		serve(t, serving, "w0", func(ctx context.Context, i item) (item, error) {
			if i.Text == "wait" {
				<-ctx.Done()
				ended <- ctx.Err()
				time.Sleep(100 * time.Millisecond)
			}
			return i, nil
		})
		c, ctx := newClient(calling), context.Background()
		begin := time.Now()
		_, err := c.call(ctx, &getOperation, "w0", item{Text: "wait"}, natsgen.Timeout(100*time.Millisecond))
		expect(t, err, "no_answer: context deadline exceeded, retryable true")
		if took := time.Since(begin); took > time.Second {
			t.Error(took)
		}
		if err := <-ended; !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		limited, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err = c.call(limited, &putOperation, "w0", item{Text: "wait"})
		expect(t, err, "no_answer: context deadline exceeded, retryable false")
		<-ended
		cancelled, cancel := context.WithCancel(ctx)
		time.AfterFunc(50*time.Millisecond, cancel)
		_, err = c.call(cancelled, &getOperation, "w0", item{Text: "wait"}, natsgen.Timeout(time.Second))
		expect(t, err, "no_answer: context canceled, retryable false")
		reply, err := c.call(ctx, &getOperation, "w0", item{Text: "next"})
		if err != nil || reply.Text != "next" || calling.Pending() != 0 {
			t.Error(reply, err, calling.Pending())
		}
	})
}

func TestCallReadsFaultsOfOtherPeers(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		c, ctx := newClient(calling), context.Background()
		peer := serving
		answers := map[string]transport.Message{
			`{"error":"gone"}`:                                               {},
			`{"error":"full: 3"}`:                                            {},
			`{"error":"other: x"}`:                                           {},
			`{"error":"something"}`:                                          {},
			`{"error":"new: x","code":"new"}`:                                {},
			`{"error":"full: y","code":"full","pointer":"/a"}`:               {},
			`{"error":"bad request: z","code":"bad_request","pointer":"/a"}`: {},
			`{"error":5}`:                                                    {},
			`{"key":"a"}`:                                                    {},
			`{"stream":"S","seq":1}`:                                         {},
			`not JSON`:                                                       {Header: transport.Header{"Nats-Service-Error-Code": {"404"}, "Nats-Service-Error": {"gone"}}},
			``:                                                               {Header: transport.Header{"nats-service-error-code": {"500"}}},
			`{"key":"k","text":"t","new member":1}`:                          {},
			"\xff":                                                           {},
			strings.Repeat("[", 100_000):                                     {},
		}
		want := map[string]string{
			`{"error":"gone"}`:                                               "refused: gone, retryable false",
			`{"error":"full: 3"}`:                                            "refused: full: 3, retryable false",
			`{"error":"other: x"}`:                                           "refused: other: x (other), retryable false",
			`{"error":"something"}`:                                          "refused: something, retryable false",
			`{"error":"new: x","code":"new"}`:                                "refused: new: x (new), retryable false",
			`{"error":"full: y","code":"full","pointer":"/a"}`:               "refused: full: y at /a, retryable false",
			`{"error":"bad request: z","code":"bad_request","pointer":"/a"}`: "refused: bad request: z at /a, retryable false",
			`{"error":5}`:                                                    "unreadable: expected a member `key`, retryable false",
			`{"key":"a"}`:                                                    "unreadable: expected a member `text`, retryable false",
			`{"stream":"S","seq":1}`:                                         `no_answer: the JetStream stream "S" contains the subject of the request, retryable false`,
			`not JSON`:                                                       "refused: gone, retryable false",
			``:                                                               "refused: , retryable false",
			`{"key":"k","text":"t","new member":1}`:                          "<nil>",
			"\xff":                                                           "unreadable: expected UTF-8, retryable false",
			strings.Repeat("[", 100_000):                                     "unreadable: expected an object, retryable false",
		}
		var payload string
		answer := rawServer(t, peer, func(m transport.Message) transport.Message {
			reply := answers[payload]
			reply.Data = []byte(payload)
			return reply
		})
		defer answer.Unsubscribe()
		for text := range answers {
			payload = text
			_, err := c.call(ctx, &getOperation, "raw", item{})
			expect(t, err, want[text])
		}
	})
}

// rawServer answers the requests of the node raw.
func rawServer(t *testing.T, conn *natsgen.Conn, answer func(transport.Message) transport.Message) transport.Subscription {
	t.Helper()
	inner := natsgen.TransportOf(conn)
	s, err := inner.Subscribe(context.Background(), "acme.cmd.raw.>", "", func(m transport.Message) {
		reply := answer(m)
		reply.Subject = m.Reply
		if err := inner.Publish(&reply); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCallCarriesIDTimeoutAndTrace(t *testing.T) {
	const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		var got []natsgen.RequestInfo
		var left time.Duration
		serve(t, serving, "w0", func(ctx context.Context, i item) (item, error) {
			info, _ := natsgen.RequestOf(ctx)
			got = append(got, info)
			deadline, _ := ctx.Deadline()
			left = time.Until(deadline)
			return item{Text: natsgen.Traceparent(ctx)}, nil
		})
		c := newClient(calling)
		reply, err := c.call(natsgen.WithTraceparent(context.Background(), trace), &getOperation, "w0", item{},
			natsgen.Timeout(70*time.Second))
		if err != nil || reply.Text != trace {
			t.Error(reply, err)
		}
		if left < 60*time.Second || left > 70*time.Second {
			t.Error(left)
		}
		if _, err := c.call(context.Background(), &getOperation, "w0", item{}, natsgen.RequestID("my\r\nid")); err != nil {
			t.Error(err)
		}
		if len(got[0].ID) != 16 || got[0].Subject != "acme.cmd.w0.get" || got[1].ID != "my  id" {
			t.Errorf("%q", got)
		}
	})
}

func TestRetriesRepeatOnlyWhatMayBeRepeated(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		var calls atomic.Int32
		var ids sync.Map
		serve(t, serving, "w0", func(ctx context.Context, i item) (item, error) {
			info, _ := natsgen.RequestOf(ctx)
			ids.Store(info.ID, true)
			if calls.Add(1) < 3 {
				<-ctx.Done()
				time.Sleep(100 * time.Millisecond)
			}
			return i, nil
		})
		c := newClient(calling, natsgen.Retries(4), natsgen.RetryPauses(time.Millisecond, 5*time.Millisecond),
			natsgen.AttemptTimeout(200*time.Millisecond), natsgen.Timeout(3*time.Second))
		ctx := context.Background()
		if _, err := c.call(ctx, &getOperation, "w0", item{}); err != nil || calls.Load() < 3 {
			t.Error(err, calls.Load())
		}
		count := 0
		ids.Range(func(_, _ any) bool { count++; return true })
		if count != 1 {
			t.Error(count, "ids")
		}
		calls.Store(0)
		_, err := c.call(ctx, &putOperation, "w0", item{}, natsgen.Timeout(300*time.Millisecond))
		expect(t, err, "no_answer: context deadline exceeded, retryable false")
		if calls.Load() != 1 {
			t.Error(calls.Load())
		}
		c = newClient(calling, natsgen.Retries(2), natsgen.RetryPauses(time.Millisecond, 5*time.Millisecond))
		_, err = c.call(ctx, &getOperation, "w1", item{})
		expect(t, err, "not_sent: no responders, retryable true")
	})
}

func TestServerIgnoresWhatItMustNotAnswer(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		server := serve(t, serving, "w0", nil)
		inner := natsgen.TransportOf(calling)
		for _, reply := range []string{"", "acme.cmd.w0.get", "other.subject"} {
			if err := inner.Publish(&transport.Message{Subject: "acme.cmd.w0.get", Reply: reply, Data: []byte("{}")}); err != nil {
				t.Fatal(err)
			}
		}
		c := newClient(calling)
		unknown := operation("unknown", natsgen.Operation{})
		_, err := c.call(context.Background(), &unknown, "w0", item{})
		expect(t, err, "refused: unknown command: unknown, retryable false")
		var failure *natsgen.CallError
		body := raw(`{"key":"a","text":5}`)
		err = c.caller.Call(context.Background(), &getOperation, &body, new(item), nil, "w0")
		expect(t, err, "refused: bad request: expected a text at /text, retryable false")
		if !errors.As(err, &failure) || failure.Operation != "get" {
			t.Error(err)
		}
		if stats := server.Stats(); stats.Ignored != 3 || stats.Invalid != 2 || stats.Answered != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestLateAndForgedRepliesReachNoCall(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		inboxes := make(chan string, 2)
		s := rawServer(t, serving, func(m transport.Message) transport.Message {
			inboxes <- m.Reply
			return transport.Message{Data: []byte(`{"key":"a","text":"first"}`)}
		})
		defer s.Unsubscribe()
		c, ctx := newClient(calling), context.Background()
		for range 2 {
			reply, err := c.call(ctx, &getOperation, "raw", item{})
			if err != nil || reply.Text != "first" {
				t.Error(reply, err)
			}
		}
		first, second := <-inboxes, <-inboxes
		prefix := first[:strings.LastIndexByte(first, '.')+1]
		if !strings.HasPrefix(second, prefix) || first == second || len(prefix) < 26 {
			t.Errorf("%s %s", first, second)
		}
		inner := natsgen.TransportOf(serving)
		for _, token := range []string{"0000000000000000", "x", strings.Repeat("9", 30)} {
			if err := inner.Publish(&transport.Message{Subject: prefix + token, Data: []byte("{}")}); err != nil {
				t.Error(err)
			}
		}
		if _, err := c.call(ctx, &getOperation, "raw", item{}); err != nil {
			t.Error(err)
		}
	})
}

func TestManyCallsAtOnceGetTheirOwnReplies(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		serve(t, serving, "w0", nil)
		c := newClient(calling)
		var all sync.WaitGroup
		for caller := range 50 {
			all.Go(func() {
				for i := range 100 {
					text := fmt.Sprintf("%d-%d", caller, i)
					if reply, err := c.call(context.Background(), &getOperation, "w0", item{Text: text}); err != nil || reply.Text != text {
						t.Error(reply, err)
						return
					}
				}
			})
		}
		all.Wait()
	})
}

func TestObserverSeesCallsAndRequests(t *testing.T) {
	conn := natsgen.InProcess()
	records := make(recorder, 10)
	serve(t, conn.WithObserver(records), "w0", nil)
	if _, err := newClient(conn.WithObserver(records)).call(context.Background(), &getOperation, "w0", item{}); err != nil {
		t.Fatal(err)
	}
	kinds := []natsgen.RecordKind{(<-records).Kind, (<-records).Kind}
	if text := fmt.Sprint(kinds); text != "[request call]" && text != "[call request]" {
		t.Error(text)
	}
}

type recorder chan natsgen.Record

func (r recorder) Observe(record natsgen.Record) { r <- record }

func TestFaultBodyIsReadByPeersWithoutHeaders(t *testing.T) {
	conn := natsgen.InProcess()
	serve(t, conn, "w0", func(_ context.Context, i item) (item, error) { return i, full.With("x") })
	inner := natsgen.TransportOf(conn)
	replies := make(chan transport.Message, 1)
	s, err := inner.Subscribe(context.Background(), "_INBOX.test.>", "", func(m transport.Message) { replies <- m })
	if err != nil {
		t.Fatal(err)
	}
	defer s.Unsubscribe()
	message := transport.Message{Subject: "acme.cmd.w0.get", Reply: "_INBOX.test.1", Data: []byte(`{"key":"","text":""}`)}
	if err := inner.Publish(&message); err != nil {
		t.Fatal(err)
	}
	m := <-replies
	if !bytes.Equal(m.Data, []byte(`{"error":"full: x","code":"full"}`)) ||
		m.Header.Get("nats-service-error-code") != "429" || m.Header.Get("Nats-Service-Error") != "full: x" {
		t.Errorf("%s %v", m.Data, m.Header)
	}
}
