package workernode_test

import (
	"context"
	"os"
	"regexp"
	"testing"
	"time"

	natsio "github.com/nats-io/nats.go"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/subject"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// permissions returns the users that natsgen acl writes, with the password pw.
func permissions(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../../../tests/golden/acl/varpulis.conf")
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`\$\w+_PASSWORD`).ReplaceAllString(string(text), "pw")
}

// login connects as a user of [permissions].
func login(t *testing.T, server *natsserver.Server, user string, options ...natsio.Option) *natsgen.Conn {
	t.Helper()
	options = append(options, natsio.UserInfo(user, "pw"))
	conn, err := natsgen.Connect(context.Background(), server.URL, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}

func TestNodeWorksWithThePermissionsOfNatsgen(t *testing.T) {
	server := natsserver.Start(t, permissions(t))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	conn, err := login(t, server, "c1").Identity(subject.RoleCoordinator, "1")
	if err != nil {
		t.Fatal(err)
	}
	coordinate(t, conn)
	beats, err := coordinator.SubscribeHeartbeat(ctx, conn, coordinator.HeartbeatFilter{})
	if err != nil {
		t.Fatal(err)
	}
	node := start(t, login(t, server, "w0"), &engine{}, options)
	if err := node.Registered(ctx); err != nil {
		t.Fatal(err)
	}
	if beat, err := beats.Next(ctx); err != nil || beat.Params.WorkerID != "w0" {
		t.Fatal(beat, err)
	}
	deploy := worker.DeployRequest{Name: "alerts", Source: "x"}
	if _, err := worker.NewClient(conn).Deploy(ctx, "w0", deploy); err != nil {
		t.Fatal(err)
	}

	other, err := natsio.Connect(server.URL, natsio.UserInfo("w1", "pw"))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	replies, err := other.SubscribeSync("_INBOX_worker.w1.x")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := natsio.Connect(server.URL, natsio.UserInfo("c1", "pw"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if err := other.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := raw.PublishRequest("varpulis.cluster.cmd.w0.deploy", "_INBOX_worker.w1.x", []byte(`{}`)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the worker ignores the inbox of another worker", func() bool { return node.Status().Commands.Ignored == 1 })
	if err := other.Flush(); err != nil {
		t.Fatal(err)
	}
	if count, _, err := replies.Pending(); count != 0 || err != nil {
		t.Error(count, err)
	}
}

func TestNodeKeepsTheInboxPrefixOfTheOptions(t *testing.T) {
	server := natsserver.Start(t, `authorization { users: [
	  { user: w, password: pw, permissions: { subscribe: ["_OWN.>", "varpulis.>"] } }] }`)
	conn := login(t, server, "w", natsio.CustomInboxPrefix("_OWN"))
	coordinate(t, conn)
	if node := start(t, conn, &engine{}, options); !node.Status().IsRegistered {
		t.Errorf("%+v", node.Status())
	}
}

func TestSaturatedNodeSaysSoInItsHeartbeats(t *testing.T) {
	conn := natsgen.InProcess()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	coordinate(t, conn)
	beats, err := coordinator.SubscribeHeartbeat(ctx, conn, coordinator.HeartbeatFilter{})
	if err != nil {
		t.Fatal(err)
	}
	service := &engine{release: make(chan struct{})}
	limited := options
	limited.Serve = []natsgen.ServeOption{natsgen.Concurrency(1)}
	node := start(t, conn, service, limited)
	if beat, err := beats.Next(ctx); err != nil || beat.Event.Saturated != nil {
		t.Fatal(beat, err)
	}
	ended := make(chan error, 2)
	for _, pipeline := range []types.PipelineID{"p1", "p2"} {
		go func() {
			_, err := worker.NewClient(conn).Inject(ctx, "w0", worker.InjectRequest{PipelineID: pipeline, EventType: "A"})
			ended <- err
		}()
	}
	eventually(t, "a command waits", func() bool { return node.Status().Commands.Waiting == 1 })
	for {
		beat, err := beats.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if beat.Event.Saturated != nil {
			break
		}
	}
	close(service.release)
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
	if saturation := node.Status().Commands.Saturation; saturation != "" {
		t.Error(saturation)
	}
}
