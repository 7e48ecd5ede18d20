package workernode

import (
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
)

// Options are the options of a worker. Only ID and APIKey are required.
type Options struct {
	// ID is the id of the worker.
	ID types.WorkerID

	// APIKey admits the worker to the cluster.
	APIKey types.APIKey

	// Address is the URL of the HTTP interface; empty if the worker is reached over NATS only.
	Address types.WorkerAddress

	// MaxPipelines is the number of pipelines that coordinators may deploy; default 100. The service enforces it.
	MaxPipelines int64

	// Heartbeat supplies the heartbeats in place of the node's own counters. It must not block.
	Heartbeat func() coordinator.Heartbeat

	// FirstPause and LongestPause limit the pauses between attempts to register; default 1 s and 30 s. Each pause is twice
	// as long as the one before, shortened by a random part.
	FirstPause, LongestPause time.Duration

	// Renewal is the interval between registrations; default three heartbeat intervals. A negative value turns it off:
	// Varpulis 0.11 discards its state of a worker that registers again.
	Renewal time.Duration

	// APIKeyAttempts is how often in succession coordinators may refuse the API key; default 5, negative for no limit.
	APIKeyAttempts int

	// DrainLimit is how long Drain and Shutdown wait for commands; default 20 s.
	DrainLimit time.Duration

	// Serve contains options of the server. Repeated commands run once unless an option of these says otherwise.
	Serve []natsgen.ServeOption
}

func (o *Options) fill() {
	if o.MaxPipelines == 0 {
		o.MaxPipelines = 100
	}
	if o.FirstPause == 0 {
		o.FirstPause = time.Second
	}
	if o.LongestPause == 0 {
		o.LongestPause = 30 * time.Second
	}
	if o.APIKeyAttempts == 0 {
		o.APIKeyAttempts = 5
	}
	if o.DrainLimit == 0 {
		o.DrainLimit = 20 * time.Second
	}
}
