package workernode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"runtime"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
)

// join registers until no other instance has the id. It returns the time of the next registration; 0 after a failure.
func (n *Node) join(ctx context.Context) (time.Duration, error) {
	pause := n.options.FirstPause
	for {
		renewal, err := n.register(ctx, false)
		if !errors.Is(err, fault.WorkerIDInUse) {
			return renewal, ctx.Err()
		}
		slog.Warn("another instance has the id of the worker and is alive", "id", n.options.ID)
		if !sleep(ctx, shorten(pause)) {
			return 0, ctx.Err()
		}
		pause = min(2*pause, n.options.LongestPause)
	}
}

func shorten(pause time.Duration) time.Duration { return pause/2 + mathrand.N(pause/2+1) }

func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// register registers once. It returns the time after which to register again; 0 after a failure.
func (n *Node) register(ctx context.Context, isConfirming bool) (time.Duration, error) {
	n.mutex.Lock()
	doubts := n.doubts
	n.mutex.Unlock()
	_, isDraining := n.gate.load()
	request := n.request(isDraining)
	if isConfirming {
		request.Confirm = new(codec.True)
	}
	reply, err := n.client.Register(ctx, request)
	switch {
	case err != nil:
	case reply.WorkerID != string(n.options.ID):
		err = fmt.Errorf("the reply names worker %q", reply.WorkerID)
	case reply.Status != coordinator.RegisterStatusRegistered:
		err = fmt.Errorf("the reply has the unknown status %q", reply.Status)
	}
	return n.record(err, doubts, isDraining, reply.HeartbeatInterval), err
}

func (n *Node) request(isDraining bool) coordinator.RegisterRequest {
	pipelines := n.heartbeat().PipelinesRunning
	capacity := types.WorkerCapacity{
		CPUCores: int64(runtime.NumCPU()), PipelinesRunning: pipelines, MaxPipelines: n.options.MaxPipelines,
	}
	request := coordinator.RegisterRequest{
		WorkerID: n.options.ID, Address: n.options.Address, APIKey: n.options.APIKey, Instance: &n.instance,
	}
	if isDraining {
		request.Draining = new(codec.True)
		// Varpulis 0.11 does not know the member draining.
		capacity.MaxPipelines = min(pipelines, capacity.MaxPipelines)
	}
	request.Capacity = capacity
	return request
}

// record records the outcome of a registration.
func (n *Node) record(err error, doubts int, isDraining bool, interval *time.Duration) time.Duration {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.status.Err = err
	if err == nil || !isUnreachable(err) {
		if n.isPaused && n.doubts == doubts && !errors.Is(err, fault.WorkerReplaced) {
			n.isPaused = false
			n.server.Resume()
		}
	}
	if isDraining && !isClosed(n.reported) {
		close(n.reported)
	}
	switch {
	case err == nil:
		n.keyErrors = 0
		n.status.IsRegistered = true
		n.status.Registrations++
		n.status.Interval = defaultInterval
		if interval != nil {
			n.status.Interval = *interval
		}
		if !isClosed(n.registered) {
			close(n.registered)
		}
		select {
		case n.beat <- struct{}{}:
		default:
		}
		if n.options.Renewal != 0 {
			return n.options.Renewal
		}
		return heartbeats * n.status.Interval
	case errors.Is(err, fault.WorkerReplaced):
		n.finish(ErrReplaced)
	case errors.Is(err, fault.InvalidAPIKey):
		n.keyErrors++
		if n.options.APIKeyAttempts > 0 && n.keyErrors >= n.options.APIKeyAttempts {
			n.finish(ErrRejected)
		}
	default:
		n.keyErrors = 0
	}
	return 0
}

func isClosed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// isUnreachable reports whether no coordinator could answer because the connection is lost.
func isUnreachable(err error) bool {
	return errors.Is(err, natsgen.ErrDisconnected) || errors.Is(err, natsgen.ErrClosed)
}

// finish ends the registration. The mutex is held.
func (n *Node) finish(err error) {
	if n.end != nil {
		return
	}
	n.end = err
	n.status.IsRegistered = false
	if errors.Is(err, ErrReplaced) && n.server != nil {
		n.server.HandOver()
	}
	close(n.ended)
}

// keepRegistered registers again after the renewal interval, after a reconnect, after a notice and when the worker
// begins to drain.
func (n *Node) keepRegistered(renewal time.Duration) {
	pause := n.options.FirstPause
	draining := (<-chan struct{})(n.gate.draining)
	for n.Err() == nil {
		wait, again := renewal, pause
		switch {
		case renewal == 0:
			wait = pause
			pause = min(2*pause, n.options.LongestPause)
		default:
			pause = n.options.FirstPause
			again = n.options.FirstPause
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(shorten(wait))
		}
		isConfirming := false
		select {
		case <-n.context.Done():
			return
		case <-timer:
		case <-draining:
			draining = nil
		case what := <-n.wake:
			isConfirming = what == confirmInstance
			// After a restart of a server or a coordinator, all workers register again. A random pause spreads them.
			if !isConfirming && !sleep(n.context, mathrand.N(again/4+1)) {
				return
			}
		}
		var err error
		renewal, err = n.register(n.context, isConfirming)
		if errors.Is(err, fault.WorkerIDInUse) {
			n.mutex.Lock()
			n.finish(ErrReplaced)
			n.mutex.Unlock()
		}
	}
}
