// Package workernode runs a worker of a Varpulis cluster: it registers, serves commands and sends heartbeats.
package workernode

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/subject"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

const (
	// defaultInterval is the heartbeat interval if the coordinator gives none.
	defaultInterval = 5 * time.Second

	// handover is the time that an older instance takes to unsubscribe. Meanwhile no instance is subscribed.
	handover = 300 * time.Millisecond

	// heartbeats is the number of heartbeat intervals after which a silent worker counts as unhealthy.
	heartbeats = 3

	// reportLimit is the time for which a shutdown waits until a coordinator knows that the worker drains.
	reportLimit = time.Second

	// confirmInterval is the least time between two notices that pause commands. Any peer can send a notice.
	confirmInterval = 10 * time.Second
)

// ErrReplaced says that another instance has the id of the worker.
var ErrReplaced = errors.New("another instance has replaced this worker")

// ErrRejected says that the coordinators refused the API key too often.
var ErrRejected = errors.New("the coordinators refuse the API key")

// Status is the state of a worker.
type Status struct {
	// IsRegistered says that a coordinator knows the worker, as far as the worker knows.
	IsRegistered bool

	// IsDraining says that the worker refuses new work.
	IsDraining bool

	// Registrations and Heartbeats were successful.
	Registrations, Heartbeats uint64

	// Interval is the heartbeat interval; 0 before the first registration.
	Interval time.Duration

	// Running is the number of commands that do work.
	Running int

	// Commands are the statistics of the server.
	Commands natsgen.Stats

	// Err is the error of the last registration; nil if it succeeded.
	Err error
}

// Node is a running worker.
type Node struct {
	options  Options
	conn     *natsgen.Conn
	client   *coordinator.Client
	instance types.WorkerInstance
	gate     *gate
	server   *natsgen.Server
	forget   func() // ends the notifications of the connection
	notices  *natsgen.Subscription[worker.RegistrationParams, worker.Registration]

	context context.Context
	cancel  context.CancelFunc
	tasks   sync.WaitGroup
	wake    chan wakeUp
	beat    chan struct{}
	ended   chan struct{} // closed when the worker is replaced or rejected

	mutex      sync.Mutex
	status     Status
	registered chan struct{} // closed at the first registration
	reported   chan struct{} // closed when a coordinator knows that the worker drains, or cannot be reached
	end        error
	keyErrors  int
	doubts     int // losses of the connection, and notices
	isPaused   bool
	lastNotice time.Time
	stopping   time.Time
}

type wakeUp int

const (
	registerAgain wakeUp = iota
	confirmInstance
)

// Start registers the worker, serves commands and sends heartbeats, until [Node.Shutdown]. Commands are served when the
// first attempt to register has been answered or has failed. Then the node registers in the background. While another
// live instance has the id, Start tries again until the end of ctx.
func Start(ctx context.Context, conn *natsgen.Conn, service worker.Service, options Options) (*Node, error) {
	options.fill()
	if err := errors.Join(options.ID.Validate(), options.APIKey.Validate(), options.Address.Validate()); err != nil {
		return nil, fmt.Errorf("options of a worker: %w", err)
	}
	conn, err := conn.Identity(subject.RoleWorker, string(options.ID))
	if err != nil {
		return nil, err
	}
	n := &Node{
		options: options, conn: conn, client: coordinator.NewClient(conn), gate: newGate(service),
		instance: types.WorkerInstance(strings.ToLower(rand.Text())), wake: make(chan wakeUp, 1),
		beat: make(chan struct{}, 1), ended: make(chan struct{}), registered: make(chan struct{}),
		reported: make(chan struct{}),
	}
	n.context, n.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := n.start(ctx); err != nil {
		n.cancel()
		if n.notices != nil {
			n.notices.Close()
		}
		return nil, err
	}
	return n, nil
}

func (n *Node) start(ctx context.Context) error {
	// Without the permission to subscribe, the worker works without notices.
	notices, err := worker.SubscribeRegistration(ctx, n.conn, worker.RegistrationFilter{WorkerID: &n.options.ID})
	if err == nil {
		n.notices = notices
	} else if !errors.Is(err, natsgen.ErrDenied) {
		return err
	}
	renewal, err := n.join(ctx)
	if err != nil {
		return err
	}
	if err := n.Err(); err != nil {
		return err
	}
	if n.isSuccessor() {
		time.Sleep(handover)
	}
	serve := []natsgen.ServeOption{
		natsgen.Deduplicate(65_536, 16<<20, 10*time.Minute), natsgen.DrainLimit(n.options.DrainLimit),
	}
	n.server, err = worker.Serve(ctx, n.conn, n.options.ID, n.gate, append(serve, n.options.Serve...)...)
	if err != nil {
		return err
	}
	n.forget = n.conn.Notify(n.follow)
	n.tasks.Go(n.sendHeartbeats)
	n.tasks.Go(func() { n.keepRegistered(renewal) })
	if n.notices != nil {
		n.tasks.Go(n.readNotices)
	}
	return nil
}

// Instance returns the id of this run of the worker.
func (n *Node) Instance() types.WorkerInstance { return n.instance }

// Status returns the current state.
func (n *Node) Status() Status {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	status := n.status
	status.Running, status.IsDraining = n.gate.load()
	status.IsRegistered = status.IsRegistered && !n.isPaused
	status.Commands = n.server.Stats()
	return status
}

// Registered waits until a coordinator has registered the worker.
func (n *Node) Registered(ctx context.Context) error {
	select {
	case <-n.registered:
		return nil
	case <-n.ended:
		return n.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Ended returns a channel that is closed when another instance has replaced the worker, or when the coordinators have
// refused its API key too often. The caller should then call [Node.Shutdown].
func (n *Node) Ended() <-chan struct{} { return n.ended }

// Err returns [ErrReplaced] or [ErrRejected] after [Node.Ended].
func (n *Node) Err() error {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.end
}

// Drain refuses new work, as after the command drain, and waits until no work runs, up to the drain limit. It returns
// how many commands still run.
func (n *Node) Drain(ctx context.Context) int {
	ctx, cancel := context.WithDeadline(ctx, n.stopBefore())
	defer cancel()
	n.gate.drain()
	select {
	case <-n.gate.settled():
	case <-ctx.Done():
	}
	running, _ := n.gate.load()
	return running
}

// Shutdown unsubscribes, completes the received commands and ends the heartbeats.
func (n *Node) Shutdown(ctx context.Context) error {
	ctx, cancel := context.WithDeadline(ctx, n.stopBefore())
	defer cancel()
	err := n.server.Shutdown(ctx)
	if _, isDraining := n.gate.load(); isDraining {
		select {
		case <-n.reported:
		case <-n.ended:
		case <-ctx.Done():
		case <-time.After(reportLimit):
		}
	}
	n.forget()
	n.cancel()
	if n.notices != nil {
		n.notices.Close()
	}
	n.tasks.Wait()
	return err
}

// stopBefore returns the end of the drain limit, which begins with the first call.
func (n *Node) stopBefore() time.Time {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.stopping.IsZero() {
		n.stopping = time.Now().Add(n.options.DrainLimit)
	}
	return n.stopping
}
