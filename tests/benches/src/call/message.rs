//! The messages of the calls: an `inject` command and its reply, about 140 bytes of JSON each.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The pipeline of the events.
pub(crate) const PIPELINE: &str = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f0";

/// The called worker.
pub(crate) const WORKER: &str = "worker-0";

/// The handwritten request type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Inject {
    pub(crate) pipeline_id: String,
    pub(crate) event_type: String,
    #[serde(default)]
    pub(crate) fields: Map<String, Value>,
}

/// The handwritten reply type.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Injected {
    pub(crate) ok: bool,
    pub(crate) output_events: Vec<OutputEvent>,
}

/// An output event of the pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OutputEvent {
    pub(crate) event_type: String,
}

impl Inject {
    /// The request of every contender.
    pub(crate) fn sample() -> Self {
        let fields = json!({ "symbol": "ACME", "price": 101.25, "volume": 1200 });
        let Value::Object(fields) = fields else {
            unreachable!("an object")
        };
        Self {
            pipeline_id: PIPELINE.to_owned(),
            event_type: "TradeExecuted".to_owned(),
            fields,
        }
    }
}

impl Injected {
    /// The reply of every server, with enough output events to be as long as the request.
    pub(crate) fn to(request: &Inject) -> Self {
        let event = OutputEvent {
            event_type: request.event_type.clone(),
        };
        Self {
            ok: true,
            output_events: vec![event; 3],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Inject, Injected};

    #[test]
    fn call_messages_have_similar_sizes() {
        let request = serde_json::to_vec(&Inject::sample()).expect("valid JSON");
        let reply = serde_json::to_vec(&Injected::to(&Inject::sample())).expect("valid JSON");
        assert!(
            (120..=160).contains(&request.len()),
            "request has {} bytes",
            request.len()
        );
        assert!(
            (120..=160).contains(&reply.len()),
            "reply has {} bytes",
            reply.len()
        );
    }
}
