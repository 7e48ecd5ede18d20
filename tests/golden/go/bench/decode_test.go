// Package bench compares the generated code with the common choice of the language: encoding/json into structs, after a
// validation by santhosh-tekuri/jsonschema.
package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

const schemas = "../../../../schema"

// plainDeploy, plainHeartbeat and plainBatch are what a user would write by hand.
type plainDeploy struct {
	Name   string `json:"name"`
	Source string `json:"source"`
}

type plainHeartbeat struct {
	EventsProcessed  uint64            `json:"events_processed"`
	PipelinesRunning int               `json:"pipelines_running"`
	PipelineMetrics  []json.RawMessage `json:"pipeline_metrics"`
}

type plainBatch struct {
	PipelineID string       `json:"pipeline_id"`
	Events     []plainEvent `json:"events"`
}

type plainEvent struct {
	EventType string         `json:"event_type"`
	Fields    map[string]any `json:"fields"`
}

type message struct {
	name, schema string
	text         []byte
	generated    func() codec.Value
	plain        func() any
}

func messages() []message {
	event := `{"event_type": "SensorReading", "fields": {"sensor": "s1", "temperature": 104.5, "count": 3}}`
	events := event + strings.Repeat(", "+event, 999)
	return []message{
		{
			"deploy", "worker/deploy.json#/$defs/Request",
			fmt.Appendf(nil, `{"name": "p1", "source": %q}`, strings.Repeat("stream A = B .where(t > 100)\n", 30)),
			func() codec.Value { return new(worker.DeployRequest) }, func() any { return new(plainDeploy) },
		},
		{
			"heartbeat", "coordinator/heartbeat.json#/$defs/Message",
			[]byte(`{"events_processed": 123456789, "pipelines_running": 12, "pipeline_metrics": []}`),
			func() codec.Value { return new(coordinator.Heartbeat) }, func() any { return new(plainHeartbeat) },
		},
		{
			"inject_batch", "worker/inject_batch.json#/$defs/Request",
			[]byte(`{"pipeline_id": "091417dc-7e84-45cf-926b-b04361398f07", "events": [` + events + `]}`),
			func() codec.Value { return new(worker.InjectBatchRequest) }, func() any { return new(plainBatch) },
		},
	}
}

func compile(b *testing.B, schema string) *jsonschema.Schema {
	b.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	base := ""
	err := filepath.WalkDir(schemas, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Base(filepath.Dir(path)) == "meta" || entry.Name() == "manifest.json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || !strings.HasSuffix(path, ".json") {
			return err
		}
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			return err
		}
		id := document.(map[string]any)["$id"].(string)
		base = id[:strings.Index(id, "/schema/")+len("/schema/")]
		return compiler.AddResource(id, document)
	})
	if err != nil {
		b.Fatal(err)
	}
	return compiler.MustCompile(base + schema)
}

func BenchmarkDecode(b *testing.B) {
	for _, message := range messages() {
		b.Run(message.name+"/generated", func(b *testing.B) {
			b.SetBytes(int64(len(message.text)))
			for b.Loop() {
				if err := codec.Decode(message.text, codec.Request, message.generated()); err != nil {
					b.Fatal(err)
				}
			}
		})
		schema := compile(b, message.schema)
		b.Run(message.name+"/common", func(b *testing.B) {
			b.SetBytes(int64(len(message.text)))
			for b.Loop() {
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(message.text))
				if err != nil {
					b.Fatal(err)
				}
				if err := schema.Validate(value); err != nil {
					b.Fatal(err)
				}
				if err := json.Unmarshal(message.text, message.plain()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
