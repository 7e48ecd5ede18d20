//! Handwritten types for `serde_json`: plain structs without checks. The baseline.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Register {
    worker_id: String,
    address: String,
    api_key: String,
    capacity: Capacity,
}

#[derive(Debug, Serialize, Deserialize)]
struct Capacity {
    cpu_cores: u16,
    pipelines_running: u32,
    max_pipelines: u32,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Deploy {
    name: String,
    source: String,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Heartbeat {
    events_processed: u64,
    pipelines_running: u32,
    #[serde(default)]
    pipeline_metrics: Vec<Metrics>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Metrics {
    pipeline_name: String,
    events_in: u64,
    events_out: u64,
    #[serde(default)]
    connector_health: Vec<Health>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Health {
    connector_name: String,
    connector_type: String,
    connected: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    messages_received: u64,
    seconds_since_last_message: u64,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct InjectBatch {
    pipeline_id: String,
    events: Vec<Event>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Event {
    event_type: String,
    #[serde(default)]
    fields: Map<String, Value>,
}
