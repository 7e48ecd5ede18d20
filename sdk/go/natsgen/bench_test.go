package natsgen_test

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	natsio "github.com/nats-io/nats.go"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
)

// BenchmarkCalls compares calls with nats.go and encoding/json alone.
func BenchmarkCalls(b *testing.B) {
	server := natsserver.Start(b, "")
	type message struct {
		Key  string `json:"key"`
		Text string `json:"text"`
	}
	bare, err := natsio.Connect(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer bare.Close()
	serving, err := natsio.Connect(server.URL)
	if err != nil {
		b.Fatal(err)
	}
	defer serving.Close()
	if _, err := serving.Subscribe("bare", func(m *natsio.Msg) {
		var in message
		if json.Unmarshal(m.Data, &in) != nil {
			return
		}
		out, err := json.Marshal(in)
		if err == nil {
			err = m.Respond(out)
		}
		if err != nil {
			b.Error(err)
		}
	}); err != nil {
		b.Fatal(err)
	}
	serve(b, connect(b, server), "w0", nil)
	c := newClient(connect(b, server))
	ctx := context.Background()
	calls := map[string]func() error{
		"bare": func() error {
			data, err := json.Marshal(message{Key: "k", Text: "some text of a usual length"})
			if err != nil {
				return err
			}
			reply, err := bare.Request("bare", data, 5*time.Second)
			if err != nil {
				return err
			}
			var out message
			return json.Unmarshal(reply.Data, &out)
		},
		"natsgen": func() error {
			_, err := c.call(ctx, &getOperation, "w0", item{Key: "k", Text: "some text of a usual length"})
			return err
		},
	}
	for _, inFlight := range []int{1, 64} {
		for _, name := range []string{"bare", "natsgen", "bare", "natsgen"} {
			b.Run(name+"-"+map[int]string{1: "1", 64: "64"}[inFlight], func(b *testing.B) {
				b.ReportAllocs()
				before := processorTime(b)
				var left atomic.Int64
				left.Store(int64(b.N))
				var all sync.WaitGroup
				for range inFlight {
					all.Go(func() {
						for left.Add(-1) >= 0 {
							if err := calls[name](); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
				b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
			})
		}
	}
}

// processorTime returns the time of this process on all processors. On a busy machine it says more than the clock.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
