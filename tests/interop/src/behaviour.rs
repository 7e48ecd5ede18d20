//! Orders beyond single calls: deadlines, cancellation, limits, load, and the loss of the server.

use std::time::Duration;

use serde_json::{Value as Json, json};

/// The default limit of nats-server for a message, in bytes.
const MAX_PAYLOAD: usize = 1 << 20;

/// The size that headers need at most, in bytes.
const HEADERS: usize = 1_024;

/// The time until the calls of an order have arrived at their server.
const ARRIVAL: Duration = Duration::from_secs(1);

/// An order, the answer of the server, and the expected result.
pub(crate) struct Behaviour {
    pub(crate) order: Json,
    pub(crate) answer: Option<Json>,
    pub(crate) expect: Json,
    /// Whether the runner stops the nats-server while the order runs.
    pub(crate) stops_nats: bool,
}

/// All behaviours. The last behaviour stops the nats-server.
pub(crate) fn all() -> Vec<Behaviour> {
    let reply = json!({ "id": "p", "name": "p", "status": "running" });
    let ok = json!({ "ok": reply });
    let calls =
        |times: usize, result: Json| json!({ "counts": [{ "times": times, "result": result }] });
    let unanswered = error("unanswered", false);
    vec![
        deploy(
            "deadline",
            3_000,
            json!({ "timeout_ms": 100 }),
            unanswered.clone(),
        ),
        deploy(
            "cancel",
            3_000,
            json!({ "cancel_ms": 50 }),
            error("cancelled", false),
        ),
        deploy("call_after_cancel", 0, json!({}), ok.clone()),
        nobody(),
        refused_for_now(300),
        deploy(
            "side_by_side",
            0,
            json!({ "times": 1_000 }),
            calls(1_000, ok),
        ),
        sized(
            "largest_message",
            MAX_PAYLOAD - HEADERS,
            json!({ "ok": { "ok": true, "output_events": [] } }),
        ),
        sized(
            "too_large_message",
            MAX_PAYLOAD + 1,
            error("undelivered", false),
        ),
        heartbeats(1_000),
        Behaviour {
            stops_nats: true,
            ..deploy(
                "server_stopped",
                5_000,
                json!({ "times": 100, "timeout_ms": 30_000 }),
                calls(100, unanswered),
            )
        },
    ]
}

/// Waits until the calls of an order have arrived at their server.
pub(crate) async fn pause() {
    tokio::time::sleep(ARRIVAL).await;
}

/// A call whose answer takes `delay_ms`.
fn deploy(name: &str, delay_ms: u64, options: Json, expect: Json) -> Behaviour {
    let request = json!({ "name": name, "source": "" });
    let reply = json!({ "id": "p", "name": "p", "status": "running" });
    let mut order = order(name, "worker", "deploy", &request);
    if let (Some(order), Json::Object(options)) = (order.as_object_mut(), options) {
        order.extend(options);
    }
    let answer = json!({
        "operation": "deploy", "request": request, "answer": { "ok": reply }, "delay_ms": delay_ms,
    });
    Behaviour {
        order,
        answer: Some(answer),
        expect,
        stops_nats: false,
    }
}

/// A call to a worker that does not exist.
fn nobody() -> Behaviour {
    let mut behaviour = deploy("nobody", 0, json!({}), error("undelivered", true));
    behaviour.order["params"] = json!({ "worker_id": "nobody" });
    behaviour
}

/// A call that the server refuses for now. The fault names the time of the next attempt.
fn refused_for_now(millis: u64) -> Behaviour {
    let fault = json!({ "code": "engine", "detail": "busy" });
    let expect = json!({
        "fault": { "code": "engine", "detail": "busy", "retry_after_ms": millis },
    });
    let mut behaviour = deploy("refused_for_now", 0, json!({}), expect);
    if let Some(answer) = &mut behaviour.answer {
        answer["answer"] = json!({ "fault": fault });
        answer["retry_after_ms"] = json!(millis);
    }
    behaviour
}

/// A call with a payload of `bytes` bytes.
fn sized(name: &str, bytes: usize, expect: Json) -> Behaviour {
    let request =
        |text: &str| json!({ "pipeline_id": "p", "event_type": name, "fields": { "v": text } });
    let empty = request("").to_string().len();
    let request = request(&"x".repeat(bytes - empty));
    let answer = json!({
        "operation": "inject", "request": request, "answer": { "ok": { "ok": true, "output_events": [] } },
    });
    Behaviour {
        order: order(name, "worker", "inject", &request),
        answer: Some(answer),
        expect,
        stops_nats: false,
    }
}

/// Numbered heartbeats.
fn heartbeats(times: usize) -> Behaviour {
    let mut order = order("heartbeats", "coordinator", "heartbeat", &heartbeat(0));
    order["times"] = json!(times);
    order["number"] = json!("/events_processed");
    Behaviour {
        order,
        answer: None,
        expect: json!({ "ok": null }),
        stops_nats: false,
    }
}

fn heartbeat(number: usize) -> Json {
    json!({ "events_processed": number, "pipelines_running": 0, "pipeline_metrics": [] })
}

fn order(name: &str, role: &str, operation: &str, request: &Json) -> Json {
    json!({
        "case": name, "role": role, "operation": operation, "params": { "worker_id": "worker-0" },
        "request": request,
    })
}

fn error(phase: &str, is_retryable: bool) -> Json {
    json!({ "error": { "phase": phase, "retryable": is_retryable } })
}

impl Behaviour {
    pub(crate) fn name(&self) -> String {
        self.order["case"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn role(&self) -> &str {
        self.order["role"].as_str().unwrap_or_default()
    }

    /// The lines that the server prints for the events of the order, in their order.
    pub(crate) fn events(&self) -> impl Iterator<Item = Json> + use<> {
        let has_events = self.order["operation"] == "heartbeat";
        let times = self.order["times"].as_u64().filter(|_| has_events);
        let times = usize::try_from(times.unwrap_or(0)).unwrap_or(0);
        (0..times).map(|number| {
            json!({
                "event": "heartbeat", "params": { "worker_id": "worker-0" }, "message": heartbeat(number),
            })
        })
    }
}
