package workernode

import (
	"context"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// follow handles the events of the connection. While it was lost, another instance may have replaced this one. So the
// commands pause until a coordinator has answered a registration, or no coordinator is there.
func (n *Node) follow(event transport.Event) {
	switch event.Kind {
	case transport.Disconnected:
		n.mutex.Lock()
		n.doubt()
		n.mutex.Unlock()
	case transport.Connected:
		n.signal(registerAgain)
	}
}

// doubt pauses the commands. The mutex is held.
func (n *Node) doubt() {
	n.doubts++
	if !n.isPaused && n.end == nil {
		n.isPaused = true
		n.server.Pause()
	}
}

func (n *Node) signal(what wakeUp) {
	select {
	case n.wake <- what:
	default:
		if what == confirmInstance {
			select {
			case <-n.wake:
			default:
			}
			select {
			case n.wake <- what:
			default:
			}
		}
	}
}

// isSuccessor reports whether a notice says that this instance replaces another. It arrives before the reply.
func (n *Node) isSuccessor() bool {
	if n.notices == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(n.context, time.Millisecond)
	defer cancel()
	for notice, err := range n.notices.All(ctx) {
		if err == nil && notice.Event.Instance != nil && *notice.Event.Instance == n.instance {
			return true
		}
	}
	return false
}

func (n *Node) readNotices() {
	for notice, err := range n.notices.All(n.context) {
		if err == nil {
			n.handle(notice.Event)
		}
	}
}

func (n *Node) handle(notice worker.Registration) {
	for _, replaced := range notice.Replaced {
		if replaced == n.instance {
			n.mutex.Lock()
			if time.Since(n.lastNotice) >= confirmInterval {
				n.lastNotice = time.Now()
				n.doubt()
			}
			n.mutex.Unlock()
			n.signal(confirmInstance)
			return
		}
	}
	if notice.Instance == nil || *notice.Instance != n.instance {
		// The coordinator knows no instance or an older one. The registry decides.
		n.signal(registerAgain)
	}
}
