//! Handwritten types for sonic-rs: strings are borrowed, and a separate check validates the schema.

use std::borrow::Cow;

use serde::Deserialize;
use sonic_rs::{JsonContainerTrait, Value};

use crate::Failure;

/// A message that can validate itself.
pub(crate) trait Validate {
    /// Whether the message obeys its schema.
    fn is_valid(&self) -> bool;
}

/// Decodes and validates a message.
///
/// # Errors
/// If the text is not JSON of this shape, or violates the schema.
pub(crate) fn read<'a, T: Deserialize<'a> + Validate>(text: &'a [u8]) -> Result<T, Failure> {
    let message: T = sonic_rs::from_slice(text)?;
    if message.is_valid() {
        Ok(message)
    } else {
        Err("the message violates its schema".into())
    }
}

fn within(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count())
}

fn is_token(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[derive(Debug, Deserialize)]
pub(crate) struct Register<'a> {
    #[serde(borrow)]
    worker_id: Cow<'a, str>,
    #[serde(borrow)]
    address: Cow<'a, str>,
    #[serde(borrow)]
    api_key: Cow<'a, str>,
    #[serde(rename = "capacity")]
    _capacity: Capacity,
}

#[derive(Debug, Deserialize)]
struct Capacity {
    #[serde(rename = "cpu_cores")]
    _cpu_cores: u16,
    #[serde(rename = "pipelines_running")]
    _pipelines_running: u32,
    #[serde(rename = "max_pipelines")]
    _max_pipelines: u32,
}

impl Validate for Register<'_> {
    fn is_valid(&self) -> bool {
        is_token(&self.worker_id, 64)
            && within(&self.address, 0, 2_048)
            && within(&self.api_key, 1, 512)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Deploy<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
}

impl Validate for Deploy<'_> {
    fn is_valid(&self) -> bool {
        within(&self.name, 1, 256) && within(&self.source, 0, 1_000_000)
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct Heartbeat<'a> {
    #[serde(rename = "events_processed")]
    _events_processed: u64,
    #[serde(rename = "pipelines_running")]
    _pipelines_running: u32,
    #[serde(default, borrow)]
    pipeline_metrics: Vec<Metrics<'a>>,
}

#[derive(Debug, Deserialize)]
struct Metrics<'a> {
    #[serde(borrow)]
    pipeline_name: Cow<'a, str>,
    #[serde(rename = "events_in")]
    _events_in: u64,
    #[serde(rename = "events_out")]
    _events_out: u64,
    #[serde(default, borrow)]
    connector_health: Vec<Health<'a>>,
}

#[derive(Debug, Deserialize)]
struct Health<'a> {
    #[serde(borrow)]
    connector_name: Cow<'a, str>,
    #[serde(borrow)]
    connector_type: Cow<'a, str>,
    #[serde(rename = "connected")]
    _connected: bool,
    #[serde(default, borrow)]
    last_error: Option<Cow<'a, str>>,
    #[serde(rename = "messages_received")]
    _messages_received: u64,
    #[serde(rename = "seconds_since_last_message")]
    _seconds_since_last_message: u64,
}

impl Validate for Heartbeat<'_> {
    fn is_valid(&self) -> bool {
        self.pipeline_metrics.len() <= 10_000
            && self.pipeline_metrics.iter().all(|metrics| {
                within(&metrics.pipeline_name, 1, 256)
                    && metrics.connector_health.len() <= 1_000
                    && metrics.connector_health.iter().all(Health::is_valid)
            })
    }
}

impl Health<'_> {
    fn is_valid(&self) -> bool {
        within(&self.connector_name, 1, 256)
            && within(&self.connector_type, 1, 64)
            && self
                .last_error
                .as_ref()
                .is_none_or(|error| within(error, 0, 16_384))
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct InjectBatch<'a> {
    #[serde(borrow)]
    pipeline_id: Cow<'a, str>,
    #[serde(borrow)]
    events: Vec<Event<'a>>,
}

#[derive(Debug, Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    fields: Option<Value>,
}

impl Validate for InjectBatch<'_> {
    fn is_valid(&self) -> bool {
        is_token(&self.pipeline_id, 128)
            && self.events.len() <= 10_000
            && self.events.iter().all(Event::is_valid)
    }
}

impl Event<'_> {
    fn is_valid(&self) -> bool {
        let fields = self.fields.as_ref().map(|fields| fields.as_object());
        within(&self.event_type, 1, 256)
            && fields.is_none_or(|fields| fields.is_some_and(|fields| fields.len() <= 1_024))
    }
}
