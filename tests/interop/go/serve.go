package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"reflect"
	"strconv"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/raft"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// serve serves a role until the end of the input.
func serve(ctx context.Context, url, role, id string) error {
	input := newInput()
	answers, err := readAnswers(input)
	if err != nil {
		return err
	}
	conn, err := natsgen.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close()
	server, err := start(ctx, conn, answers, role, id)
	if err != nil {
		return err
	}
	printLine(object{"ready": true})
	for input.Scan() {
		continue
	}
	// The runner may have stopped the nats-server, so an incomplete shutdown is no failure of the peer.
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		log.Print(err)
	}
	return nil
}

func start(ctx context.Context, conn *natsgen.Conn, answers *answers, role, id string) (*natsgen.Server, error) {
	switch role {
	case "coordinator":
		heartbeats, err := coordinator.SubscribeHeartbeat(ctx, conn, coordinator.HeartbeatFilter{})
		if err != nil {
			return nil, err
		}
		go printEvents(ctx, "heartbeat", heartbeats, func(p coordinator.HeartbeatParams) object {
			return object{"worker_id": p.WorkerID}
		})
		return coordinator.Serve(ctx, conn, coordinatorService{answers})
	case "raft":
		number, err := strconv.ParseInt(id, 10, 64)
		if err != nil {
			return nil, err
		}
		return raft.Serve(ctx, conn, types.NodeID(number), raftService{answers})
	}
	registrations, err := worker.SubscribeRegistration(ctx, conn, worker.RegistrationFilter{})
	if err != nil {
		return nil, err
	}
	go printEvents(ctx, "registration", registrations, func(p worker.RegistrationParams) object {
		return object{"worker_id": p.WorkerID}
	})
	events, err := worker.SubscribePipelineEvent(ctx, conn, worker.PipelineEventFilter{})
	if err != nil {
		return nil, err
	}
	go printEvents(ctx, "pipeline_event", events, func(p worker.PipelineEventParams) object {
		return object{"group": p.Group, "from_worker": p.FromWorker, "to_worker": p.ToWorker}
	})
	return worker.Serve(ctx, conn, types.WorkerID(id), workerService{answers})
}

// printEvents prints the events of a subscription.
func printEvents[P, E any, PE value[E]](
	ctx context.Context, name string, events *natsgen.Subscription[P, E], params func(P) object,
) {
	for received, err := range events.All(ctx) {
		if err != nil {
			continue
		}
		message := documentOf(PE(&received.Event))
		printLine(object{"event": name, "params": params(received.Params), "message": message})
	}
}

// entry is the answer to a request.
type entry struct {
	Operation string
	Request   any
	DelayMS   int64 `json:"delay_ms"`

	// RetryAfterMS is the time of the next attempt that a fault names.
	RetryAfterMS int64 `json:"retry_after_ms"`

	Answer struct {
		OK    json.RawMessage
		Fault struct{ Code, Detail string }
	}
}

// answers are the answers of a server.
type answers struct {
	mutex   sync.Mutex
	entries []entry
}

// readAnswers reads answers up to an empty line.
func readAnswers(input *bufio.Scanner) (*answers, error) {
	a := new(answers)
	for input.Scan() && len(input.Bytes()) > 0 {
		var e entry
		if err := json.Unmarshal(input.Bytes(), &e); err != nil {
			return nil, err
		}
		a.entries = append(a.entries, e)
	}
	return a, input.Err()
}

// take returns the next answer to a request; the last answer stays.
func (a *answers) take(operation string, text json.RawMessage) (entry, bool) {
	var request any
	if err := json.Unmarshal(text, &request); err != nil {
		panic(err)
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	first, isLast := -1, true
	for i := range a.entries {
		if e := &a.entries[i]; e.Operation != operation || !reflect.DeepEqual(e.Request, request) {
			continue
		}
		if first >= 0 {
			isLast = false
			break
		}
		first = i
	}
	if first < 0 {
		return entry{}, false
	}
	found := a.entries[first]
	if !isLast {
		a.entries = append(a.entries[:first:first], a.entries[first+1:]...)
	}
	return found, true
}

// answer returns the reply or the fault of the table. A request that is not in the table is an error of the test.
func answer[A any, PA value[A]](
	ctx context.Context, a *answers, operation string, request codec.Encoder,
) (reply A, err error) {
	text := documentOf(request)
	found, ok := a.take(operation, text)
	if !ok {
		panic(fmt.Sprintf("%s: unexpected %s", operation, text))
	}
	// A handler that ends with its context would answer at the deadline of the caller.
	time.Sleep(time.Duration(found.DelayMS) * time.Millisecond)
	if found.Answer.OK == nil {
		if found.RetryAfterMS > 0 {
			natsgen.SetRetryAfter(ctx, time.Duration(found.RetryAfterMS)*time.Millisecond)
		}
		return reply, fault.Catalogue.Find(found.Answer.Fault.Code).With(found.Answer.Fault.Detail)
	}
	return reply, codec.Decode(found.Answer.OK, codec.Reply, PA(&reply))
}
