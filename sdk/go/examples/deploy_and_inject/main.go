// Command deploy_and_inject waits for a worker, deploys a pipeline on it, injects events, and undeploys the pipeline.
//
// Start a worker before or after it: `cargo run -- worker`, or the example `worker` of any language. The variable
// `NATS_URL` names the server, and `WORKER_ID` the worker.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// program emits an event `Hot` for each reading above 90 degrees.
const program = "stream Hot = Reading .where(celsius > 90)"

func main() {
	ctx := context.Background()
	conn, err := natsgen.Connect(ctx, cmp.Or(os.Getenv("NATS_URL"), "nats://localhost:4222"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	// Without a worker, a call fails at once. So the client repeats it until the worker has started.
	workers := worker.NewClient(conn, natsgen.Timeout(time.Minute),
		natsgen.Retries(1_000), natsgen.RetryPauses(100*time.Millisecond, time.Second))
	if err := run(ctx, workers, types.WorkerID(cmp.Or(os.Getenv("WORKER_ID"), "w0"))); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, workers *worker.Client, id types.WorkerID) error {
	fmt.Println("waiting for worker", id)
	pipeline, err := workers.Deploy(ctx, id, worker.DeployRequest{Name: "alerts", Source: program})
	if err != nil {
		return err
	}
	fmt.Println("pipeline", pipeline.Name, "is", pipeline.Status)

	// A reply contains the events that the pipeline emits.
	for _, celsius := range []string{"85.5", "105.5"} {
		request := worker.InjectRequest{PipelineID: pipeline.ID, EventType: "Reading", Fields: reading(celsius)}
		reply, err := workers.Inject(ctx, id, request)
		if err != nil {
			return err
		}
		fmt.Println(celsius, "emits", describe(reply.OutputEvents))
	}
	var events []types.InputEvent
	for _, celsius := range []string{"20.5", "95.5", "120.5"} {
		events = append(events, types.InputEvent{EventType: "Reading", Fields: reading(celsius)})
	}
	batch, err := workers.InjectBatch(ctx, id, worker.InjectBatchRequest{PipelineID: pipeline.ID, Events: events})
	if err != nil {
		return err
	}
	fmt.Printf("a batch has %d processed and %d failed events\n", batch.EventsSent, batch.EventsFailed)
	fmt.Println("the batch emits", describe(batch.OutputEvents))

	// An error that the operation declares is a fault. Its type lists all codes.
	_, err = workers.Deploy(ctx, id, worker.DeployRequest{Name: "mistake", Source: "stream Hot Reading"})
	if !errors.Is(err, fault.PipelineParse) {
		return fmt.Errorf("unexpected: %w", err)
	}
	fmt.Println("a wrong program is refused: pipeline_parse")

	if _, err := workers.Undeploy(ctx, id, worker.UndeployRequest{PipelineID: pipeline.ID}); err != nil {
		return err
	}
	fmt.Println("pipeline", pipeline.Name, "is undeployed")
	_, err = workers.Inject(ctx, id, worker.InjectRequest{PipelineID: pipeline.ID, EventType: "Reading"})
	if !errors.Is(err, fault.PipelineNotFound) {
		return fmt.Errorf("unexpected: %w", err)
	}
	fmt.Println("a further event is refused: pipeline_not_found")
	return nil
}

// reading returns the fields of a reading.
func reading(celsius string) types.EventFields {
	return types.EventFields{"celsius": json.RawMessage(celsius)}
}

// describe returns the types and temperatures of events.
func describe(events []types.OutputEvent) string {
	var texts []string
	for _, event := range events {
		texts = append(texts, fmt.Sprintf("%s %s", event.EventType, event.Fields["celsius"]))
	}
	return cmp.Or(strings.Join(texts, ", "), "nothing")
}
