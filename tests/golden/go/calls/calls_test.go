// Package calls tests a generated client, service and subscription over the in-process transport.
package calls

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen"
	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"

	"example.com/golden/keyvalue/app"
	"example.com/golden/keyvalue/fault"
	"example.com/golden/keyvalue/store"
	"example.com/golden/keyvalue/types"
)

const writtenAt = "2026-01-31T18:00:00Z"

// service stores nothing: each reply repeats what the handler received.
type service struct{}

func (service) Get(_ context.Context, params store.GetParams, _ store.GetRequest) (store.GetReply, error) {
	if params.Key == "absent" {
		return store.GetReply{}, fault.KeyNotFound.With(string(params.Key))
	}
	return store.GetReply{
		Content:   types.Content{Text: new(string(params.Bucket) + "/" + string(params.Key))},
		Revision:  1,
		WrittenAt: writtenAt,
	}, nil
}

func (service) List(_ context.Context, _ store.ListParams, request store.ListRequest) (store.ListReply, error) {
	key := types.Key(*request.Order)
	return store.ListReply{Keys: []store.Listed{{Key: key, Revision: 1, Size: *request.Limit}}}, nil
}

func (service) Put(context.Context, store.PutParams, store.PutRequest) (store.PutReply, error) {
	return store.PutReply{}, errors.New("the disk is full")
}

func (service) Remove(context.Context, store.RemoveParams, store.RemoveRequest) (store.RemoveReply, error) {
	return store.RemoveReply{}, nil
}

func connect(t *testing.T) (context.Context, *natsgen.Conn) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	conn := natsgen.InProcess()
	t.Cleanup(conn.Close)
	return ctx, conn
}

func serve(t *testing.T) (context.Context, *store.Client) {
	ctx, conn := connect(t)
	server, err := store.Serve(ctx, conn, service{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return ctx, store.NewClient(conn)
}

func TestCallPassesParametersAndDefaults(t *testing.T) {
	ctx, client := serve(t)
	reply, err := client.Get(ctx, "b", "k", store.GetRequest{})
	if err != nil || *reply.Content.Text != "b/k" || reply.Labels == nil {
		t.Errorf("get: %+v, %v", reply, err)
	}
	list, err := client.List(ctx, "b", store.ListRequest{})
	if err != nil || list.Keys[0].Key != "by_key" || list.Keys[0].Size != 100 {
		t.Errorf("list: %+v, %v", list, err)
	}
}

func TestCallReturnsDeclaredAndInternalFaults(t *testing.T) {
	ctx, client := serve(t)
	_, err := client.Get(ctx, "b", "absent", store.GetRequest{})
	found, ok := errors.AsType[*natsgen.Fault](err)
	if !ok || found.Detail != "absent" || !errors.Is(err, fault.KeyNotFound) {
		t.Errorf("get: %v", err)
	}
	put := store.PutRequest{
		Writer:  "091417dc-7e84-45cf-926b-b04361398f07",
		Content: types.Content{Empty: true},
	}
	if _, err := client.Put(ctx, "b", "k", put); !errors.Is(err, natsgen.Internal) {
		t.Errorf("put: %v", err)
	}
}

func TestCallRefusesWhatTheSchemaRefuses(t *testing.T) {
	ctx, client := serve(t)
	_, err := client.Get(ctx, "B", "k", store.GetRequest{})
	failure, ok := errors.AsType[*natsgen.CallError](err)
	if !ok || failure.Phase != natsgen.NotSent {
		t.Errorf("parameter: %v", err)
	}
	_, err = client.List(ctx, "b", store.ListRequest{Limit: new(int64(0))})
	violation, ok := errors.AsType[*codec.Error](err)
	if !ok || violation.Pointer != "/limit" {
		t.Errorf("request: %v", err)
	}
	// The reply of the handler has no revision, which is refused before it is sent.
	if _, err = client.Remove(ctx, "b", "k", store.RemoveRequest{}); !errors.Is(err, natsgen.Internal) {
		t.Errorf("reply: %v", err)
	}
}

func TestSubscriptionSelectsEventsByParameters(t *testing.T) {
	ctx, conn := connect(t)
	bucket := types.BucketName("b")
	subscription, err := app.SubscribeChanged(ctx, conn, app.ChangedFilter{Bucket: &bucket})
	if err != nil {
		t.Fatal(err)
	}
	defer subscription.Close()
	client := app.NewClient(conn)
	event := app.Changed{Revision: 7, At: writtenAt, Change: app.Change{Deleted: true}}
	for _, bucket := range []types.BucketName{"a", "b"} {
		if err := client.Changed(ctx, bucket, "k", event); err != nil {
			t.Fatal(err)
		}
	}
	received, err := subscription.Next(ctx)
	if err != nil || received.Params.Bucket != "b" || received.Params.Key != "k" || received.Event.Revision != 7 {
		t.Errorf("%+v, %v", received, err)
	}
}

func TestJSONReplacesOnlyByValidValues(t *testing.T) {
	change := app.Change{Deleted: true}
	if err := json.Unmarshal([]byte(`"Expired"`), &change); err != nil || change.Deleted || !change.Expired {
		t.Errorf("%+v, %v", change, err)
	}
	if err := json.Unmarshal([]byte(`{"Written": {}}`), &change); err == nil || !change.Expired {
		t.Errorf("%+v, %v", change, err)
	}
	if text, err := json.Marshal([]app.Change{change}); err != nil || string(text) != `["Expired"]` {
		t.Errorf("%s, %v", text, err)
	}
}
