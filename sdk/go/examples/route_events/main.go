// Command route_events reads pipeline events from JSON texts, publishes them to the workers on their routes, and
// receives them.
//
// It needs no worker. The variable `NATS_URL` names the server.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// texts are events. The second event has no valid time.
var texts = []string{
	`{"event_type": "Hot", "timestamp": "2026-11-30T10:00:00Z", "sensor": "s1"}`,
	`{"event_type": "Hot", "timestamp": "yesterday", "sensor": "s2"}`,
	`{"event_type": "Cold", "timestamp": "2026-11-30T10:00:01Z", "sensor": "s3"}`,
}

func main() {
	ctx := context.Background()
	conn, err := natsgen.Connect(ctx, cmp.Or(os.Getenv("NATS_URL"), "nats://localhost:4222"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	if err := run(ctx, conn, "plant"); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, conn *natsgen.Conn, group types.GroupID) error {
	// The filter selects the events of the group. The other parameters of the subject may have any value.
	events, err := worker.SubscribePipelineEvent(ctx, conn, worker.PipelineEventFilter{Group: &group})
	if err != nil {
		return err
	}
	defer events.Close()

	workers := worker.NewClient(conn)
	published := 0
	for _, text := range texts {
		// The decoder checks the whole schema. Its error names the JSON pointer of the invalid value.
		var event worker.PipelineEvent
		var violation *codec.Error
		if err := json.Unmarshal([]byte(text), &event); errors.As(err, &violation) {
			fmt.Println("not published:", violation.Pointer, "breaks the schema")
			continue
		} else if err != nil {
			return err
		}
		receiver := types.WorkerID("w2")
		if event.EventType != nil && *event.EventType == "Hot" {
			receiver = "w1"
		}
		if err := workers.PipelineEvent(ctx, group, "w0", receiver, event); err != nil {
			return err
		}
		published++
	}
	fmt.Printf("published: %d events\n", published)

	for range published {
		received, err := events.Next(ctx)
		if err != nil {
			return err
		}
		params, event := received.Params, received.Event
		var sensor string
		if err := json.Unmarshal(event.Fields["sensor"], &sensor); err != nil {
			return err
		}
		fmt.Printf("%s to %s: %s of sensor %s\n", params.FromWorker, params.ToWorker, *event.EventType, sensor)
	}
	return nil
}
