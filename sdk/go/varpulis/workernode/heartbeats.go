package workernode

import (
	"errors"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
)

func (n *Node) heartbeat() coordinator.Heartbeat {
	if n.options.Heartbeat != nil {
		return n.options.Heartbeat()
	}
	return n.gate.heartbeat()
}

// sendHeartbeats sends a heartbeat after each registration, and after each interval without one.
func (n *Node) sendHeartbeats() {
	for {
		n.mutex.Lock()
		interval := n.status.Interval
		n.mutex.Unlock()
		var timer <-chan time.Time
		if interval > 0 {
			timer = time.After(interval)
		}
		select {
		case <-n.context.Done():
			return
		case <-n.ended:
			return
		case <-n.beat:
		case <-timer:
		}
		beat := n.heartbeat()
		if n.server.Stats().Saturation != "" {
			beat.Saturated = new(codec.True)
		}
		err := n.client.Heartbeat(n.context, n.options.ID, beat)
		var large *transport.TooLargeError
		if errors.As(err, &large) {
			// Without the metrics it still shows that the worker lives.
			beat.PipelineMetrics = nil
			err = n.client.Heartbeat(n.context, n.options.ID, beat)
		}
		if err == nil {
			n.mutex.Lock()
			n.status.Heartbeats++
			n.mutex.Unlock()
		}
	}
}
