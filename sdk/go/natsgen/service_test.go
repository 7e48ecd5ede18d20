package natsgen_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/internal/natsserver"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
)

// item is a message of a small protocol, as natsgen generates it.
type item struct {
	Key  string
	Text string
	Wait time.Duration
}

var itemFields = codec.NewFields(0b11, "key", "text", "wait")

func (i *item) DecodeFrom(r *codec.Reader) {
	o := r.Object(&itemFields)
	for o.Next() {
		switch o.Field {
		case 0:
			i.Key = r.String(0, 64)
		case 1:
			i.Text = r.String(0, -1)
		case 2:
			i.Wait = r.Duration(time.Millisecond, 0, 100_000)
		}
	}
}

func (i *item) EncodeTo(w *codec.Writer) {
	w.Object()
	w.Field("key")
	w.String(i.Key, 0, 64)
	w.Field("text")
	w.String(i.Text, 0, -1)
	if i.Wait != 0 {
		w.Field("wait")
		w.Duration(i.Wait, time.Millisecond, 0, 100_000)
	}
	w.EndObject()
}

type nodeID string

func (n nodeID) Validate() error { return (&codec.Text{Min: 1, Max: 8}).Check(string(n)) }

var (
	full      = natsgen.NewFaultKind("full", 429, "full: ", true)
	gone      = natsgen.NewFaultKind("gone", 404, "gone", false)
	other     = natsgen.NewFaultKind("other", 400, "other: ", true)
	catalogue = natsgen.NewCatalogue(full, gone, other)

	getOperation  = operation("get", natsgen.Operation{Idempotent: true})
	putOperation  = operation("put", natsgen.Operation{Ordering: "key"})
	stopOperation = operation("stop", natsgen.Operation{Ordering: "key", Control: true})

	changedOperation = natsgen.Operation{
		Name: "changed", Subject: natsgen.NewSubject("changed.{node}", natsgen.Param[nodeID]), Catalogue: catalogue,
	}
)

func operation(name string, o natsgen.Operation) natsgen.Operation {
	o.Name, o.Catalogue, o.Timeout = name, catalogue, 5*time.Second
	o.From, o.Roles = "app", []string{"app", "node"}
	o.Subject = natsgen.NewSubject("cmd.{node}."+name, natsgen.Param[nodeID])
	o.Faults = []*natsgen.FaultKind{full, gone}
	return o
}

type handler = func(context.Context, item) (item, error)

// serve starts a node. A nil handler replies with the request.
func serve(t testing.TB, conn *natsgen.Conn, node string, handle handler, options ...natsgen.ServeOption) *natsgen.Server {
	t.Helper()
	if handle == nil {
		handle = func(_ context.Context, i item) (item, error) { return i, nil }
	}
	router := natsgen.NewRouter("acme")
	router.Listen("cmd.{node}.>", "", "node", node)
	natsgen.Handle(router, &getOperation, handle)
	natsgen.Handle(router, &putOperation, handle)
	natsgen.Handle(router, &stopOperation, handle)
	server, err := router.Serve(context.Background(), conn, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shutdown(t, server) })
	return server
}

func shutdown(t testing.TB, server *natsgen.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil && !errors.Is(err, natsgen.ErrDisconnected) {
		t.Log("shutdown:", err)
	}
}

type client struct{ caller *natsgen.Caller }

func newClient(conn *natsgen.Conn, options ...natsgen.CallOption) *client {
	return &client{natsgen.NewCaller(conn, "acme", options...)}
}

func (c *client) call(
	ctx context.Context, o *natsgen.Operation, node string, request item, options ...natsgen.CallOption,
) (item, error) {
	var reply item
	err := c.caller.Call(ctx, o, &request, &reply, options, node)
	return reply, err
}

func connect(t testing.TB, server *natsserver.Server) *natsgen.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := natsgen.Connect(ctx, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	return conn
}
