//! Events, and their form in messages.

mod decode;
mod encode;
mod refusal;
mod rules;
mod timestamp;

use std::time::SystemTime;

use natsgen_runtime::Map;

pub use self::decode::decode;
pub use self::encode::encode;
pub use self::refusal::{Refusal, RefusalReason};
pub use self::rules::EventRules;

/// An event of a user.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// The type, from 1 to 256 characters.
    pub event_type: String,
    /// The time of the event.
    pub timestamp: SystemTime,
    /// The fields in the order of the message. Integers of up to 64 bits are exact; larger numbers are floats.
    pub fields: Map,
}

impl Event {
    /// Creates an event without fields, with the current time.
    #[must_use]
    pub fn new(event_type: impl Into<String>) -> Self {
        Self {
            event_type: event_type.into(),
            timestamp: SystemTime::now(),
            fields: Map::new(),
        }
    }

    /// Sets a field.
    #[must_use]
    pub fn field(
        mut self,
        name: impl Into<String>,
        value: impl Into<natsgen_runtime::Value>,
    ) -> Self {
        self.fields.insert(name, value);
        self
    }

    /// Sets the time.
    #[must_use]
    pub fn at(mut self, timestamp: SystemTime) -> Self {
        self.timestamp = timestamp;
        self
    }
}
