package workernode_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/workernode"
)

// registry is a coordinator that records registrations.
type registry struct {
	coordinator.Service
	mutex    sync.Mutex
	requests []coordinator.RegisterRequest
	err      error
}

func (r *registry) Register(_ context.Context, request coordinator.RegisterRequest) (coordinator.RegisterReply, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.requests = append(r.requests, request)
	return coordinator.RegisterReply{
		WorkerID: string(request.WorkerID), Status: coordinator.RegisterStatusRegistered, HeartbeatInterval: new(time.Second),
	}, r.err
}

func (r *registry) fail(err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.err = err
}

func (r *registry) last() (coordinator.RegisterRequest, int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if len(r.requests) == 0 {
		return coordinator.RegisterRequest{}, 0
	}
	return r.requests[len(r.requests)-1], len(r.requests)
}

// engine is a worker without an engine.
type engine struct {
	worker.Service
	release chan struct{}
}

func (e *engine) Deploy(_ context.Context, request worker.DeployRequest) (worker.DeployReply, error) {
	return worker.DeployReply{ID: "p1", Name: request.Name, Status: types.PipelineStatusRunning}, nil
}

func (e *engine) Inject(context.Context, worker.InjectRequest) (worker.InjectReply, error) {
	<-e.release
	return worker.InjectReply{}, nil
}

func (e *engine) Drain(context.Context, worker.DrainRequest) (worker.DrainReply, error) {
	return worker.DrainReply{}, nil
}

var options = workernode.Options{
	ID: "w0", APIKey: "secret", FirstPause: 10 * time.Millisecond, LongestPause: 20 * time.Millisecond,
}

func start(t *testing.T, conn *natsgen.Conn, service worker.Service, options workernode.Options) *workernode.Node {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	node, err := workernode.Start(ctx, conn, service, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := node.Shutdown(ctx); err != nil {
			t.Log(err)
		}
	})
	return node
}

func coordinate(t *testing.T, conn *natsgen.Conn) (*registry, *natsgen.Server) {
	t.Helper()
	r := new(registry)
	server, err := coordinator.Serve(context.Background(), conn, r)
	if err != nil {
		t.Fatal(err)
	}
	return r, server
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

func TestNodeRegistersServesAndSendsHeartbeats(t *testing.T) {
	conn, ctx := natsgen.InProcess(), context.Background()
	r, _ := coordinate(t, conn)
	beats, err := coordinator.SubscribeHeartbeat(ctx, conn, coordinator.HeartbeatFilter{})
	if err != nil {
		t.Fatal(err)
	}
	node := start(t, conn, &engine{}, options)
	if err := node.Registered(ctx); err != nil {
		t.Fatal(err)
	}
	request, _ := r.last()
	if request.WorkerID != "w0" || *request.Instance != node.Instance() || request.Draining != nil {
		t.Errorf("%+v", request)
	}
	if _, err := worker.NewClient(conn).Deploy(ctx, "w0", worker.DeployRequest{Name: "alerts", Source: "x"}); err != nil {
		t.Fatal(err)
	}
	for {
		beat, err := beats.Next(ctx)
		if err != nil || beat.Params.WorkerID != "w0" {
			t.Fatal(beat, err)
		}
		if beat.Event.PipelinesRunning == 1 && beat.Event.PipelineMetrics[0].PipelineName == "alerts" {
			break
		}
	}
	if status := node.Status(); !status.IsRegistered || status.Interval != time.Second || status.Err != nil {
		t.Errorf("%+v", status)
	}
}

func TestNodeRegistersWhenACoordinatorAppears(t *testing.T) {
	conn := natsgen.InProcess()
	node := start(t, conn, &engine{}, options)
	if status := node.Status(); status.IsRegistered || !errors.Is(status.Err, natsgen.ErrNoResponders) {
		t.Errorf("%+v", status)
	}
	r, _ := coordinate(t, conn)
	if err := node.Registered(context.Background()); err != nil {
		t.Fatal(err)
	}
	// A coordinator that does not know the worker sends a notice.
	_, before := r.last()
	if err := worker.NewClient(conn).Registration(context.Background(), "w0", worker.Registration{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker registers again", func() bool { _, count := r.last(); return count > before })
}

func TestNodeRenewsItsRegistration(t *testing.T) {
	conn := natsgen.InProcess()
	r, _ := coordinate(t, conn)
	renewed := options
	renewed.Renewal = 20 * time.Millisecond
	start(t, conn, &engine{}, renewed)
	eventually(t, "the worker registers again", func() bool { _, count := r.last(); return count >= 3 })
}

func TestNodeDrainsAndFinishesItsWork(t *testing.T) {
	conn, ctx := natsgen.InProcess(), context.Background()
	r, _ := coordinate(t, conn)
	service := &engine{release: make(chan struct{})}
	node := start(t, conn, service, options)
	client := worker.NewClient(conn)
	inject := worker.InjectRequest{PipelineID: "p1", EventType: "A"}
	running := make(chan error, 1)
	go func() {
		_, err := client.Inject(ctx, "w0", inject)
		running <- err
	}()
	eventually(t, "a command runs", func() bool { return node.Status().Running == 1 })
	if _, err := client.Drain(ctx, "w0", worker.DrainRequest{}); err != nil {
		t.Fatal(err)
	}
	_, err := client.Deploy(ctx, "w0", worker.DeployRequest{Name: "alerts", Source: "x"})
	if !errors.Is(err, fault.WorkerDraining) {
		t.Error(err)
	}
	eventually(t, "the coordinator knows", func() bool { request, _ := r.last(); return request.Draining != nil })
	close(service.release)
	if running := node.Drain(ctx); running != 0 {
		t.Error(running)
	}
	if err := <-running; err != nil {
		t.Error(err)
	}
}

func TestNodeEndsWhenItIsReplacedOrRejected(t *testing.T) {
	conn, ctx := natsgen.InProcess(), context.Background()
	r, _ := coordinate(t, conn)
	node := start(t, conn, &engine{}, options)
	// A notice that no coordinator confirms has no effect.
	client := worker.NewClient(conn)
	notice := worker.Registration{Instance: new(types.WorkerInstance("other")), Replaced: []types.WorkerInstance{node.Instance()}}
	if err := client.Registration(ctx, "w0", notice); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker asks", func() bool { request, _ := r.last(); return request.Confirm != nil })
	eventually(t, "the worker resumes", func() bool { return node.Status().IsRegistered })
	r.fail(fault.WorkerReplaced)
	if err := client.Registration(ctx, "w0", notice); err != nil {
		t.Fatal(err)
	}
	<-node.Ended()
	if !errors.Is(node.Err(), workernode.ErrReplaced) {
		t.Error(node.Err())
	}
	eventually(t, "the worker is unsubscribed", func() bool {
		_, err := client.Deploy(ctx, "w0", worker.DeployRequest{Name: "a"})
		return errors.Is(err, natsgen.ErrNoResponders)
	})
	r.fail(fault.InvalidAPIKey)
	other := options
	other.ID = "w1"
	rejected := start(t, conn, &engine{}, other)
	<-rejected.Ended()
	if !errors.Is(rejected.Err(), workernode.ErrRejected) {
		t.Error(rejected.Err())
	}
}

func TestNodeWaitsWhileItsIDIsInUse(t *testing.T) {
	conn := natsgen.InProcess()
	r, _ := coordinate(t, conn)
	r.fail(fault.WorkerIDInUse)
	time.AfterFunc(50*time.Millisecond, func() { r.fail(nil) })
	node := start(t, conn, &engine{}, options)
	if !node.Status().IsRegistered {
		t.Error(node.Status())
	}
	r.fail(fault.WorkerIDInUse)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := workernode.Start(ctx, conn, &engine{}, options); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestNodeRegistersAgainAfterARestartOfTheServer(t *testing.T) {
	server := natsserver.Start(t, "")
	connect := func() *natsgen.Conn {
		conn, err := natsgen.Connect(context.Background(), server.URL)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(conn.Close)
		return conn
	}
	conn := connect()
	r, _ := coordinate(t, connect())
	node := start(t, conn, &engine{}, options)
	_, before := r.last()
	server.Restart()
	eventually(t, "the worker registers again", func() bool { _, count := r.last(); return count > before && node.Status().IsRegistered })
	eventually(t, "commands run", func() bool {
		_, err := worker.NewClient(conn).Deploy(context.Background(), "w0", worker.DeployRequest{Name: "a"})
		return err == nil
	})
}
