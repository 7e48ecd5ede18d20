//! The event of the bare loops.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Failure;

/// The parts of an [`Event`](varpulis_sdk::connector::Event).
#[derive(Debug, Serialize)]
pub(super) struct PlainEvent {
    pub(super) event_type: String,
    pub(super) timestamp: String,
    #[serde(flatten)]
    pub(super) fields: Map<String, Value>,
}

impl PlainEvent {
    /// Reads an event in the flat form, without limits and with the time as text. This is faster than `flatten`.
    pub(super) fn read(payload: &[u8]) -> Result<Self, Failure> {
        let mut fields = Map::deserialize(&mut serde_json::Deserializer::from_slice(payload))?;
        let mut text = |name: &str| match fields.remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(format!("`{name}` is missing")),
        };
        Ok(Self {
            event_type: text("event_type")?,
            timestamp: text("timestamp")?,
            fields,
        })
    }
}
