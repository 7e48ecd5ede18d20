package natsgen_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
)

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

func TestOrderingKeyRunsRequestsInTheirOrder(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		var mutex sync.Mutex
		seen := make(map[string][]string)
		var running, most atomic.Int32
		serve(t, serving, "w0", func(_ context.Context, i item) (item, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			time.Sleep(100 * time.Microsecond)
			mutex.Lock()
			defer mutex.Unlock()
			seen[i.Key] = append(seen[i.Key], i.Text)
			return i, nil
		})
		c := newClient(calling)
		inner := natsgen.TransportOf(calling)
		if _, err := c.call(context.Background(), &putOperation, "w0", item{Key: "warm"}); err != nil {
			t.Fatal(err)
		}
		const count = 100
		for i := range count {
			for _, key := range []string{"a", "b"} {
				data := fmt.Appendf(nil, `{"text":"%d","key":"%s"}`, i, key)
				m := transport.Message{Subject: "acme.cmd.w0.put", Reply: "_INBOX.x.y", Data: data}
				if err := inner.Publish(&m); err != nil {
					t.Fatal(err)
				}
			}
		}
		eventually(t, "all requests run", func() bool {
			mutex.Lock()
			defer mutex.Unlock()
			return len(seen["a"]) == count && len(seen["b"]) == count
		})
		for _, key := range []string{"a", "b"} {
			for i, text := range seen[key] {
				if text != fmt.Sprint(i) {
					t.Fatal(key, seen[key])
				}
			}
		}
		if most.Load() < 2 {
			t.Error("different keys do not run in parallel")
		}
	})
}

// gate blocks handlers until it is opened.
type gate struct {
	open    chan struct{}
	entered chan string
}

func newGate() *gate { return &gate{open: make(chan struct{}), entered: make(chan string, 1000)} }

func (g *gate) handle(_ context.Context, i item) (item, error) {
	g.entered <- i.Key
	if i.Text != "pass" {
		<-g.open
	}
	return i, nil
}

// begin starts a call and returns its error later.
func begin(c *client, o *natsgen.Operation, i item) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := c.call(context.Background(), o, "w0", i)
		done <- err
	}()
	return done
}

func TestServerRefusesBeyondItsLimits(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		g := newGate()
		server := serve(t, serving, "w0", g.handle, natsgen.Concurrency(2), natsgen.Queue(4), natsgen.PerKey(1))
		c := newClient(calling)
		var calls []<-chan error
		for i := range 2 {
			calls = append(calls, begin(c, &getOperation, item{Key: fmt.Sprint(i)}))
			<-g.entered
		}
		for range 4 {
			calls = append(calls, begin(c, &getOperation, item{}))
		}
		eventually(t, "the queue is full", func() bool { return server.Stats().Waiting == 4 })
		_, err := c.call(context.Background(), &getOperation, "w0", item{})
		expect(t, err, "refused: overloaded, retryable true")
		// A control request has a reserved place.
		if _, err := c.call(context.Background(), &stopOperation, "w0", item{Text: "pass"}); err != nil {
			t.Error(err)
		}
		close(g.open)
		for _, call := range calls {
			if err := <-call; err != nil {
				t.Error(err)
			}
		}
		if stats := server.Stats(); stats.Refused != 1 || stats.Answered != 7 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestServerRefusesBeyondTheLimitOfAKeyAndOfBytes(t *testing.T) {
	conn := natsgen.InProcess()
	g := newGate()
	server := serve(t, conn, "w0", g.handle, natsgen.PerKey(1), natsgen.Bytes(100_000))
	c := newClient(conn)
	first := begin(c, &putOperation, item{Key: "a"})
	<-g.entered
	second := begin(c, &putOperation, item{Key: "a"})
	eventually(t, "a request waits", func() bool { return server.Stats().Waiting == 1 })
	_, err := c.call(context.Background(), &putOperation, "w0", item{Key: "a"})
	expect(t, err, "refused: overloaded: too many requests with this ordering key, retryable true")
	_, err = c.call(context.Background(), &putOperation, "w0", item{Key: "b", Text: strings.Repeat("x", 100_000)})
	expect(t, err, "refused: overloaded, retryable true")
	close(g.open)
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
}

func TestControlOvertakesAndStopsRequestsOfItsKey(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		stopped := make(chan error, 1)
		entered := make(chan struct{}, 1)
		server := serve(t, serving, "w0", func(ctx context.Context, i item) (item, error) {
			if i.Text == "run" {
				entered <- struct{}{}
				<-ctx.Done()
				stopped <- ctx.Err()
			}
			return i, nil
		}, natsgen.Grace(50*time.Millisecond))
		c := newClient(calling)
		running := begin(c, &putOperation, item{Key: "a", Text: "run"})
		<-entered
		waiting := begin(c, &putOperation, item{Key: "a"})
		eventually(t, "a request waits", func() bool { return server.Stats().Waiting == 1 })
		stop := begin(c, &stopOperation, item{Key: "a"})
		expect(t, <-waiting, "refused: cancelled, retryable false")
		expect(t, <-running, "refused: aborted, retryable false")
		if err := <-stop; err != nil {
			t.Error(err)
		}
		if err := <-stopped; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := c.call(context.Background(), &putOperation, "w0", item{Key: "a"}); err != nil {
			t.Error(err)
		}
		eventually(t, "nothing runs", func() bool { s := server.Stats(); return s.Running == 0 && s.Cancelled == 1 && s.Aborted == 1 })
	})
}

func TestExpiredRequestsAreNotExecuted(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		g := newGate()
		server := serve(t, serving, "w0", g.handle, natsgen.Concurrency(1))
		c := newClient(calling)
		first := begin(c, &getOperation, item{Key: "first"})
		<-g.entered
		late := begin(newClient(calling, natsgen.Timeout(300*time.Millisecond)), &getOperation, item{Key: "late"})
		eventually(t, "the request waits", func() bool { return server.Stats().Waiting == 1 })
		expect(t, <-late, "no_answer: context deadline exceeded, retryable true")
		time.Sleep(300 * time.Millisecond)
		close(g.open)
		if err := <-first; err != nil {
			t.Error(err)
		}
		eventually(t, "the request expires", func() bool { return server.Stats().Expired == 1 })
		if len(g.entered) != 0 {
			t.Error("an expired request was executed")
		}
	})
}

func TestDuplicatesRunOnce(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		var runs atomic.Int32
		g := newGate()
		server := serve(t, serving, "w0", func(ctx context.Context, i item) (item, error) {
			runs.Add(1)
			i, err := g.handle(ctx, i)
			i.Text += "!"
			return i, err
		}, natsgen.Deduplicate(100, 1000, time.Minute))
		c := newClient(calling)
		ctx := context.Background()
		var calls []<-chan error
		for range 3 {
			done := make(chan error, 1)
			go func() {
				reply, err := c.call(ctx, &putOperation, "w0", item{Key: "a"}, natsgen.RequestID("1"))
				if err == nil && reply.Text != "!" {
					err = errors.New(reply.Text)
				}
				done <- err
			}()
			calls = append(calls, done)
		}
		eventually(t, "the duplicates wait", func() bool { return server.Stats().Repeated == 2 })
		close(g.open)
		for _, call := range calls {
			if err := <-call; err != nil {
				t.Error(err)
			}
		}
		reply, err := c.call(ctx, &putOperation, "w0", item{Key: "a"}, natsgen.RequestID("1"))
		if err != nil || reply.Text != "!" || runs.Load() != 1 {
			t.Error(reply, err, runs.Load())
		}
		// Another content is another request.
		if _, err := c.call(ctx, &putOperation, "w0", item{Key: "b"}, natsgen.RequestID("1")); err != nil || runs.Load() != 2 {
			t.Error(err, runs.Load())
		}
		// Other replies displace the first reply, but the request is still known.
		if _, err := c.call(ctx, &putOperation, "w0", item{Text: strings.Repeat("x", 950)}, natsgen.RequestID("2")); err != nil {
			t.Error(err)
		}
		_, err = c.call(ctx, &putOperation, "w0", item{Key: "a"}, natsgen.RequestID("1"))
		expect(t, err, "refused: executed before, reply forgotten, retryable false")
		// Idempotent operations are executed again.
		before := runs.Load()
		for range 2 {
			if _, err := c.call(ctx, &getOperation, "w0", item{}, natsgen.RequestID("3")); err != nil {
				t.Error(err)
			}
		}
		if runs.Load() != before+2 {
			t.Error(runs.Load())
		}
	})
}

func TestShutdownLosesNoRequest(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		var executed atomic.Int32
		server := serve(t, serving, "w0", func(_ context.Context, i item) (item, error) {
			time.Sleep(time.Millisecond)
			executed.Add(1)
			return i, nil
		}, natsgen.Concurrency(4))
		c := newClient(calling)
		var answered, unsent, failed atomic.Int32
		var all sync.WaitGroup
		stop := make(chan struct{})
		for range 32 {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					_, err := c.call(context.Background(), &putOperation, "w0", item{})
					var failure *natsgen.CallError
					switch {
					case err == nil:
						answered.Add(1)
					case errors.As(err, &failure) && failure.Phase == natsgen.NotSent:
						unsent.Add(1)
						return
					default:
						failed.Add(1)
						t.Error(err)
						return
					}
				}
			})
		}
		eventually(t, "calls are answered", func() bool { return answered.Load() > 50 })
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		<-server.Done()
		close(stop)
		all.Wait()
		if answered.Load() != executed.Load() || failed.Load() != 0 || answered.Load() == 0 {
			t.Error(answered.Load(), executed.Load(), unsent.Load(), failed.Load())
		}
	})
}

func TestShutdownEndsAtItsLimit(t *testing.T) {
	conn := natsgen.InProcess()
	g := newGate()
	server := serve(t, conn, "w0", g.handle, natsgen.Concurrency(1), natsgen.DrainLimit(50*time.Millisecond))
	c := newClient(conn)
	running := begin(c, &getOperation, item{})
	<-g.entered
	waiting := begin(c, &getOperation, item{})
	eventually(t, "a request waits", func() bool { return server.Stats().Waiting == 1 })
	if err := server.Shutdown(context.Background()); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	expect(t, <-waiting, "refused: draining, retryable true")
	close(g.open)
	if err := <-running; err != nil {
		t.Error(err)
	}
}

func TestEventsReachTheirSubscribers(t *testing.T) {
	overBoth(t, func(t *testing.T, serving, calling *natsgen.Conn) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		read := func(tokens natsgen.Tokens) nodeID { return nodeID(tokens[0]) }
		one, err := natsgen.Subscribe[item](ctx, serving, "acme", &changedOperation, read, nil, "w1")
		if err != nil {
			t.Fatal(err)
		}
		all, err := natsgen.Subscribe[item](ctx, serving, "acme", &changedOperation, read, nil, "")
		if err != nil {
			t.Fatal(err)
		}
		caller := natsgen.NewCaller(calling, "acme")
		for i, node := range []string{"w0", "w1"} {
			if err := caller.Publish(ctx, &changedOperation, &item{Text: fmt.Sprint(i)}, node); err != nil {
				t.Fatal(err)
			}
		}
		invalid := raw(`{"key":1}`)
		if err := caller.Publish(ctx, &changedOperation, &invalid, "w1"); err != nil {
			t.Fatal(err)
		}
		if event, err := one.Next(ctx); err != nil || event.Params != "w1" || event.Event.Text != "1" {
			t.Error(event, err)
		}
		var texts []string
		for event, err := range all.All(ctx) {
			texts = append(texts, string(event.Params)+event.Event.Text)
			var broken *natsgen.EventError
			if errors.As(err, &broken) {
				var cause *codec.Error
				if !errors.As(err, &cause) || cause.Pointer != "/key" || broken.Subject != "acme.changed.w1" {
					t.Error(err)
				}
				break
			}
		}
		if got := strings.Join(texts, " "); got != "w00 w11 w1" {
			t.Error(got)
		}
		all.Close()
		if _, err := all.Next(ctx); !errors.Is(err, natsgen.ErrClosed) {
			t.Error(err)
		}
		err = caller.Publish(ctx, &changedOperation, &item{Key: strings.Repeat("k", 65)}, "w1")
		expect(t, err, "not_sent: expected at most 64 characters at /key, retryable false")
		serving.Close()
		if _, err := one.Next(ctx); err != nil && !errors.Is(err, natsgen.ErrClosed) && !strings.Contains(err.Error(), "unreadable") {
			t.Error(err)
		}
	})
}
