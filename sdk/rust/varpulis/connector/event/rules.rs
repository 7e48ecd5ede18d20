//! The rules for messages with events.

use crate::types::{EventLimits, EventTime, NatsConnectorConfig};

/// The rules for messages with events. `schema/types/nats_connector.json` describes the limits and their defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventRules {
    /// Whether the member `timestamp` is the time of the event.
    pub honours_timestamp: bool,
    /// The maximum size of the payload in bytes.
    pub max_payload: usize,
    /// The maximum number of events in a message.
    pub max_events: usize,
    /// The maximum number of fields of an event, and of members of a nested object.
    pub max_fields: usize,
    /// The maximum size of a string in bytes.
    pub max_text: usize,
    /// The maximum depth of the objects and arrays in a field.
    pub max_depth: usize,
    /// The maximum number of items of an array in a field.
    pub max_items: usize,
}

impl EventRules {
    fn new(limits: &EventLimits, time: EventTime) -> Self {
        Self {
            honours_timestamp: matches!(time, EventTime::Message),
            max_payload: limits.max_payload_bytes.get() as usize,
            max_events: limits.max_events.get() as usize,
            max_fields: limits.max_fields.get() as usize,
            max_text: limits.max_text_bytes.get() as usize,
            max_depth: limits.max_depth.get() as usize,
            max_items: limits.max_items.get() as usize,
        }
    }
}

impl From<&NatsConnectorConfig> for EventRules {
    fn from(config: &NatsConnectorConfig) -> Self {
        Self::new(&config.limits, config.event_time)
    }
}

impl Default for EventRules {
    /// Returns the defaults of the schema.
    fn default() -> Self {
        Self::new(&EventLimits::new(), EventTime::Message)
    }
}
