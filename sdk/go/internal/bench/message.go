package main

import "encoding/json"

// Handwritten types of the messages.
type (
	register struct {
		WorkerID string `json:"worker_id"`
		Address  string `json:"address"`
		APIKey   string `json:"api_key"`
		Capacity struct {
			CPUCores         uint16 `json:"cpu_cores"`
			PipelinesRunning uint32 `json:"pipelines_running"`
			MaxPipelines     uint32 `json:"max_pipelines"`
		} `json:"capacity"`
		Instance *string `json:"instance"`
		Draining *bool   `json:"draining"`
		Confirm  *bool   `json:"confirm"`
	}

	deploy struct {
		Name   string `json:"name"`
		Source string `json:"source"`
	}

	heartbeat struct {
		EventsProcessed  uint64            `json:"events_processed"`
		PipelinesRunning uint32            `json:"pipelines_running"`
		PipelineMetrics  []pipelineMetrics `json:"pipeline_metrics"`
		Saturated        *bool             `json:"saturated"`
	}

	pipelineMetrics struct {
		PipelineName    string            `json:"pipeline_name"`
		EventsIn        uint64            `json:"events_in"`
		EventsOut       uint64            `json:"events_out"`
		ConnectorHealth []connectorHealth `json:"connector_health"`
	}

	connectorHealth struct {
		ConnectorName           string  `json:"connector_name"`
		ConnectorType           string  `json:"connector_type"`
		Connected               bool    `json:"connected"`
		LastError               *string `json:"last_error"`
		MessagesReceived        uint64  `json:"messages_received"`
		SecondsSinceLastMessage uint64  `json:"seconds_since_last_message"`
	}

	injectBatch struct {
		PipelineID string  `json:"pipeline_id"`
		Events     []event `json:"events"`
	}

	event struct {
		EventType string                     `json:"event_type"`
		Fields    map[string]json.RawMessage `json:"fields"`
	}

	inject struct {
		PipelineID string                     `json:"pipeline_id"`
		EventType  string                     `json:"event_type"`
		Fields     map[string]json.RawMessage `json:"fields"`
	}

	injected struct {
		Ok           bool    `json:"ok"`
		OutputEvents []event `json:"output_events"`
	}
)
