package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// pipelines is the number of pipelines of the events. Events of the same pipeline run in order.
const pipelines = 64

// timeout is long enough for a busy machine.
const timeout = time.Minute

const (
	eventType = "TradeExecuted"
	fields    = `{"symbol":"ACME","price":101.25,"volume":1200}`
)

// A caller calls a worker and checks its reply. The number selects the pipeline.
type caller func(number int) error

// callAll measures calls with different numbers of calls in flight.
func callAll(url string, quick bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	bare, err := bareCaller(ctx, url)
	if err != nil {
		return err
	}
	ours, err := ourCaller(ctx, url)
	if err != nil {
		return err
	}
	for _, inFlight := range []int{1, 64, 512} {
		if err := measureCalls([]caller{ours, bare}, inFlight, quick); err != nil {
			return fmt.Errorf("calls, %d in flight: %w", inFlight, err)
		}
	}
	return nil
}

func measureCalls(callers []caller, inFlight int, quick bool) error {
	rounds, length := 15, 400*time.Millisecond
	if quick {
		rounds, length = 1, 50*time.Millisecond
	}
	for _, call := range callers {
		if _, err := callWithin(length, inFlight, call); err != nil {
			return err
		}
	}
	throughput, load := make([]series, len(callers)), make([]series, len(callers))
	err := takeTurns(rounds, len(callers), func(i int) error {
		before, err := processorTime()
		if err != nil {
			return err
		}
		start := time.Now()
		count, err := callWithin(length, inFlight, callers[i])
		if err != nil {
			return err
		}
		elapsed := time.Since(start)
		after, err := processorTime()
		throughput[i] = append(throughput[i], float64(count)/elapsed.Seconds())
		load[i] = append(load[i], (after-before).Seconds()/float64(count))
		return err
	})
	if err != nil {
		return err
	}
	name := fmt.Sprintf("calls.%d.", inFlight)
	report(name+"throughput", throughput[0].median(), "/s")
	report(name+"bare_ratio", throughput[0].ratio(throughput[1]), "x")
	report(name+"bare_cpu_ratio", load[0].ratio(load[1]), "x")
	return nil
}

// callWithin calls in parallel for a time, at least once per goroutine, and returns the number of calls.
func callWithin(length time.Duration, inFlight int, call caller) (int64, error) {
	end := time.Now().Add(length)
	var count atomic.Int64
	var failure atomic.Value
	var all sync.WaitGroup
	for range inFlight {
		all.Go(func() {
			for first := true; first || time.Now().Before(end); first = false {
				if err := call(int(count.Add(1))); err != nil {
					failure.Store(err)
					return
				}
			}
		})
	}
	all.Wait()
	if err := failure.Load(); err != nil {
		return 0, err.(error)
	}
	return count.Load(), nil
}

func pipeline(number int) string {
	return fmt.Sprintf("0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0%02d", number)
}

// bareCaller calls over nats.go with handwritten JSON.
func bareCaller(ctx context.Context, url string) (caller, error) {
	var connections [2]*nats.Conn
	for i := range connections {
		conn, err := nats.Connect(url)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, conn.Close)
		connections[i] = conn
	}
	client, server := connections[0], connections[1]
	if _, err := server.Subscribe("bare", answer); err != nil {
		return nil, err
	}
	if err := server.Flush(); err != nil {
		return nil, err
	}
	requests := make([]inject, pipelines)
	for i := range requests {
		requests[i] = inject{PipelineID: pipeline(i), EventType: eventType}
		if err := json.Unmarshal([]byte(fields), &requests[i].Fields); err != nil {
			return nil, err
		}
	}
	return func(number int) error {
		data, err := json.Marshal(&requests[number%pipelines])
		if err != nil {
			return err
		}
		message, err := client.Request("bare", data, timeout)
		if err != nil {
			return err
		}
		var reply injected
		if err := json.Unmarshal(message.Data, &reply); err != nil {
			return err
		}
		return checkEvents(len(reply.OutputEvents))
	}, nil
}

// answer is the bare server. A request that it cannot read gets no answer, so the caller fails.
func answer(message *nats.Msg) {
	var request inject
	if json.Unmarshal(message.Data, &request) != nil {
		return
	}
	out := event{EventType: request.EventType, Fields: map[string]json.RawMessage{}}
	if data, err := json.Marshal(injected{Ok: true, OutputEvents: []event{out, out, out}}); err == nil {
		_ = message.Respond(data)
	}
}

type engine struct{ worker.Service }

func (engine) Inject(_ context.Context, request worker.InjectRequest) (worker.InjectReply, error) {
	event := types.OutputEvent{EventType: request.EventType}
	return worker.InjectReply{OutputEvents: []types.OutputEvent{event, event, event}}, nil
}

// ourCaller calls over the generated client and server.
func ourCaller(ctx context.Context, url string) (caller, error) {
	var connections [2]*natsgen.Conn
	for i := range connections {
		conn, err := natsgen.Connect(ctx, url)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { conn.Close() })
		connections[i] = conn
	}
	if _, err := worker.Serve(ctx, connections[1], "w0", engine{}); err != nil {
		return nil, err
	}
	client := worker.NewClient(connections[0], natsgen.Timeout(timeout))
	requests := make([]worker.InjectRequest, pipelines)
	for i := range requests {
		requests[i] = worker.InjectRequest{PipelineID: types.PipelineID(pipeline(i)), EventType: eventType}
		if err := json.Unmarshal([]byte(fields), &requests[i].Fields); err != nil {
			return nil, err
		}
	}
	return func(number int) error {
		reply, err := client.Inject(ctx, "w0", requests[number%pipelines])
		if err != nil {
			return err
		}
		return checkEvents(len(reply.OutputEvents))
	}, nil
}

func checkEvents(count int) error {
	if count != 3 {
		return errors.New("events are missing")
	}
	return nil
}
