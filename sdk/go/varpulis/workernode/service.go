package workernode

import (
	"context"
	"sync"

	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// gate refuses new work while the worker drains, and counts the commands and the events of pipelines.
type gate struct {
	service worker.Service

	mutex     sync.Mutex
	running   int
	idle      chan struct{} // closed when nothing runs; nil if nobody waits for that
	draining  chan struct{} // closed when the worker begins to drain
	isDrained bool
	events    uint64
	order     []types.PipelineID
	pipelines map[types.PipelineID]*types.PipelineMetrics
}

func newGate(service worker.Service) *gate {
	return &gate{
		service: service, draining: make(chan struct{}), pipelines: make(map[types.PipelineID]*types.PipelineMetrics),
	}
}

func (g *gate) begin() bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.isDrained {
		return false
	}
	g.running++
	return true
}

func (g *gate) end() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.running--
	if g.running == 0 && g.idle != nil {
		close(g.idle)
		g.idle = nil
	}
}

func (g *gate) drain() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if !g.isDrained {
		g.isDrained = true
		close(g.draining)
	}
}

// settled returns a channel that is closed when no work runs.
func (g *gate) settled() <-chan struct{} {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.running == 0 {
		done := make(chan struct{})
		close(done)
		return done
	}
	if g.idle == nil {
		g.idle = make(chan struct{})
	}
	return g.idle
}

func (g *gate) load() (running int, isDraining bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return g.running, g.isDrained
}

// maxMetrics is the number of pipelines in a heartbeat.
const maxMetrics = 1000

func (g *gate) heartbeat() coordinator.Heartbeat {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	beat := coordinator.Heartbeat{EventsProcessed: g.events, PipelinesRunning: int64(len(g.pipelines))}
	for _, id := range g.order[:min(len(g.order), maxMetrics)] {
		beat.PipelineMetrics = append(beat.PipelineMetrics, *g.pipelines[id])
	}
	return beat
}

func (g *gate) deployed(id types.PipelineID, name types.PipelineName) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if _, ok := g.pipelines[id]; !ok {
		g.order = append(g.order, id)
	}
	g.pipelines[id] = &types.PipelineMetrics{PipelineName: name}
}

func (g *gate) undeployed(id types.PipelineID) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if _, ok := g.pipelines[id]; !ok {
		return
	}
	delete(g.pipelines, id)
	for i, other := range g.order {
		if other == id {
			g.order = append(g.order[:i], g.order[i+1:]...)
			break
		}
	}
}

func (g *gate) injected(id types.PipelineID, in uint64, out int) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.events += in
	if metrics, ok := g.pipelines[id]; ok {
		metrics.EventsIn += in
		metrics.EventsOut += uint64(out)
	}
}

// Checkpoint passes the command on.
func (g *gate) Checkpoint(ctx context.Context, request worker.CheckpointRequest) (worker.CheckpointReply, error) {
	return g.service.Checkpoint(ctx, request)
}

// Deploy counts the pipeline.
func (g *gate) Deploy(ctx context.Context, request worker.DeployRequest) (worker.DeployReply, error) {
	if !g.begin() {
		return worker.DeployReply{}, fault.WorkerDraining
	}
	defer g.end()
	reply, err := g.service.Deploy(ctx, request)
	if err == nil {
		g.deployed(reply.ID, reply.Name)
	}
	return reply, err
}

// Drain refuses new work from now on, even if the service accepts more.
func (g *gate) Drain(ctx context.Context, request worker.DrainRequest) (worker.DrainReply, error) {
	g.drain()
	return g.service.Drain(ctx, request)
}

// Inject counts the events.
func (g *gate) Inject(ctx context.Context, request worker.InjectRequest) (worker.InjectReply, error) {
	if !g.begin() {
		return worker.InjectReply{}, fault.WorkerDraining
	}
	defer g.end()
	reply, err := g.service.Inject(ctx, request)
	if err == nil {
		g.injected(request.PipelineID, 1, len(reply.OutputEvents))
	}
	return reply, err
}

// InjectBatch counts the events.
func (g *gate) InjectBatch(ctx context.Context, request worker.InjectBatchRequest) (worker.InjectBatchReply, error) {
	if !g.begin() {
		return worker.InjectBatchReply{}, fault.WorkerDraining
	}
	defer g.end()
	reply, err := g.service.InjectBatch(ctx, request)
	if err == nil {
		g.injected(request.PipelineID, uint64(reply.EventsSent), len(reply.OutputEvents))
	}
	return reply, err
}

// Restore passes the command on.
func (g *gate) Restore(ctx context.Context, request worker.RestoreRequest) (worker.RestoreReply, error) {
	if !g.begin() {
		return worker.RestoreReply{}, fault.WorkerDraining
	}
	defer g.end()
	return g.service.Restore(ctx, request)
}

// Undeploy forgets the pipeline.
func (g *gate) Undeploy(ctx context.Context, request worker.UndeployRequest) (worker.UndeployReply, error) {
	reply, err := g.service.Undeploy(ctx, request)
	if err == nil {
		g.undeployed(request.PipelineID)
	}
	return reply, err
}
