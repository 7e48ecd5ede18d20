//! Settings of durable delivery.

use std::time::Duration;

/// The settings of durable delivery, after validation.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) stream: String,
    /// The subject of a stream that is created.
    pub(crate) stream_subject: String,
    /// The durable consumer; sources need it.
    pub(crate) consumer: Option<String>,
    /// The subject of a source, or of a sink.
    pub(crate) subject: String,
    /// Whether to create the stream and the consumer if they are missing.
    pub(crate) create: bool,
    /// The time after which the server delivers an unacknowledged message again.
    pub(crate) ack_wait: Duration,
    /// The maximum number of messages that are delivered and not acknowledged, or published and not stored.
    pub(crate) max_in_flight: usize,
    pub(crate) dead_letter_subject: Option<String>,
    /// Whether this source is the only reader of the consumer. It then keeps the order of the stream.
    pub(crate) single_reader: bool,
    /// The time limit of a publish, with all attempts.
    pub(crate) send_timeout: Duration,
}
