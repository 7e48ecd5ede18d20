package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/varpulis/varpulis-sdk/sdk/go/natsgen/codec"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/coordinator"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/worker"
)

// The contenders. The usual choice is encoding/json with a validator of JSON Schema.
const (
	ours = iota
	usual
	unchecked
	contenders
)

// decodeAll measures the decoding of each message.
func decodeAll(messages string, quick bool) error {
	text, err := os.ReadFile(filepath.Join(messages, "schema.json"))
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		return err
	}
	for _, message := range []struct {
		name, kind string
		run        func(*jsonschema.Schema, []byte) [contenders]func() error
	}{
		{"register", "RegisterRequest", decoders[coordinator.RegisterRequest, register]},
		{"deploy", "DeployRequest", decoders[worker.DeployRequest, deploy]},
		{"program", "DeployRequest", decoders[worker.DeployRequest, deploy]},
		{"heartbeat", "Heartbeat", decoders[coordinator.Heartbeat, heartbeat]},
		{"inject_batch", "InjectBatchRequest", decoders[worker.InjectBatchRequest, injectBatch]},
	} {
		schema, err := compiler.Compile("schema.json#/$defs/" + message.kind)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(filepath.Join(messages, message.name+".json"))
		if err != nil {
			return err
		}
		for i, decode := range message.run(schema, []byte("{}")) {
			if i != unchecked && decode() == nil {
				return fmt.Errorf("%s: a contender accepts an empty object", message.name)
			}
		}
		if err := measureDecoders(message.name, message.run(schema, data), quick); err != nil {
			return fmt.Errorf("%s: %w", message.name, err)
		}
	}
	return nil
}

// decoders returns the contenders for a generated type and a handwritten type.
func decoders[Ours, Theirs any, P interface {
	*Ours
	codec.Decoder
}](schema *jsonschema.Schema, data []byte) [contenders]func() error {
	return [contenders]func() error{
		ours: func() error {
			return codec.Decode(data, codec.Request, P(new(Ours)))
		},
		usual: func() error {
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
			if err != nil {
				return err
			}
			if err := schema.Validate(document); err != nil {
				return err
			}
			return json.Unmarshal(data, new(Theirs))
		},
		unchecked: func() error { return json.Unmarshal(data, new(Theirs)) },
	}
}

func measureDecoders(name string, decoders [contenders]func() error, quick bool) error {
	rounds, length := 31, 20*time.Millisecond
	if quick {
		rounds, length = 1, time.Millisecond
	}
	var counts [contenders]int
	for i, decode := range decoders {
		count, err := countWithin(length, decode)
		if err != nil {
			return err
		}
		counts[i] = count
	}
	var times [contenders]series
	err := takeTurns(rounds, contenders, func(i int) error {
		before, err := processorTime()
		if err != nil {
			return err
		}
		for range counts[i] {
			if err := decoders[i](); err != nil {
				return err
			}
		}
		after, err := processorTime()
		times[i] = append(times[i], (after-before).Seconds()*1e6/float64(counts[i]))
		return err
	})
	if err != nil {
		return err
	}
	report("decode."+name+".time", times[ours].median(), "us")
	report("decode."+name+".santhosh_ratio", times[ours].ratio(times[usual]), "x")
	report("decode."+name+".parse_ratio", times[ours].ratio(times[unchecked]), "x")
	return nil
}

// countWithin returns how often decode runs within a processor time, after it has run for as long to warm up.
func countWithin(length time.Duration, decode func() error) (int, error) {
	start, err := processorTime()
	count := 0
	for now := start; err == nil && now-start < 2*length; now, err = processorTime() {
		// A call of the system takes longer than the shortest message.
		for range 10 {
			if err := decode(); err != nil {
				return 0, err
			}
		}
		count += 5
	}
	return count, err
}
