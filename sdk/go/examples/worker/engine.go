package main

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// engine contains the pipelines of the worker.
type engine struct {
	mutex sync.Mutex

	// last is the number of the last pipeline. It begins at the start time, so ids of an earlier run are unknown.
	last int64

	pipelines map[types.PipelineID]*pipeline
}

func newEngine() *engine {
	return &engine{last: time.Now().UnixMilli(), pipelines: map[types.PipelineID]*pipeline{}}
}

// find returns a pipeline, or the fault of all operations.
func (e *engine) find(id types.PipelineID) (*pipeline, error) {
	if found, ok := e.pipelines[id]; ok {
		return found, nil
	}
	return nil, fault.PipelineNotFound.With(string(id))
}

func (e *engine) Deploy(_ context.Context, r worker.DeployRequest) (worker.DeployReply, error) {
	pipeline, err := parse(r.Name, r.Source)
	if err != nil {
		return worker.DeployReply{}, err
	}
	e.mutex.Lock()
	defer e.mutex.Unlock()
	fmt.Println("deployed", r.Name)
	e.last++
	id := types.PipelineID(fmt.Sprintf("p-%d", e.last))
	e.pipelines[id] = pipeline
	return worker.DeployReply{ID: id, Name: r.Name, Status: types.PipelineStatusRunning}, nil
}

func (e *engine) Undeploy(_ context.Context, r worker.UndeployRequest) (worker.UndeployReply, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	pipeline, err := e.find(r.PipelineID)
	if err != nil {
		return worker.UndeployReply{}, err
	}
	delete(e.pipelines, r.PipelineID)
	fmt.Printf("undeployed %s, %d events\n", pipeline.name, pipeline.received)
	return worker.UndeployReply{}, nil
}

func (e *engine) Inject(_ context.Context, r worker.InjectRequest) (worker.InjectReply, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	pipeline, err := e.find(r.PipelineID)
	if err != nil {
		return worker.InjectReply{}, err
	}
	return worker.InjectReply{OutputEvents: pipeline.process(r.EventType, r.Fields)}, nil
}

func (e *engine) InjectBatch(_ context.Context, r worker.InjectBatchRequest) (worker.InjectBatchReply, error) {
	started := time.Now()
	e.mutex.Lock()
	defer e.mutex.Unlock()
	pipeline, err := e.find(r.PipelineID)
	if err != nil {
		return worker.InjectBatchReply{}, err
	}
	reply := worker.InjectBatchReply{EventsSent: int64(len(r.Events))}
	for _, event := range r.Events {
		reply.OutputEvents = append(reply.OutputEvents, pipeline.process(event.EventType, event.Fields)...)
	}
	reply.ProcessingTime = time.Since(started).Truncate(time.Microsecond)
	return reply, nil
}

func (e *engine) Checkpoint(_ context.Context, r worker.CheckpointRequest) (worker.CheckpointReply, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	pipeline, err := e.find(r.PipelineID)
	if err != nil {
		return worker.CheckpointReply{}, err
	}
	state := types.EngineCheckpoint{EventsProcessed: pipeline.received, OutputEventsEmitted: pipeline.emitted}
	return worker.CheckpointReply{Value: state}, nil
}

func (e *engine) Restore(_ context.Context, r worker.RestoreRequest) (worker.RestoreReply, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	pipeline, err := e.find(r.PipelineID)
	if err != nil {
		return worker.RestoreReply{}, err
	}
	pipeline.received, pipeline.emitted = r.Checkpoint.EventsProcessed, r.Checkpoint.OutputEventsEmitted
	return worker.RestoreReply{}, nil
}

func (e *engine) Drain(context.Context, worker.DrainRequest) (worker.DrainReply, error) {
	// The node refuses new work from here on.
	return worker.DrainReply{}, nil
}
