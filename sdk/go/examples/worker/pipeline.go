package main

import (
	"encoding/json"
	"regexp"
	"strconv"

	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/fault"
	"github.com/varpulis/varpulis-sdk/sdk/go/varpulis/types"
)

// program is a program with a single stream, such as `stream Hot = Reading .where(celsius > 90)`.
var program = regexp.MustCompile(`^stream (\w+) = (\w+) \.where\((\w+) > (\d+)\)$`)

// pipeline is a pipeline with a single stream.
type pipeline struct {
	name              types.PipelineName
	emits, accepts    types.EventType
	field             string
	limit             float64
	received, emitted uint64
}

// parse returns a fault if the source is not a program of this engine.
func parse(name types.PipelineName, source string) (*pipeline, error) {
	parts := program.FindStringSubmatch(source)
	if parts == nil {
		return nil, fault.PipelineParse.With("expected a stream")
	}
	limit, err := strconv.ParseFloat(parts[4], 64)
	if err != nil {
		return nil, fault.PipelineParse.With(err.Error())
	}
	emits, accepts := types.EventType(parts[1]), types.EventType(parts[2])
	return &pipeline{name: name, emits: emits, accepts: accepts, field: parts[3], limit: limit}, nil
}

// process processes an event. It returns the events that the pipeline emits.
func (p *pipeline) process(eventType types.EventType, fields types.EventFields) []types.OutputEvent {
	p.received++
	var value float64
	err := json.Unmarshal(fields[p.field], &value)
	if err != nil || eventType != p.accepts || value <= p.limit {
		return nil
	}
	p.emitted++
	return []types.OutputEvent{{EventType: p.emits, Fields: fields}}
}
