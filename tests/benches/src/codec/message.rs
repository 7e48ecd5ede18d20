//! The messages of the bench, as their peers write them.

use serde_json::{Value, json};

use super::place::PLACES;

/// A message.
#[derive(Debug)]
pub(crate) struct Message {
    /// The name in the report.
    pub(crate) name: &'static str,
    /// The document, as `serde_json` writes it.
    pub(crate) text: Vec<u8>,
    /// The place of the schema: the document below `schema/` and the pointer.
    pub(crate) schema: &'static str,
}

/// The messages:
///
/// * a registration;
/// * a deployment of a single line;
/// * a deployment of a program, mostly a string with an escape every 23 bytes;
/// * a heartbeat of ten pipelines;
/// * a batch of 1,000 events.
pub(crate) fn all() -> [Message; 5] {
    let [register_at, deploy_at, heartbeat_at, inject_batch_at] = PLACES;
    [
        message(register_at, &register()),
        message(deploy_at, &deploy()),
        message(("program", deploy_at.1), &program()),
        message(heartbeat_at, &heartbeat()),
        message(inject_batch_at, &inject_batch()),
    ]
}

fn message((name, schema): (&'static str, &'static str), document: &Value) -> Message {
    Message {
        name,
        text: document.to_string().into_bytes(),
        schema,
    }
}

fn register() -> Value {
    json!({
        "worker_id": "worker-7",
        "address": "http://10.11.12.13:9000",
        "api_key": "0123456789abcdef0123",
        "capacity": { "cpu_cores": 16, "pipelines_running": 3, "max_pipelines": 100 },
    })
}

fn deploy() -> Value {
    json!({
        "name": "high-temperature",
        "source": "stream HighTemp = SensorReading .where(temperature > 100) .emit(sensor: sensor_id, t: temperature)",
    })
}

fn program() -> Value {
    let streams = (0..12).map(|at| {
        format!(
            "stream Alarm{at} = SensorReading\n    .where(temperature > {at}0, unit == \"C\")\n    \
             .emit(sensor: sensor_id, t: temperature)\n"
        )
    });
    json!({ "name": "alarms", "source": streams.collect::<String>() })
}

fn heartbeat() -> Value {
    let metrics = (0..10).map(|at: u64| {
        json!({
            "pipeline_name": format!("pipeline-{at}"),
            "events_in": 1_048_576 + at,
            "events_out": 524_288 + at,
            "connector_health": [{
                "connector_name": format!("kafka-{at}"),
                "connector_type": "kafka",
                "connected": true,
                "messages_received": 73_000_000 + at,
                "seconds_since_last_message": 2,
            }],
        })
    });
    json!({
        "events_processed": 10_485_760,
        "pipelines_running": 10,
        "pipeline_metrics": metrics.collect::<Vec<_>>(),
    })
}

fn inject_batch() -> Value {
    let events = (0..1000_u32).map(|at| {
        json!({
            "event_type": "SensorReading",
            "fields": {
                "sensor_id": format!("sensor-{at:04}"),
                "temperature": f64::from(at) / 8.0 + 20.0,
                "pressure": 1013 + at % 7,
                "ok": at % 2 == 0,
                "site": "hall 4, line 2, north wall",
            },
        })
    });
    json!({
        "pipeline_id": "091417dc-7e84-45cf-926b-b04361398f07",
        "events": events.collect::<Vec<_>>(),
    })
}
