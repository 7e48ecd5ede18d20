//! What is called with: an `inject` command and its reply, about 140 bytes of JSON each.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The pipeline that the events are for.
pub(crate) const PIPELINE: &str = "0f1e2d3c-4b5a-4978-8695-a4b3c2d1e0f0";

/// The worker that is called.
pub(crate) const WORKER: &str = "worker-0";

/// The request as someone writes it by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Inject {
    pub(crate) pipeline_id: String,
    pub(crate) event_type: String,
    #[serde(default)]
    pub(crate) fields: Map<String, Value>,
}

/// The reply as someone writes it by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Injected {
    pub(crate) ok: bool,
    pub(crate) output_events: Vec<OutputEvent>,
}

/// An event that the pipeline put out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OutputEvent {
    pub(crate) event_type: String,
}

impl Inject {
    /// The request that every contender sends.
    pub(crate) fn sample() -> Self {
        let fields = json!({ "symbol": "ACME", "price": 101.25, "volume": 1200 });
        let Value::Object(fields) = fields else {
            unreachable!("it is an object")
        };
        Self {
            pipeline_id: PIPELINE.to_owned(),
            event_type: "TradeExecuted".to_owned(),
            fields,
        }
    }
}

impl Injected {
    /// The reply that every server gives: as many output events as make it as long as the request.
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
    fn both_directions_carry_about_as_many_bytes() {
        let request = serde_json::to_vec(&Inject::sample()).expect("it encodes");
        let reply = serde_json::to_vec(&Injected::to(&Inject::sample())).expect("it encodes");
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
