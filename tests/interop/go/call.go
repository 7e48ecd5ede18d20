package main

import (
	"context"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/raft"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// order is an order for a client.
type order struct {
	Case      string
	Operation string
	Params    map[string]json.RawMessage
	Request   json.RawMessage
	TimeoutMS *int64 `json:"timeout_ms"`
	CancelMS  *int64 `json:"cancel_ms"`

	// Times is the number of calls side by side, or of events one after the other.
	Times *int

	// Number is the pointer of an integer that counts the events from 0.
	Number *string
}

// callAll executes orders until the end of the input.
func callAll(ctx context.Context, url string) error {
	conn, err := natsgen.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close()
	input := newInput()
	for input.Scan() {
		var o order
		if err := json.Unmarshal(input.Bytes(), &o); err != nil {
			return err
		}
		result := execute(ctx, conn, &o)
		result["case"] = o.Case
		printLine(result)
	}
	return input.Err()
}

func execute(ctx context.Context, conn *natsgen.Conn, o *order) object {
	if o.CancelMS != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer time.AfterFunc(time.Duration(*o.CancelMS)*time.Millisecond, cancel).Stop()
		defer cancel()
	}
	switch {
	case o.Times == nil:
		return send(ctx, conn, o, o.Request)
	case o.Number == nil:
		return sideBySide(ctx, conn, o, *o.Times)
	}
	for count := range *o.Times {
		result := send(ctx, conn, o, numbered(o.Request, *o.Number, count))
		if _, ok := result["ok"]; !ok {
			return result
		}
	}
	return object{"ok": nil}
}

// numbered returns a document with count at a pointer.
func numbered(document json.RawMessage, pointer string, count int) json.RawMessage {
	key, rest, isNested := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	var members map[string]json.RawMessage
	if err := json.Unmarshal(document, &members); err != nil {
		panic(err)
	}
	if isNested {
		members[key] = numbered(members[key], rest, count)
	} else {
		members[key] = json.RawMessage(strconv.Itoa(count))
	}
	text, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return text
}

// sideBySide executes an order many times at the same time, and counts equal results.
func sideBySide(ctx context.Context, conn *natsgen.Conn, o *order, times int) object {
	results := make([]object, times)
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = send(ctx, conn, o, o.Request) })
	}
	group.Wait()
	var counts []object
next:
	for _, result := range results {
		for _, known := range counts {
			if reflect.DeepEqual(known["result"], result) {
				known["times"] = known["times"].(int) + 1
				continue next
			}
		}
		counts = append(counts, object{"times": 1, "result": result})
	}
	return object{"counts": counts}
}

// sender sends a document as the request or the event of an order.
type sender func(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object

var senders = map[string]sender{
	"heartbeat":      heartbeat,
	"register":       toCoordinators((*coordinator.Client).Register),
	"list_workers":   toCoordinators((*coordinator.Client).ListWorkers),
	"get_worker":     toCoordinator((*coordinator.Client).GetWorker),
	"remove_worker":  toCoordinator((*coordinator.Client).RemoveWorker),
	"append":         toRaft((*raft.Client).Append),
	"read_index":     toRaft((*raft.Client).ReadIndex),
	"snapshot":       toRaft((*raft.Client).Snapshot),
	"status":         toRaft((*raft.Client).Status),
	"vote":           toRaft((*raft.Client).Vote),
	"write":          toRaft((*raft.Client).Write),
	"checkpoint":     toWorker((*worker.Client).Checkpoint),
	"deploy":         toWorker((*worker.Client).Deploy),
	"drain":          toWorker((*worker.Client).Drain),
	"inject":         toWorker((*worker.Client).Inject),
	"inject_batch":   toWorker((*worker.Client).InjectBatch),
	"restore":        toWorker((*worker.Client).Restore),
	"undeploy":       toWorker((*worker.Client).Undeploy),
	"registration":   registration,
	"pipeline_event": pipelineEvent,
}

func send(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
	return senders[o.Operation](ctx, conn, o, document)
}

func options(o *order) []natsgen.CallOption {
	if o.TimeoutMS == nil {
		return nil
	}
	return []natsgen.CallOption{natsgen.Timeout(time.Duration(*o.TimeoutMS) * time.Millisecond)}
}

// value is a pointer to a message.
type value[T any] interface {
	*T
	codec.Value
}

// read reads a message; the object is the result if it is invalid.
func read[T any, P value[T]](text []byte) (T, object) {
	var message T
	if err := codec.Decode(text, codec.Request, P(&message)); err != nil {
		return message, notARequest(err.(*codec.Error))
	}
	return message, nil
}

// param returns a parameter of the subject. The client checks it.
func param[T ~string](o *order, name string) T {
	var text T
	if err := json.Unmarshal(o.Params[name], &text); err != nil {
		panic(err)
	}
	return text
}

// method is a method of a client with a parameter of the subject.
type method[C, I, R, A any] func(*C, context.Context, I, R, ...natsgen.CallOption) (A, error)

func toRaft[R, A any, PR value[R], PA value[A]](call method[raft.Client, types.NodeID, R, A]) sender {
	return func(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
		request, invalid := read[R, PR](document)
		if invalid != nil {
			return invalid
		}
		node, invalid := read[types.NodeID](o.Params["node_id"])
		if invalid != nil {
			return invalid
		}
		reply, err := call(raft.NewClient(conn), ctx, node, request, options(o)...)
		return outcome(PA(&reply), err)
	}
}

func toWorker[R, A any, PR value[R], PA value[A]](call method[worker.Client, types.WorkerID, R, A]) sender {
	return func(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
		request, invalid := read[R, PR](document)
		if invalid != nil {
			return invalid
		}
		id := param[types.WorkerID](o, "worker_id")
		reply, err := call(worker.NewClient(conn), ctx, id, request, options(o)...)
		return outcome(PA(&reply), err)
	}
}

func toCoordinator[R, A any, PR value[R], PA value[A]](call method[coordinator.Client, types.WorkerID, R, A]) sender {
	return func(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
		request, invalid := read[R, PR](document)
		if invalid != nil {
			return invalid
		}
		id := param[types.WorkerID](o, "worker_id")
		reply, err := call(coordinator.NewClient(conn), ctx, id, request, options(o)...)
		return outcome(PA(&reply), err)
	}
}

// toCoordinators calls an operation without parameters.
func toCoordinators[R, A any, PR value[R], PA value[A]](
	call func(*coordinator.Client, context.Context, R, ...natsgen.CallOption) (A, error),
) sender {
	return func(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
		request, invalid := read[R, PR](document)
		if invalid != nil {
			return invalid
		}
		reply, err := call(coordinator.NewClient(conn), ctx, request, options(o)...)
		return outcome(PA(&reply), err)
	}
}

func heartbeat(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
	event, invalid := read[coordinator.Heartbeat](document)
	if invalid != nil {
		return invalid
	}
	return outcome(nil, coordinator.NewClient(conn).Heartbeat(ctx, param[types.WorkerID](o, "worker_id"), event))
}

func registration(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
	event, invalid := read[worker.Registration](document)
	if invalid != nil {
		return invalid
	}
	return outcome(nil, worker.NewClient(conn).Registration(ctx, param[types.WorkerID](o, "worker_id"), event))
}

func pipelineEvent(ctx context.Context, conn *natsgen.Conn, o *order, document json.RawMessage) object {
	event, invalid := read[worker.PipelineEvent](document)
	if invalid != nil {
		return invalid
	}
	from, to := param[types.WorkerID](o, "from_worker"), param[types.WorkerID](o, "to_worker")
	return outcome(nil, worker.NewClient(conn).PipelineEvent(ctx, param[types.GroupID](o, "group"), from, to, event))
}
