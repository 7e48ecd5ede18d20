// Command worker is a worker with an engine of its own: it registers with a coordinator, runs commands, and drains on
// Ctrl-C.
//
// Start a coordinator before or after it: `cargo run -- coordinator`. The variable `NATS_URL` names the server,
// `WORKER_ID` the worker, and `API_KEY` the key of the coordinators.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/workernode"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	conn, err := natsgen.Connect(ctx, cmp.Or(os.Getenv("NATS_URL"), "nats://localhost:4222"))
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	if err := run(ctx, conn); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, conn *natsgen.Conn) error {
	id := types.WorkerID(cmp.Or(os.Getenv("WORKER_ID"), "w0"))
	options := workernode.Options{ID: id, APIKey: types.APIKey(cmp.Or(os.Getenv("API_KEY"), "secret"))}
	node, err := workernode.Start(ctx, conn, newEngine(), options)
	if err != nil {
		return err
	}
	err = node.Registered(ctx)
	if err == nil {
		fmt.Println("worker", id, "is ready")
		<-ctx.Done()
		node.Drain(context.Background())
		fmt.Println("worker", id, "is drained")
	}
	return errors.Join(err, node.Shutdown(context.Background()))
}
